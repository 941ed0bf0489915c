//! The event log: schema, single writer, queries.
