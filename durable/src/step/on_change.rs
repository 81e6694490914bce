//! The reaction to another input.

/// The reaction to a step whose input differs from that of its record: the chain, or what it reads, has changed between two
/// invocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnChange {
    /// The step fails, with both hashes. Nothing is run twice by mistake.
    #[default]
    Fail,
    /// The step runs again, with the new input, and its new outcome is kept instead.
    Rerun,
}
