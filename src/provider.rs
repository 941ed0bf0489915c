//! Speaking to a provider: shaping a body, sending it, reading what comes back.
pub mod errors;
pub mod estimate;
pub mod reply;
pub mod sse;
