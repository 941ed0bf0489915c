//! Every screen, drawn at the sizes people have, and at those nobody has.

mod dump;
mod fixtures;
mod laws;
mod reading;
mod screens;
mod themes;
