//! What the screen knows and what follows from each thing that happens. Pure.
//!
//! [`update()`] takes the [`Model`] and one [`Msg`] and returns the [`Effect`]s that follow. Nothing here
//! awaits, spawns, draws, or reads a clock, a file or the environment: time comes in with
//! [`Msg::Tick`], everything else as the answer to an effect.

pub mod doctor;
pub mod edit;
pub mod effect;
pub mod events;
pub mod fences;
pub mod find;
pub mod flow;
pub mod list;
pub mod live;
pub mod model;
pub mod msg;
pub mod overlay;
pub mod question;
pub mod runs;
pub mod test;
mod update;
pub mod usage;
pub mod watch;

pub use effect::Effect;
pub use live::{Busy, Rates, busy, mouse, needs_tick, tokens_today};
pub use model::Model;
pub use msg::Msg;
pub use update::update;

#[cfg(test)]
mod tests;
