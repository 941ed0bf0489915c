//! Colours by what they mean, and borders. The only place that names a colour.

/// Colours and borders of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Theme {}
