//! What keys do in the events screen.

/// What works in the events screen, and in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Events {
    /// Read the selected run.
    Open,
    /// Type a filter.
    Filter,
    /// Clear the filter; without one, go back.
    Clear,
    /// Keep the newest in view, or stop that.
    Follow,
    /// Copy the run as text.
    Copy,
    /// Open the test pane of its connector.
    Test,
    /// Read the next run: an older one.
    Next,
    /// Read the previous run: a newer one.
    Previous,
}
