//! Draws the model. Reads, never changes, never does I/O.
