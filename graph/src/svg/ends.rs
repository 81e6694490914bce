//! The ends of the railroad, and what explains its rails.

use crate::{Diagram, Flow, Shape, Track};

use super::around::outcome;
use super::layout::{LONGEST_TYPE, Layout, flows};
use super::measure::{Font, even, width};
use super::scene::{Cut, Laid, Layer, What, out};
use super::sequence::{Car, gap, train};

/// The height of an end with a type.
const PILL: i32 = 26;

/// The whole picture.
pub(super) fn whole(diagram: &Diagram, prefix: &str, room: i32) -> Laid {
    let mut layout = Layout { prefix: prefix.to_owned() };
    let chain = &diagram.root;
    let mut cars = vec![Car { gap: 0, laid: end(diagram.input.as_deref(), false), label: Cut::default() }];
    let (mut pieces, mut label) = (false, Cut::default());
    let mut couple = |track: &Track, id: &str, last: bool| {
        let laid = layout.track(track, id, room - 60, pieces);
        pieces = laid.pieces;
        cars.push(Car { gap: gap(&label.text, laid.flow), laid, label: std::mem::take(&mut label) });
        // What comes out at the end is written there.
        let shown = track.output.as_deref().filter(|_| !last || diagram.output.is_none());
        label = shown.map(|name| Cut::new(name, LONGEST_TYPE)).unwrap_or_default();
    };
    match &chain.shape {
        Shape::Sequence(tracks) => {
            for (at, track) in tracks.iter().enumerate() {
                couple(track, &format!("0.{at}"), at + 1 == tracks.len());
            }
        }
        _ => couple(chain, "0", true),
    }
    let finish = Laid { flow: out(pieces), ..end(diagram.output.as_deref(), true) };
    cars.push(Car { gap: gap(&label.text, finish.flow), laid: finish, label });
    let mut laid = train(cars, room, false);
    if let (Shape::Sequence(_), Some(ended)) = (&chain.shape, &chain.outcome) {
        laid = outcome(laid, ended);
    }
    let mut found = (false, false);
    flows(chain, false, &mut found);
    if found.0 { legend(laid, room, found.1) } else { laid }
}

/// Where a chain starts, and where it ends: its type, or a ring.
fn end(name: Option<&str>, last: bool) -> Laid {
    let name = name.map(|name| Cut::new(name, LONGEST_TYPE + 6)).filter(|name| !name.text.is_empty());
    let Some(name) = name else {
        let mut laid = Laid { arrow: last, ..Laid::new(14, 14) };
        laid.add(Layer::Mark, 7, 7, What::Circle { class: "j", r: 6 });
        if last {
            laid.add(Layer::Mark, 7, 7, What::Circle { class: "d", r: 3 });
        }
        return laid;
    };
    let w = even(width(&name.text, Font::Code) + 26);
    let mut laid = Laid { arrow: last, ..Laid::new(w, PILL) };
    laid.add(Layer::Mark, 0, 0, What::Rect { class: "j", w, h: PILL, r: PILL / 2 });
    laid.cut("f m", w / 2, PILL / 2 + 4, name);
    laid
}

/// What the rails mean, under the picture.
fn legend(mut laid: Laid, room: i32, stops: bool) -> Laid {
    let (mut x, mut y) = (0, laid.h + 26);
    let whole = (Flow::Whole, "in one piece");
    let pieces = (Flow::Pieces, "in pieces, as they come");
    let gathered = (Flow::Gathered, "waits for all pieces");
    for (flow, text) in [whole, pieces].into_iter().chain(stops.then_some(gathered)) {
        let end = 52 + width(text, Font::Caption);
        if x > 0 && x + end > room.max(laid.w) {
            (x, y) = (0, y + 20);
        }
        laid.straight(x, y, x + 44, flow, true);
        laid.text("c", x + 52, y + 4, text);
        laid.w = laid.w.max(x + end);
        x += end + 20;
    }
    laid.h = y + 8;
    laid
}
