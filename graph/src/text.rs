//! As text for terminals.

mod block;
mod fan;
mod outline;
mod pens;
mod rails;

use crate::Diagram;
use crate::label::{cells, truncate};

/// Draws a chain with box-drawing characters, never wider than asked for.
///
/// A chain too long for a line goes on in the next; one that is too deep for the width is written as an outline instead.
/// On `─▶` a value goes in one, on `┄▶` in pieces, and at `┄┃▶` they are buffered.
///
/// ```
/// use catena_graph::{Diagram, Field, Kind, Text, Track};
///
/// let models = Track::parallel([
///     Field::new("gpt", Track::step("gpt_4o", Kind::Model).retry(3)),
///     Field::new("gemini", Track::step("flash", Kind::Model)).settled(),
/// ]);
/// let chain = Track::sequence([Track::step("ask", Kind::Prompt), models, Track::step("merge", Kind::Function)]);
/// let diagram = Diagram::new("compare", chain);
/// assert_eq!(
///     Text::new(80).draw(&diagram),
///     "\
/// ○ ─▶ ask ──┬─ gpt ─────▶ gpt_4o [retry ×3] ─┬─▶ merge ─▶ ◉
///            └─ gemini? ─▶ flash ─────────────┘
/// "
/// );
/// assert_eq!(
///     Text::new(22).ascii().draw(&diagram),
///     "\
/// compare
/// |- ask (prompt)
/// |- at once
/// |  |- gpt: gpt_4o (...
/// |  `- gemini?: flas...
/// `- merge (function)
/// "
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Text {
    width: usize,
    ascii: bool,
}

impl Text {
    /// In so many columns.
    pub fn new(columns: usize) -> Self {
        Text { width: columns, ascii: false }
    }

    /// With the rails in ASCII, for terminals that have nothing else. Names stay as they are.
    pub fn ascii(mut self) -> Self {
        self.ascii = true;
        self
    }

    /// Draws it.
    pub fn draw(&self, diagram: &Diagram) -> String {
        let pens = if self.ascii { &pens::ASCII } else { &pens::BOXES };
        let mut lines = rails::draw(diagram, pens, self.width);
        if lines.iter().any(|line| cells(line) > self.width) {
            lines = outline::draw(diagram, pens);
        }
        let mut text = String::new();
        for line in lines {
            let line = line.trim_end();
            text.push_str(&truncate(line, self.width, pens.more));
            text.push('\n');
        }
        text
    }
}
