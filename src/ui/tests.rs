//! Every screen, drawn at the sizes people have, and at those nobody has.

mod around;
mod columns;
mod connectors;
mod doctor;
mod dump;
mod edit;
mod events;
mod fixtures;
mod frames;
mod highlight;
mod laws;
mod ledger;
mod over;
mod reading;
mod screens;
mod test;
mod themes;
mod usage;
mod watch;
