//! Steps one after another: from left to right, in as many rows as the width asks for.

use crate::{Flow, Track};

use super::layout::{LONGEST_TYPE, Layout};
use super::measure::{BAR, CURVE, Font, RAIL, RETURN_GAP, width};
use super::pen::Pen;
use super::scene::{Cut, Laid, out};

/// Where a row that is not the first begins: after the curve of the rail that leads back.
const INDENT: i32 = 2 * CURVE + 18;

/// A sequence is not asked to be narrower.
const NARROWEST: i32 = 190;

/// A laid part of a sequence, with the rail before it.
pub(super) struct Car {
    pub(super) laid: Laid,
    /// How long the rail before it is.
    pub(super) gap: i32,
    /// The name of the type on that rail.
    pub(super) label: Cut,
}

impl Layout {
    pub(super) fn sequence(&mut self, tracks: &[Track], id: &str, room: i32, pieces: bool) -> Laid {
        // More rows save no width where a single box hardly fits.
        let room = room.max(NARROWEST);
        let inner = if tracks.len() > 1 { room - INDENT - 2 * CURVE } else { room };
        let mut cars: Vec<Car> = Vec::with_capacity(tracks.len());
        let (mut pieces, mut label) = (pieces, Cut::default());
        for (at, track) in tracks.iter().enumerate() {
            let laid = self.track(track, &format!("{id}.{at}"), inner, pieces);
            pieces = laid.pieces;
            cars.push(Car { gap: gap(&label.text, laid.flow), laid, label });
            label = track.output.as_deref().map(|name| Cut::new(name, LONGEST_TYPE)).unwrap_or_default();
        }
        train(cars, room, true)
    }
}

/// The length of a rail with a label that leads into a part.
pub(super) fn gap(label: &str, flow: Flow) -> i32 {
    let bar = if flow == Flow::Gathered { BAR } else { 0 };
    if label.is_empty() { RAIL + bar } else { (width(label, Font::Type) + 22).max(RAIL) + bar }
}

/// Parts one after another; the rail goes on to the right edge where it has to go `through`.
pub(super) fn train(cars: Vec<Car>, room: i32, through: bool) -> Laid {
    if cars.is_empty() {
        let mut laid = Laid::new(RAIL, 2);
        laid.straight(0, 1, RAIL, Flow::Whole, false);
        return laid;
    }
    let starts = rows(&cars, room);
    let flow = cars.first().map_or(Flow::Whole, |car| car.laid.flow);
    let arrow = cars.first().is_some_and(|car| car.laid.arrow);
    let mut whole = Laid { flow, arrow, ..Laid::new(0, 0) };
    let mut cars = cars.into_iter();
    let mut left: Option<(i32, i32, bool)> = None;
    for (row, &start) in starts.iter().enumerate() {
        let end = starts.get(row + 1).copied().unwrap_or(usize::MAX);
        let row: Vec<Car> = cars.by_ref().take(end - start).collect();
        let label = row.first().map(|car| car.label.clone()).unwrap_or_default();
        let (row_flow, row_arrow) = row.first().map_or((Flow::Whole, false), |car| (car.laid.flow, car.laid.arrow));
        let line = one_row(row);
        let Some((from_x, from_y, pieces)) = left else {
            left = Some((line.w, line.y_out, line.pieces));
            whole.y_in = line.y_in;
            (whole.w, whole.h) = (line.w, line.h);
            whole.place(line.items, 0, 0);
            continue;
        };
        // Back to the left, under the row before and over this one.
        let label_height = if label.text.is_empty() { 0 } else { 8 };
        let back = whole.h + RETURN_GAP + label_height;
        let top = back + RETURN_GAP;
        let y = top + line.y_in;
        let pen = Pen::default()
            .h(8)
            .turn_h(CURVE, CURVE)
            .v(back - from_y - 2 * CURVE)
            .turn_v(-CURVE, CURVE)
            .h(-(from_x + 8 - CURVE))
            .turn_h(-CURVE, CURVE)
            .v(y - back - 2 * CURVE)
            .turn_v(CURVE, CURVE);
        let flow = if pieces { row_flow } else { Flow::Whole };
        whole.rail(from_x, from_y, out(flow != Flow::Whole), pen);
        whole.head(from_x / 2, back, out(pieces), "l8-4.5v9z");
        whole.cut("t m", from_x / 2 + 4, back - 8, label);
        whole.straight(CURVE, y, INDENT, row_flow, row_arrow);
        left = Some((INDENT + line.w, top + line.y_out, line.pieces));
        (whole.w, whole.h) = (whole.w.max(from_x + 8 + CURVE).max(INDENT + line.w), top + line.h);
        whole.place(line.items, INDENT, top);
    }
    if let Some((x, y, pieces)) = left {
        if through {
            whole.straight(x, y, whole.w, out(pieces), false);
        }
        (whole.y_out, whole.pieces) = (y, pieces);
    }
    whole
}

