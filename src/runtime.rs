//! The event loop, the task pool, the effects and the terminal guard.
