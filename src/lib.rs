//! Switchboard: a terminal workbench for LLM connectors. This page is the map of the house.
//!
//! # Rooms
//!
//! | room | owns | must not |
//! |---|---|---|
//! | [`domain`] | values and rules: connector, draft, endpoint, secret reference, limits, run, usage, failure | know a framework, a file, a clock, the network |
//! | [`config`] | the TOML file and its layers, strict reading, edits that keep comments, keymap, theme | know how a request is sent or a screen drawn |
//! | [`secrets`] | resolving references at request time | keep or print what it resolved |
//! | [`net`] | HTTP clients from a policy, the trace of a connection, what a failed one means | know what is sent |
//! | [`store`] | the event log: schema, the single writer, queries | hold the text of a body or a reply |
//! | [`telemetry`] | runs told to a collector over OTLP | make a run wait, or hold the text of a body or a reply |
//! | [`provider`] | shaping a body, sending it, reading what comes back, the error taxonomy, times | know who asked |
//! | [`sandbox`] | the loopback provider | be used by anything but commands and tests |
//! | [`app`] | the screen's model and what follows from each message: pure | await, spawn, read a clock, a file or the environment |
//! | [`ui`] | drawing the model | change it, or do I/O |
//! | [`runtime`] | the event loop, the task pool, effects, the terminal guard | decide anything the model could decide |
//! | [`cli`] | one file a subcommand, text and JSON out | do what a room below does already |
//!
//! Dependencies point down: `domain` ← `config`, `secrets`, `store`, `net` ← `provider`, `telemetry` ← `app` ← `ui` ←
//! `runtime`; `cli` stands beside `runtime`. A test reads the sources and holds this.
//!
//! # The way of data
//!
//! ```text
//! keys, ticks, task results → app::Msg → app::update(&mut Model, Msg) → Vec<Effect> → runtime → provider, store, config → Msg
//!                                             Model → ui::view → frame, and facts about it back into the model
//! ```
//!
//! A run is one call of [`provider::execute`], whoever asks: the screen's pool or `switchboard test`. It tells
//! what happens as [`domain::RunEvent`]s and ends exactly once. Dropping it closes the socket.
//!
//! # Where a line belongs
//!
//! * A rule about a connector's field: `domain::draft::rules`. How a URL is read: [`domain::endpoint`].
//! * A quirk of a server's reply: `provider::reply`. A quirk of its errors: `provider::errors`.
//! * What a model costs: `domain::price`, its list in `domain::price::table`. A day, a week, a range: [`domain::calendar`].
//! * A fact of a run that is kept: [`domain::record`], then `store::row`; a sum over runs: `store::sums`; a question to the
//!   log: [`domain::question`], answered in `store::reader`.
//! * What a run is called by OpenTelemetry: `telemetry::names`.
//! * What a team's database does differently from the file: `store::team`; what both do, above it.
//! * What a key does: the table in `config::keymap`, then `app::update`; hints and help follow by themselves.
//! * What a screen looks like: `ui`, one file a panel. A colour: [`config::theme`].
//! * A new subcommand: a file in `cli` and a line in its table.

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
pub mod telemetry;
pub mod ui;