/// Where rows start: as few as fit, and as even as so few can be.
fn rows(cars: &[Car], room: i32) -> Vec<usize> {
    let first = cars.first();
    let break_at = |room: i32| {
        let (mut starts, mut x) = (vec![0], 0);
        for (at, car) in cars.iter().enumerate() {
            let width = if at == 0 { car.laid.w } else { car.gap + car.laid.w };
            // A ring at an end never stands alone in a row.
            let ring = (at == 1 && first.is_some_and(|first| first.laid.w <= 14))
                || (at + 1 == cars.len() && car.laid.w <= 14);
            // Where it does not fit in a row of its own either, a row more has to save something.
            let anyway = INDENT + car.laid.w + 2 * CURVE > room && (x + car.gap - INDENT) * 4 < car.laid.w;
            if at > 0 && !ring && !anyway && x + width + 2 * CURVE > room {
                starts.push(at);
                x = INDENT + car.laid.w;
            } else {
                x += width;
            }
        }
        starts
    };
    let in_one: i32 =
        cars.iter().skip(1).map(|car| car.gap).sum::<i32>() + cars.iter().map(|car| car.laid.w).sum::<i32>();
    if in_one <= room {
        return vec![0];
    }
    let mut best = break_at(room);
    for tighter in (1..24).map(|step| room - step * room / 32) {
        let rows = break_at(tighter);
        if rows.len() > best.len() {
            break;
        }
        best = rows;
    }
    best
}

/// Parts in a row, their rails in line.
fn one_row(cars: Vec<Car>) -> Laid {
    let mut line = Laid::new(0, 0);
    let (mut y, mut above, mut below) = (0, 0, 0);
    let mut places = Vec::with_capacity(cars.len());
    for car in &cars {
        places.push(y - car.laid.y_in);
        above = above.max(car.laid.y_in - y);
        y += car.laid.y_out - car.laid.y_in;
        below = below.max(places.last().map_or(0, |top| top + car.laid.h));
    }
    let (mut x, mut last) = (0, None);
    for (car, place) in cars.into_iter().zip(places) {
        let top = above + place;
        if let Some(pieces) = last {
            let y = top + car.laid.y_in;
            let flow = if pieces { car.laid.flow } else { Flow::Whole };
            line.straight(x, y, x + car.gap, flow, car.laid.arrow);
            let bar = if flow == Flow::Gathered { BAR } else { 0 };
            line.cut("t m", x + (car.gap - bar - 4) / 2, y - 7, car.label);
            x += car.gap;
        } else {
            line.y_in = top + car.laid.y_in;
        }
        (line.y_out, line.pieces) = (top + car.laid.y_out, car.laid.pieces);
        last = Some(car.laid.pieces);
        line.place(car.laid.items, x, top);
        x += car.laid.w;
    }
    (line.w, line.h) = (x, above + below);
    line
}
