//! Rails that part and meet again: maps, branches, fallbacks, races.

use crate::{Arm, Field, Flow, Track};

use super::layout::Layout;
use super::measure::{BAR, CURVE, Font, LABEL, RAIL, ROW_GAP, even, width};
use super::scene::{Cut, Laid, Layer, What, out};
use super::tag::{self, Form};
use super::trunk::Trunk;

/// Taller fans are entered at their first row, where their start is seen.
const TALL: i32 = 420;

/// Labels stand above parts that have less room than this beside them.
const NARROW: i32 = 170;
/// Between a label and the part under it.
const UNDER: i32 = 5;

/// What stands where the rail parts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fork {
    /// A dot: all at once.
    Dot,
    /// A diamond: one of them.
    Diamond,
    /// Nothing: the first, and what stands in for it.
    Else,
}

struct Row {
    label: Option<(Form, Cut)>,
    laid: Laid,
    /// The rail to it is one of several possible ways.
    aside: bool,
    dim: bool,
}

impl Layout {
    pub(super) fn parallel(&mut self, fields: &[Field], ids: &[String], room: i32, pieces: bool) -> Laid {
        let labels: Vec<Cut> = fields.iter().map(|field| Cut::new(&field.label(), longest(room))).collect();
        let (inner, above) = inner(room, around(labels.iter(), 17));
        let mut ids = ids.iter();
        let rows = fields.iter().zip(labels).map(|(field, label)| match field {
            Field::Filled { settled, track, .. } => {
                let id = ids.next().map(String::as_str).unwrap_or_default();
                let form = if *settled { Form::Settled } else { Form::Field };
                let laid = self.track(track, id, inner, pieces);
                Row { label: Some((form, label)), dim: skipped(track), laid, aside: false }
            }
            Field::Kept => Row { label: Some((Form::Field, label)), laid: kept(), aside: false, dim: false },
        });
        let rows = rows.collect();
        fan(rows, Fork::Dot, if pieces { Flow::Pieces } else { Flow::Whole }, above)
    }

    pub(super) fn branch(&mut self, arms: &[Arm], id: &str, room: i32) -> Laid {
        let labels: Vec<Cut> = arms.iter().map(|arm| Cut::new(&arm.pattern, longest(room))).collect();
        let (inner, above) = inner(room, around(labels.iter(), 42));
        let rows = arms.iter().zip(labels).enumerate().map(|(at, (arm, label))| Row {
            label: (!label.text.is_empty()).then_some((Form::Pattern, label)),
            laid: self.track(&arm.track, &format!("{id}.{at}"), inner, false),
            aside: false,
            dim: skipped(&arm.track),
        });
        let rows = rows.collect();
        fan(rows, Fork::Diamond, Flow::Whole, above)
    }

    pub(super) fn fallback(&mut self, tracks: &[Track], id: &str, room: i32) -> Laid {
        let inner = room - 4 * CURVE - 70;
        let rows = tracks.iter().enumerate().map(|(at, track)| Row {
            label: (at > 0).then(|| (Form::Words, Cut { text: "else".to_owned(), tip: None })),
            laid: self.track(track, &format!("{id}.{at}"), inner, false),
            aside: at > 0,
            dim: skipped(track),
        });
        let rows = rows.collect();
        fan(rows, Fork::Else, Flow::Whole, false)
    }

    pub(super) fn race(&mut self, tracks: &[Track], id: &str, room: i32) -> Laid {
        let rows = tracks.iter().enumerate().map(|(at, track)| Row {
            label: None,
            laid: self.track(track, &format!("{id}.{at}"), room - 4 * CURVE - RAIL - 20, false),
            aside: false,
            dim: skipped(track),
        });
        let rows = rows.collect();
        fan(rows, Fork::Dot, Flow::Whole, false)
    }
}

/// Longer labels are cut off: patterns may be long where there is room for them.
fn longest(room: i32) -> usize {
    usize::try_from(room / 18).unwrap_or(0).clamp(18, 44)
}

fn skipped(track: &Track) -> bool {
    track.outcome.as_ref().is_some_and(|outcome| outcome.status == crate::Status::Skipped)
}

/// What is around the parts of a fan with labels.
fn around<'a>(labels: impl Iterator<Item = &'a Cut>, more: i32) -> i32 {
    4 * CURVE + RAIL + 20 + more + labels.map(|label| width(&label.text, Font::Code)).max().unwrap_or(0)
}

/// The room for the parts of a fan, and whether their labels have to stand above them.
fn inner(room: i32, around: i32) -> (i32, bool) {
    let beside = room - around;
    if beside < NARROW { (room - 4 * CURVE - RAIL - 20, true) } else { (beside, false) }
}

/// The fields already there.
fn kept() -> Laid {
    let mut laid = Laid::new(even(width("fields already there", Font::Caption)) + 8, LABEL);
    laid.text("c", 4, LABEL / 2 + 4, "fields already there");
    laid
}

