//! Switchboard: a terminal workbench for LLM connectors.
//!
//! This page is the map of the house.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod net;
pub mod provider;
pub mod runtime;
pub mod sandbox;
pub mod secrets;
pub mod store;
pub mod ui;
