//! The product as its users meet it: the real binary, real sockets, real terminals, real servers.

mod behaviours;
mod canary;
mod commands;
mod engine;
mod file;
mod house;
mod readme;
mod support;
