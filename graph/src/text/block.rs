//! A rectangle of text with a rail through it.

use std::fmt::Write as _;

use crate::Flow;
use crate::label::cells;

use super::pens::Pens;

/// A drawn part: lines of one width, with the rows where the rail comes in and goes out.
#[derive(Clone)]
pub(super) struct Block {
    pub(super) lines: Vec<String>,
    pub(super) width: usize,
    pub(super) row_in: usize,
    pub(super) row_out: usize,
    /// Whether the rail into it ends in an arrowhead.
    pub(super) arrow: bool,
    /// Whether its right edge is a rail already.
    pub(super) open: bool,
    pub(super) flow: Flow,
    pub(super) pieces: bool,
}

impl Block {
    /// A line of text.
    pub(super) fn text(text: String) -> Self {
        let width = cells(&text);
        let flow = Flow::Whole;
        Block { lines: vec![text], width, row_in: 0, row_out: 0, arrow: true, open: false, flow, pieces: false }
    }

    /// The rail into the next part, seen from this one.
    pub(super) fn rail_to(&self, next: &Block, label: &str, pens: &Pens) -> String {
        let flow = if self.pieces { next.flow } else { Flow::Whole };
        let mut rail = if self.open { String::new() } else { " ".to_owned() };
        rail.push_str(&lead(flow, label, next.arrow, pens));
        rail
    }

    /// Puts another to its right, the rails in line.
    pub(super) fn then(&self, next: &Block, label: &str, pens: &Pens) -> Block {
        let rail = self.rail_to(next, label, pens);
        let rail_width = cells(&rail);
        let above = self.row_out.max(next.row_in);
        let (self_top, next_top) = (above - self.row_out, above - next.row_in);
        let height = (self_top + self.lines.len()).max(next_top + next.lines.len());
        let mut lines = Vec::with_capacity(height);
        for row in 0..height {
            let mut line = line_of(self, row, self_top);
            if row == above {
                line.push_str(&rail);
            } else {
                line.push_str(&" ".repeat(rail_width));
            }
            line.push_str(&line_of(next, row, next_top));
            lines.push(line);
        }
        Block {
            lines,
            width: self.width + rail_width + next.width,
            row_in: self.row_in + self_top,
            row_out: next.row_out + next_top,
            open: next.open,
            pieces: next.pieces,
            ..*self
        }
    }

    /// Rows under one another, a rail from the end of each to the start of the next; after the last it goes on to the right
    /// edge where it has to go `through`.
    pub(super) fn stack(rows: Vec<(String, Block)>, through: bool, pens: &Pens) -> Option<Block> {
        let count = rows.len();
        let [upper_left, upper_right, lower_left, lower_right] = pens.corners;
        let mut whole: Option<Block> = None;
        for (at, (label, row)) in rows.into_iter().enumerate() {
            let (mut lines, before) = match &mut whole {
                None => (Vec::new(), None),
                Some(whole) => {
                    let flow = if whole.pieces { row.flow } else { Flow::Whole };
                    (std::mem::take(&mut whole.lines), Some(lead(flow, &label, row.arrow, pens)))
                }
            };
            let indent = before.as_ref().map_or(0, |lead| 1 + cells(lead));
            let (top, last) = (lines.len(), at + 1 == count);
            let turn = if row.open { row.width + 1 } else { row.width + 2 };
            for (here, line) in row.lines.iter().enumerate() {
                let mut text = match (&before, here.cmp(&row.row_in)) {
                    (None, _) => String::new(),
                    (_, std::cmp::Ordering::Less) => format!("{}{}", pens.down, " ".repeat(indent - 1)),
                    (Some(lead), std::cmp::Ordering::Equal) => format!("{lower_left}{lead}"),
                    (_, std::cmp::Ordering::Greater) => " ".repeat(indent),
                };
                text.push_str(line);
                if !last && here == row.row_out {
                    text.push_str(if row.open { "" } else { " " });
                    text.push_str(pens.line);
                    text.push_str(upper_right);
                } else if !last && here > row.row_out {
                    text.push_str(&" ".repeat(turn - row.width));
                    text.push_str(pens.down);
                }
                lines.push(text);
            }
            if !last {
                lines.push(format!("{upper_left}{}{lower_right}", pens.line.repeat(indent + turn - 1)));
            }
            let row_out = top + row.row_out;
            let first = whole.unwrap_or_else(|| row.bare());
            whole = Some(Block { lines, row_out, open: row.open, pieces: row.pieces, ..first });
        }
        let mut whole = whole?;
        whole.width = whole.lines.iter().map(|line| cells(line)).max().unwrap_or(0);
        for (row, line) in whole.lines.iter_mut().enumerate() {
            let missing = whole.width - cells(line);
            if through && row == whole.row_out && missing > 0 {
                line.push_str(if whole.open { pens.line } else { " " });
                line.push_str(&pens.line.repeat(missing - 1));
                whole.open = whole.open || missing > 1;
            } else {
                line.push_str(&" ".repeat(missing));
            }
        }
        Some(whole)
    }

    /// All about it but its lines.
    fn bare(&self) -> Block {
        Block { lines: Vec::new(), ..*self }
    }

    /// In a frame.
    pub(super) fn frame(self, caption: &str, pens: &Pens) -> Block {
        let inner = self.width.max(cells(caption));
        let [upper_left, upper_right, lower_left, lower_right] = pens.corners;
        let rest = inner - cells(caption);
        let mut lines = vec![format!("{upper_left} {caption} {}{upper_right}", pens.line.repeat(rest))];
        for (row, line) in self.lines.iter().enumerate() {
            let left = if row == self.row_in { pens.through[0] } else { pens.down };
            let right = if row == self.row_out { pens.through[1] } else { pens.down };
            let gap = inner - self.width;
            let (first, fill) = match (row == self.row_out, self.open) {
                (true, true) => (pens.line, pens.line),
                (true, false) if gap > 0 => (" ", pens.line),
                _ => (" ", " "),
            };
            let enter = if row == self.row_in && !self.arrow { pens.line } else { " " };
            lines.push(format!("{left}{enter}{line}{first}{}{right}", fill.repeat(gap)));
        }
        lines.push(format!("{lower_left}{}{lower_right}", pens.line.repeat(inner + 2)));
        Block {
            lines,
            width: inner + 4,
            row_in: self.row_in + 1,
            row_out: self.row_out + 1,
            arrow: false,
            open: true,
            ..self
        }
    }
}

fn line_of(block: &Block, row: usize, top: usize) -> String {
    match row.checked_sub(top).and_then(|row| block.lines.get(row)) {
        Some(line) => line.clone(),
        None => " ".repeat(block.width),
    }
}

/// A rail into a part.
pub(super) fn lead(flow: Flow, label: &str, arrow: bool, pens: &Pens) -> String {
    let line = if flow == Flow::Whole { pens.line } else { pens.pieces };
    let mut rail = line.to_owned();
    if !label.is_empty() {
        let _ = write!(rail, " {label} {line}");
    }
    if flow == Flow::Gathered {
        rail.push_str(pens.bar);
    }
    if arrow {
        rail.push_str(pens.arrow);
        rail.push(' ');
    } else if flow != Flow::Gathered {
        rail.push_str(line);
    }
    rail
}
