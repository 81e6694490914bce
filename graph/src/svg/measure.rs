//! Sizes, in pixels: what is drawn by them and what is kept free for text, whose font is the reader's.

use crate::label::cells;

/// The radius of a rail's curves.
pub(super) const CURVE: i32 = 10;
/// The shortest rail between two boxes, arrowhead included.
pub(super) const RAIL: i32 = 30;
/// What a rail needs more where a stream stops.
pub(super) const BAR: i32 = 10;
/// Between the rows of a fan.
pub(super) const ROW_GAP: i32 = 14;
/// Between a row and the rail that leads back to the start of the next.
pub(super) const RETURN_GAP: i32 = 18;
/// The height of a label on a rail.
pub(super) const LABEL: i32 = 20;

/// Fonts, by what is written in them: the most that a cell takes, in tenths of a pixel.
#[derive(Clone, Copy)]
pub(super) enum Font {
    /// Names of steps: monospaced, 13 px.
    Name,
    /// Fields, patterns, types at the ends: monospaced, 11.5 px.
    Code,
    /// Types on rails: monospaced, 10.5 px.
    Type,
    /// Captions: sans serif, 11 px.
    Caption,
}

impl Font {
    const fn cell(self) -> i32 {
        match self {
            Font::Name => 79,
            Font::Code => 70,
            Font::Type => 64,
            Font::Caption => 60,
        }
    }
}

/// The width to keep free for a text.
pub(super) fn width(text: &str, font: Font) -> i32 {
    i32::try_from(cells(text)).unwrap_or(i32::MAX / 1000).saturating_mul(font.cell()) / 10 + 1
}

/// How many cells there is room for.
pub(super) fn cells_in(width: i32, font: Font) -> usize {
    usize::try_from(width.saturating_mul(10) / font.cell()).unwrap_or(0)
}

/// The next even number: what is centred then lies on whole pixels.
pub(super) fn even(number: i32) -> i32 {
    number + number % 2
}
