//! The loopback provider: practice, demo and tests with no key and no network.
