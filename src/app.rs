//! What the screen knows and what follows from each thing that happens. Pure.
