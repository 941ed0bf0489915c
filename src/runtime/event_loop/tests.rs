//! The whole loop, with a keyboard that types what a test says, a screen that can be read, and a provider
//! that says what it is told to.

use super::*;

mod ends;
mod files;
mod real;
mod runs;
mod stage;

use stage::{CONFIG, Log, Setup, Stage, play, play_for_real, play_with};
