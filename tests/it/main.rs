//! The product as its users meet it: the real binary, real sockets, real terminals, real servers.

// All of it is test code; said once here, so that the lints know.
#![cfg(test)]

mod bad_input;
mod behaviours;
mod canary;
mod commands;
mod doctor;
mod editor;
mod engine;
mod file;
mod house;
mod ledger;
mod network;
mod prices;
mod pty;
mod readme;
mod support;
