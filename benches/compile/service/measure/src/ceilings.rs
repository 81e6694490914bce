//! What Catena's service may cost at most.

/// The lines of LLVM IR. The compiler's back end takes most of a debug build, and its time grows with these lines.
pub(crate) const IR_LINES: f64 = 250_000.0;

/// The processor time of a clean debug build, in times of the same by hand.
pub(crate) const CLEAN_BUILD: f64 = 1.5;

/// The processor time of a debug build after a line with a comment came in above a chain, in times of the same by hand. This is
/// what a user waits for most often.
pub(crate) const AFTER_A_COMMENT: f64 = 1.5;

/// A ceiling for a row of the table.
#[derive(Clone, Copy)]
pub(crate) enum Ceiling {
    /// So many times the same by hand.
    Ratio(f64),
    /// So many.
    Count(f64),
}

impl Ceiling {
    /// Whether Catena's figure is not above it. One that is no number fails.
    pub(crate) fn holds(self, [by_hand, catena]: [f64; 2]) -> bool {
        match self {
            Ceiling::Ratio(ratio) => catena <= by_hand * ratio,
            Ceiling::Count(count) => catena <= count,
        }
    }
}
