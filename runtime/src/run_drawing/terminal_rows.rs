//! Runs as lines of a terminal, as a build tool has them.

use super::{
    format,
    status::{attempts, goes_without_saying},
    tree::Tree,
};
use crate::{Node, host::Instant, observe::event::Position, util::visible::is_hidden};
use catena_graph::Status;
use std::fmt::Write as _;

/// So many items of a map that run are shown.
const ITEMS: usize = 3;
/// Names longer than this are cut off.
const NAME: usize = 48;

/// A line.
pub(super) struct Row {
    pub(super) depth: usize,
    pub(super) status: Status,
    pub(super) name: String,
    pub(super) time: String,
    pub(super) more: String,
}

/// The runs in so many lines at most: what has ended is folded first, from within.
pub(super) fn rows(trees: &[Tree], now: Instant, most: usize) -> Vec<Row> {
    let mut deepest = 12;
    loop {
        let mut rows = Vec::new();
        for tree in trees {
            add(tree, None, 0, deepest, now, &mut rows);
        }
        if rows.len() <= most {
            return rows;
        }
        if deepest == 0 {
            // What runs comes last, and is what one wants to see.
            let hidden = rows.len() + 1 - most.max(1);
            let more = Row {
                depth: 0,
                status: Status::Skipped,
                name: format!("{hidden} more above"),
                time: String::new(),
                more: String::new(),
            };
            rows.splice(..hidden, [more]);
            return rows;
        }
        deepest -= 1;
    }
}

fn add(tree: &Tree, label: Option<&str>, depth: usize, deepest: usize, now: Instant, rows: &mut Vec<Row>) {
    let seen = &tree.seen;
    let label = match seen.run.place {
        Position::Field(name) => Some(name),
        _ => label,
    };
    let alone = tree.parts.len() == 1 && seen.runs() == 1;
    let transparent =
        matches!(seen.run.structure.0, Node::Retry { .. } | Node::Fallback(_) | Node::Race(_) | Node::Branch(_));
    if alone && transparent && (goes_without_saying(tree) || seen.status() == Status::Running) {
        return add(&tree.parts[0], label, depth, deepest, now, rows);
    }
    rows.push(row(tree, label, depth, now));
    let running = seen.status() == Status::Running;
    if matches!(seen.run.structure.0, Node::Map(_)) {
        let items = tree.parts.iter().filter(|part| part.seen.status() == Status::Running).take(ITEMS);
        for item in items {
            add(item, None, depth + 1, deepest, now, rows);
        }
        return;
    }
    if running || depth < deepest {
        for part in &tree.parts {
            add(part, None, depth + 1, deepest, now, rows);
        }
    }
}

/// The line of a run.
pub(super) fn row(tree: &Tree, label: Option<&str>, depth: usize, now: Instant) -> Row {
    let seen = &tree.seen;
    let own = match seen.run.place {
        Position::Field(name) => Some(name),
        _ => None,
    };
    let mut name = label.or(own).map(|label| format!("{label}: ")).unwrap_or_default();
    name.push_str(seen.run.name());
    let mut more = Vec::new();
    if seen.runs() > 1 {
        more.push(format::times(seen));
    }
    if let Node::Map(_) = seen.run.structure.0 {
        let (done, failed) = tree
            .parts
            .iter()
            .fold((0, 0), |(done, failed), part| (done + part.seen.ended.all(), failed + part.seen.ended.failed));
        let of = seen.items.map(|items| format!(" of {}", format::count(items))).unwrap_or_default();
        more.push(format!("{}{of} done", format::count(done)));
        if failed > 0 {
            more.push(format!("{} failed", format::count(failed)));
        }
    }
    if let (Node::Retry { .. }, 2..) = (seen.run.structure.0, attempts(tree)) {
        more.push(format!("{} attempts", attempts(tree)));
    }
    if let Position::Attempt(number @ 2..) = seen.run.place {
        more.push(format!("attempt {number}"));
    }
    if seen.chunks > 1 {
        more.push(format!("{} chunks", format::count(seen.chunks)));
    }
    if !seen.tokens.is_none() {
        more.push(format::tokens(seen.tokens));
    }
    more.extend(seen.cost.map(format::dollars));
    let said = |error: &super::run_stats::Failure| {
        tree.parts.iter().filter_map(|part| part.seen.error.as_ref()).any(|inner| inner.message == error.message)
    };
    more.extend(seen.error.iter().filter(|error| !said(error)).map(|error| error.whole.clone()));
    let time = format::time(seen.took(now));
    Row { depth, status: seen.status(), name: plain(&name), time, more: plain(&more.join(" · ")) }
}

/// Lines one under the other, times in a column; `mark` makes the sign in front, and `paint` colours a part of the line.
pub(super) fn lines(
    rows: &[Row],
    width: usize,
    mark: impl Fn(Status) -> char,
    paint: impl Fn(Status, &str) -> String,
) -> String {
    let wide = |row: &Row| console::measure_text_width(&row.name).min(NAME) + 2 * row.depth;
    let column = rows.iter().map(wide).max().unwrap_or(0);
    let times = rows.iter().map(|row| console::measure_text_width(&row.time)).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let name = console::truncate_str(&row.name, NAME, "…");
        let sign = paint(row.status, &mark(row.status).to_string());
        let room = column - 2 * row.depth;
        let name = console::pad_str(&name, room, console::Alignment::Left, None);
        let time = console::pad_str(&row.time, times, console::Alignment::Right, None);
        let mut line = format!("{:indent$}{sign} {name}  {time}", "", indent = 2 * row.depth);
        if !row.more.is_empty() {
            let _ = write!(line, "  {}", paint(Status::Skipped, &row.more));
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(console::truncate_str(line.trim_end(), width, "…").trim_end());
    }
    text
}

/// On one line, and without anything that a terminal would obey.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_hidden(*c)).collect()
}
