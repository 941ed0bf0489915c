//! Every screen, drawn at the sizes people have, and at those nobody has.

mod columns;
mod doctor;
mod dump;
mod events;
mod fixtures;
mod highlight;
mod laws;
mod ledger;
mod reading;
mod screens;
mod themes;
mod watch;