fn fan(rows: Vec<Row>, fork: Fork, flow: Flow, above: bool) -> Laid {
    if rows.is_empty() {
        let mut laid = Laid::new(RAIL, 2);
        laid.straight(0, 1, RAIL, Flow::Whole, false);
        return laid;
    }
    let start = match fork {
        Fork::Diamond => 18,
        Fork::Dot => 4,
        Fork::Else => 0,
    };
    let labels_at = start + 2 * CURVE + 4;
    let widest_label = rows
        .iter()
        .filter_map(|row| row.label.as_ref())
        .map(|(form, text)| tag::width_of(*form, &text.text))
        .max()
        .unwrap_or(0);
    let label_width = if above { 0 } else { widest_label };
    let bar = if rows.iter().any(|row| row.laid.flow == Flow::Gathered) { BAR } else { 0 };
    let inner = labels_at + label_width + 22 + bar;
    let widest = rows.iter().map(|row| row.laid.w).max().unwrap_or(0);
    let widest = if above { widest.max(widest_label) } else { widest };
    let join = inner + widest + 12;
    let end = join + 2 * CURVE + if fork == Fork::Dot { 4 } else { 0 };

    // The rows, from top to bottom.
    let mut tops = Vec::with_capacity(rows.len());
    let mut y = 0;
    for row in &rows {
        let label_top = if row.label.is_some() { (LABEL / 2 - row.laid.y_in).max(0) } else { 0 };
        if above && row.label.is_some() {
            tops.push(y + LABEL + UNDER);
            y += LABEL + UNDER + row.laid.h + ROW_GAP;
            continue;
        }
        let label_end = row.laid.y_in + LABEL / 2;
        tops.push(y + label_top);
        y += label_top + row.laid.h.max(label_end) + ROW_GAP;
    }
    let height = y - ROW_GAP;
    let ways: Vec<(i32, i32)> =
        rows.iter().zip(&tops).map(|(row, top)| (top + row.laid.y_in, top + row.laid.y_out)).collect();
    let pieces = if fork == Fork::Dot {
        rows.iter().any(|row| row.laid.pieces)
    } else {
        rows.first().is_some_and(|row| row.laid.pieces)
    };
    let first_only = fork == Fork::Else || height > TALL;
    let mut laid = Laid { flow, pieces, ..Laid::new(end, height) };
    laid.y_in = middle(ways.iter().map(|way| way.0), first_only);
    laid.y_out = middle(ways.iter().map(|way| way.1), first_only);

    // Ways not taken are drawn first, so that those taken lie over them.
    let mut order: Vec<(Row, i32, (i32, i32))> =
        rows.into_iter().zip(tops).zip(ways).map(|((row, top), way)| (row, top, way)).collect();
    order.sort_by_key(|(row, ..)| !row.dim);
    let mut entries = Trunk::new(order.iter().map(|(row, _, way)| (way.0 - laid.y_in, (row.dim, row.aside))));
    let mut exits = Trunk::new(order.iter().map(|(row, _, way)| (way.1 - laid.y_out, (row.dim, row.laid.pieces))));
    for (row, top, (row_in, row_out)) in order {
        let mut line = Laid::new(0, 0);
        let from = labels_at - 4 + if above || row.label.is_some() { 0 } else { label_width + 4 };
        let (enter_x, enter_y, enter) = entries.rail(row_in - laid.y_in, (row.dim, row.aside), 1);
        let enter = enter.h(from + 4 - start - 2 * CURVE);
        let from_end = if fork == Fork::Dot { end - 4 } else { end };
        let (exit_x, exit_y, exit) = exits.rail(row_out - laid.y_out, (row.dim, row.laid.pieces), -1);
        if row.aside {
            line.add(Layer::Rail, start + enter_x, laid.y_in + enter_y, What::Path { class: "e", d: enter.done() });
        } else {
            line.rail(start + enter_x, laid.y_in + enter_y, flow, enter);
        }
        line.rail(from_end + exit_x, laid.y_out + exit_y, out(row.laid.pieces), exit);
        let mut x = from + 4;
        if let Some((form, text)) = row.label {
            if above {
                tag::put(&mut line, form, text, inner, top - UNDER - LABEL / 2);
            } else {
                x += tag::put(&mut line, form, text, x, row_in);
            }
        }
        line.straight(x, row_in, inner, row.laid.flow, row.laid.arrow);
        line.straight(inner + row.laid.w, row_out, join, out(row.laid.pieces), false);
        line.place(row.laid.items, inner, top);
        if row.dim {
            line = line.dim();
        }
        laid.place(line.items, 0, 0);
    }
    match fork {
        Fork::Dot => {
            laid.add(Layer::Mark, 3, laid.y_in, What::Circle { class: "d", r: 4 });
            laid.add(Layer::Mark, end - 3, laid.y_out, What::Circle { class: "d", r: 4 });
        }
        Fork::Diamond => laid.add(Layer::Rail, 1, laid.y_in, What::Path { class: "w", d: "l9-9l9 9l-9 9z".to_owned() }),
        Fork::Else => {}
    }
    laid
}

/// Where the rail comes in: in line with a row where one is near.
fn middle(ways: impl Iterator<Item = i32> + Clone, first: bool) -> i32 {
    let (from, to) = (ways.clone().min().unwrap_or(0), ways.clone().max().unwrap_or(0));
    if first {
        return ways.clone().next().unwrap_or(from);
    }
    let middle = i32::midpoint(from, to);
    ways.min_by_key(|way| (way - middle).abs()).filter(|way| (way - middle).abs() <= 12).unwrap_or(middle)
}
