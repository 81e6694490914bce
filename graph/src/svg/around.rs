//! What is put around a part: loops, limits, frames.

use std::fmt::Write as _;

use crate::label::fit;
use crate::{Flow, Outcome, Status};

use super::icons;
use super::measure::{CURVE, Font, RAIL, width};
use super::pen::Pen;
use super::scene::{Laid, Layer, What, out};
use super::step_box;

/// The height of a line over a part.
const OVER: i32 = 22;
/// The longest text on one.
const LONGEST: usize = 40;

/// Tried again: an arrow from behind the part back to before it.
pub(super) fn retry(part: Laid, attempts: Option<u32>, note: Option<&str>) -> Laid {
    let mut text = attempts.map_or_else(|| "retry".to_owned(), |attempts| format!("retry ×{attempts}"));
    if let Some(note) = note.map(|note| fit(note, LONGEST)).filter(|note| !note.is_empty()) {
        let _ = write!(text, " · {note}");
    }
    let text_width = width(&text, Font::Caption);
    // The rail before the part has room for the arrowhead.
    let (before, after) = (32, 24);
    let inner = part.w.max(text_width + 10);
    let shift = (inner - part.w) / 2;
    let mut laid = Laid::new(before + inner + after, part.h + OVER);
    (laid.y_in, laid.y_out) = (part.y_in + OVER, part.y_out + OVER);
    (laid.flow, laid.pieces) = (part.flow, part.pieces);
    laid.straight(0, laid.y_in, before + shift, part.flow, part.arrow);
    laid.straight(before + shift + part.w, laid.y_out, laid.w, out(part.pieces), false);
    let (r, top) = (CURVE, 9);
    let (right, left) = (laid.w - 4, 4);
    let text_at = before + (inner - text_width) / 2;
    // Up behind it and to the text, and from the text down before it.
    let up = Pen::default()
        .turn_h(r, -r)
        .v(-(laid.y_out - 2 * r - top))
        .turn_v(-r, -r)
        .h(-(right - r - (text_at + text_width + 5)));
    laid.add(Layer::Rail, right - r, laid.y_out, What::Path { class: "b", d: up.done() });
    let down = Pen::default().h(-(text_at - 5 - left - r)).turn_h(-r, r).v(laid.y_in - 2 * r - top).turn_v(r, r);
    laid.add(Layer::Rail, text_at - 5, top, What::Path { class: "b", d: down.done() });
    laid.add(
        Layer::Rail,
        left,
        i32::midpoint(top, laid.y_in) + 5,
        What::Path { class: "h", d: "l-4.500-8h9z".to_owned() },
    );
    laid.text("c m", text_at + text_width / 2, top + 4, text);
    laid.place(part.items, before + shift, OVER);
    laid
}

/// Marked over its whole length: a limit in time, a configuration, what became of it.
pub(super) fn over(part: Laid, icon: Option<&'static str>, text: &str, class: &'static str) -> Laid {
    let text = fit(text, LONGEST);
    let icon_width = if icon.is_some() { 17 } else { 0 };
    let label = icon_width + width(&text, Font::Caption) + 8;
    // Either nothing beside the part, or a rail long enough for an arrowhead.
    let shift = if label + 20 > part.w { ((label + 21 - part.w) / 2).max(24) } else { 0 };
    let inner = part.w + 2 * shift;
    let mut laid = Laid::new(inner, part.h + OVER);
    (laid.y_in, laid.y_out) = (part.y_in + OVER, part.y_out + OVER);
    (laid.flow, laid.pieces, laid.arrow) = (part.flow, part.pieces, part.arrow && shift == 0);
    if shift > 0 {
        laid.straight(0, laid.y_in, shift, part.flow, part.arrow);
        laid.flow = if part.flow == Flow::Gathered { Flow::Pieces } else { part.flow };
        laid.straight(shift + part.w, laid.y_out, inner, out(part.pieces), false);
    }
    let (y, at) = (9, (inner - label) / 2);
    let left = Pen::default().v(-3).turn_v(4, -4).h(at - 4);
    laid.add(Layer::Rail, 0, y + 7, What::Path { class: "x", d: left.done() });
    let right = Pen::default().h(inner - at - label - 4).turn_h(4, 4).v(3);
    laid.add(Layer::Rail, at + label, y, What::Path { class: "x", d: right.done() });
    // Text is mostly narrower than what is kept free for it.
    let nudge = (label - icon_width) / 16;
    if let Some(icon) = icon {
        laid.add(Layer::Mark, at + 4 + nudge, y - 6, What::Path { class: "i", d: icon.to_owned() });
    }
    let text_at = if icon.is_some() { at + 4 + icon_width + nudge } else { inner / 2 };
    laid.text(class, text_at, y + 4, text);
    laid.place(part.items, shift, OVER);
    laid
}

