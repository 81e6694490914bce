//! Rails that part and meet again, in characters.

use std::fmt::Write as _;

use crate::Flow;
use crate::label::cells;

use super::block::Block;
use super::pens::Pens;

/// Rails that part and meet again.
pub(super) fn fan(pens: &Pens, head: &str, rows: Vec<(String, Block)>) -> Block {
    if rows.is_empty() {
        return Block { arrow: false, open: true, ..Block::text(pens.line.to_owned()) };
    }
    let label_width = rows.iter().map(|(label, _)| cells(label)).max().unwrap_or(0);
    let label_width = if label_width == 0 { 0 } else { label_width + 2 };
    let bar = usize::from(rows.iter().any(|(_, block)| block.flow == Flow::Gathered));
    let widest = rows.iter().map(|(_, block)| block.width).max().unwrap_or(0);
    let head = if head.is_empty() { String::new() } else { format!("{head} ") };
    let indent = " ".repeat(cells(&head));
    // Corner, rail, label, rail, arrowhead.
    let left_width = 1 + 1 + label_width + 1 + bar + 2;
    let height: usize = rows.iter().map(|(_, block)| block.lines.len()).sum();
    let last_block = rows.last().map_or(0, |(_, block)| block.lines.len());
    let last_in = height - last_block + rows.last().map_or(0, |(_, block)| block.row_in);
    let last_out = height - last_block + rows.last().map_or(0, |(_, block)| block.row_out);
    let (first_in, first_out) = rows.first().map_or((0, 0), |(_, block)| (block.row_in, block.row_out));
    let count = rows.len();
    let pieces = rows.iter().any(|(_, block)| block.pieces);
    let flow = rows.first().map_or(Flow::Whole, |(_, block)| block.flow);
    let corner = |of: &[&'static str; 3], at: usize| match at {
        _ if count == 1 => pens.line,
        0 => of[0],
        at if at + 1 == count => of[2],
        _ => of[1],
    };
    let mut lines = Vec::with_capacity(height);
    for (at, (label, block)) in rows.into_iter().enumerate() {
        let top = lines.len();
        for (row, text) in block.lines.iter().enumerate() {
            let here = top + row;
            let mut line = if here == first_in { head.clone() } else { indent.clone() };
            if row == block.row_in {
                line.push_str(corner(&pens.fork, at));
                let rail = if block.flow == Flow::Whole { pens.line } else { pens.pieces };
                line.push_str(rail);
                let mut used = 2;
                if !label.is_empty() {
                    let _ = write!(line, " {label} ");
                    used += cells(&label) + 2;
                }
                let tail = match (block.flow, block.arrow) {
                    (Flow::Gathered, true) => format!("{}{} ", pens.bar, pens.arrow),
                    (Flow::Gathered, false) => format!("{}{}", pens.bar, pens.line),
                    (_, true) => format!("{} ", pens.arrow),
                    (_, false) => rail.repeat(2),
                };
                line.push_str(&rail.repeat((left_width - used).saturating_sub(cells(&tail))));
                line.push_str(&tail);
            } else {
                line.push_str(if here > first_in && here < last_in { pens.down } else { " " });
                line.push_str(&" ".repeat(left_width - 1));
            }
            line.push_str(text);
            let pad = widest - block.width;
            if row == block.row_out {
                line.push_str(if block.open { pens.line } else { " " });
                let rail = if block.pieces { pens.pieces } else { pens.line };
                line.push_str(&rail.repeat(pad + 1));
                line.push_str(corner(&pens.join, at));
            } else {
                line.push_str(&" ".repeat(pad + 2));
                line.push_str(if here > first_out && here < last_out { pens.down } else { " " });
            }
            lines.push(line);
        }
    }
    Block {
        width: cells(&head) + left_width + widest + 3,
        lines,
        row_in: first_in,
        row_out: first_out,
        arrow: !head.is_empty(),
        open: true,
        flow,
        pieces,
    }
}
