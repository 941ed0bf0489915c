//! Speaking to a provider: shaping a body, sending it, reading what comes back.
//!
//! Owns the one path of every request: [`execute`] is what the screen, a command and the sandbox's tests run, and
//! [`preview()`] shows its request from the same functions. It must not know the screen, the event log or the file: it is
//! handed a [`Call`] and tells what happens as [`crate::domain::RunEvent`]s.
//!
//! The way of a run: `prepare` (URL, `shape`, `headers`, secrets, tokens of `entra`) → `attempt` (one request, its limits and redirects)
//! → `read` (bytes to events: `sse`, `reply`) → `progress` (times and the end). `send` holds them together and retries.

pub mod errors;
pub mod estimate;
pub mod reply;
pub mod sse;

mod attempt;
mod call;
mod entra;
mod headers;
mod listing;
mod network;
mod prepare;
mod preview;
mod progress;
mod prompt;
mod read;
mod record;
mod retry;
mod send;
mod shape;
#[cfg(test)]
mod testing;
mod way;

pub use call::{Call, Memory, Mode, Services};
pub use listing::{Listing, list_models, models_url};
pub use network::policy_secrets;
pub use preview::{Preview, preview};
pub use prompt::{body_for_check, body_for_prompt, prefilled_body};
pub use record::{caller, record};
pub use send::execute;
pub use shape::{BodyProblem, Shaped, UsageAsk, check_body, shape};
pub use way::way;
