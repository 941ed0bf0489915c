//! The product as its users meet it: the real binary, real sockets, real terminals, real servers.

// All of it is test code; said once here, so that the lints know.
#![cfg(test)]

mod bad_input;
mod behaviours;
mod canary;
#[path = "../../src/store/tests/cluster.rs"]
mod cluster;
mod commands;
mod editor;
mod engine;
mod file;
mod house;
mod kill;
mod ledger;
mod network;
mod plain;
mod prices;
mod pty;
mod readme;
mod support;
mod team;
mod telemetry;
mod tls;
