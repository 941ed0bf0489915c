//! What keys do in the doctor's pane.

/// What works in the doctor's pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doctor {
    /// Examine again.
    Run,
    /// Stop the examination.
    Cancel,
    /// Read the whole report.
    Read,
    /// Copy the report as plain text.
    Copy,
    /// Open the test pane.
    Test,
}
