//! What keys do in the watch screen.

/// What works in the watch screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Watch {
    /// Probe every connector now.
    Probe,
    /// Read what the last probe of the selected connector found, stage by stage.
    Report,
    /// Examine the selected connector in full.
    Doctor,
    /// Open the test pane of the selected connector.
    Test,
    /// The next interval.
    Every,
    /// Whether probes make calls, which have a price.
    Calls,
    /// Stop probing, or go on.
    Pause,
    /// Copy the last report of the selected connector.
    Copy,
}
