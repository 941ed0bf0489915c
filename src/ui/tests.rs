//! Every screen, drawn.
