//! The product as its users meet it: the real binary, real sockets, real terminals, real servers.

// All of it is test code; said once here, so that the lints know.
#![cfg(test)]

mod bad_input;
mod behaviours;
mod canary;
mod commands;
mod editor;
mod emulator;
mod engine;
mod file;
mod house;
mod ledger;
mod prices;
mod pty;
mod readme;
mod support;
mod tls;