/// How a part that is not a single step ended, over its whole length.
pub(super) fn outcome(part: Laid, outcome: &Outcome) -> Laid {
    let mut text = format!("{} {}", outcome.status.mark(), outcome.summary());
    for more in outcome.notes.iter().chain(&outcome.error) {
        text.push_str(" · ");
        text.push_str(more);
    }
    let class = match outcome.status {
        Status::Failed => "o m q3",
        Status::Ok => "o m q2",
        _ => "o m",
    };
    over(part, None, &text, class)
}

/// In a frame with a caption.
pub(super) fn frame(part: Laid, class: &'static str, icon: Option<&'static str>, caption: &str, font: Font) -> Laid {
    let caption = fit(caption, LONGEST);
    let (left, right, top, bottom) = (if part.arrow { RAIL - 6 } else { 14 }, 14, 30, 14);
    let bar = if part.flow == Flow::Gathered { 6 } else { 0 };
    let icon_width = if icon.is_some() { 18 } else { 0 };
    let caption_width = 12 + icon_width + width(&caption, font) + 12;
    let inner = part.w.max(caption_width - left - right - bar);
    let mut laid = Laid::new(left + bar + inner + right, top + part.h + bottom);
    (laid.y_in, laid.y_out) = (part.y_in + top, part.y_out + top);
    (laid.flow, laid.pieces) = (if part.flow == Flow::Whole { Flow::Whole } else { Flow::Pieces }, part.pieces);
    let (w, h) = (laid.w, laid.h);
    if class == "m" {
        // Sheets on top of one another.
        let d = format!("h{}a8 8 0 0 1 8 8v{}", w - 16, h - 16);
        laid.add(Layer::Frame, 12, -4, What::Path { class: "u", d });
    }
    laid.add(Layer::Frame, 0, 0, What::Rect { class, w, h, r: 9 });
    if let Some(icon) = icon {
        laid.add(Layer::Mark, 12, 8, What::Path { class: "i", d: icon.to_owned() });
    }
    let text_class = if matches!(font, Font::Code) { "f" } else { "c" };
    laid.text(text_class, 12 + icon_width, 18, caption);
    laid.straight(0, laid.y_in, left + bar, part.flow, part.arrow);
    laid.straight(left + bar + part.w, laid.y_out, w, out(part.pieces), false);
    laid.place(part.items, left + bar, top);
    if class == "m" {
        // Room for the sheet behind.
        laid.h += 5;
        laid.y_in += 5;
        laid.y_out += 5;
        laid.w += 4;
        for item in &mut laid.items {
            item.y += 5;
        }
        laid.straight(w, laid.y_out, w + 4, out(laid.pieces), false);
    }
    laid
}

/// The step that a step gives.
pub(super) fn chosen(id: String) -> Laid {
    let step = crate::Step::new("", crate::Kind::Opaque).detail("the step it chooses");
    step_box::lay(&step, None, id, i32::MAX)
}

/// A limit in time.
pub(super) fn timeout(part: Laid, limit: &str) -> Laid {
    over(part, Some(icons::CLOCK), if limit.trim().is_empty() { "timeout" } else { limit }, "c")
}
