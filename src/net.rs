//! HTTP clients built from a policy, and the trace of how a connection came about.
