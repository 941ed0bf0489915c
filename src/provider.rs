//! Speaking to a provider: shaping a body, sending it, reading what comes back.
