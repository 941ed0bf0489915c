//! Telemetry against collectors that answer, refuse, stall or are not there.

mod delivery;
pub(super) mod naming;
