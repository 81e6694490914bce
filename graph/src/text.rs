//! Text for terminals.

mod block;
mod fan;
mod outline;
mod pens;
mod rails;

use crate::Diagram;
use crate::label::{cells, truncate};

/// A renderer of text with box-drawing characters, within a width.
///
/// A chain that is too long for a line continues in the next one. A chain that is too deep for the width is an outline. A value on
/// `─▶` is whole, on `┄▶` it is streamed, and at `┄┃▶` it is buffered.
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
    /// Creates a renderer with this many columns.
    pub fn new(columns: usize) -> Self {
        Text { width: columns, ascii: false }
    }

    /// Sets ASCII characters for the rails, for terminals without others. Names are not changed.
    pub fn ascii(mut self) -> Self {
        self.ascii = true;
        self
    }

    /// Draws a diagram.
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
