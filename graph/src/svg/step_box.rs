//! The box of a single step.

use crate::label::{address, clean, fit, path};
use crate::{Kind, Outcome, Status, Step};

use super::icons::icon;
use super::measure::{Font, cells_in, even, width};
use super::scene::{Laid, Layer, What};

/// Names and lines longer than these are cut off; the whole is the box's tooltip.
const LONGEST_NAME: usize = 30;
const LONGEST_LINE: usize = 36;
/// Where there is little room they are cut off sooner, but not before these.
const SHORTEST_NAME: usize = 16;
const SHORTEST_LINE: usize = 20;
/// What the rails around a box take of the room.
const RAILS: i32 = 60;
/// More lines than these are counted, not shown.
const MOST_LINES: usize = 6;

const LEFT: i32 = 12;
/// Beside a name without a glyph.
const PLAIN_LEFT: i32 = 15;
const ICON: i32 = 16;
const ICON_GAP: i32 = 9;
const TOP: i32 = 9;
const NAME_LINE: i32 = 17;
const LINE: i32 = 15;

/// A line of text in the box.
struct Line {
    class: &'static str,
    text: String,
}

pub(super) fn lay(step: &Step, outcome: Option<&Outcome>, id: String, room: i32) -> Laid {
    let glyph = icon(step.kind);
    let x = if glyph.is_some() { LEFT + ICON + ICON_GAP } else { PLAIN_LEFT };
    let right = if glyph.is_some() { LEFT } else { PLAIN_LEFT };
    let inside = room - RAILS - x - right;
    let name = fit(step.title(), cells_in(inside, Font::Name).clamp(SHORTEST_NAME, LONGEST_NAME));
    let lines = lines(step, outcome, cells_in(inside, Font::Caption).clamp(SHORTEST_LINE, LONGEST_LINE));
    let widest = lines.iter().map(|line| width(&line.text, Font::Caption)).fold(width(&name, Font::Name), i32::max);
    let below = i32::try_from(lines.len()).unwrap_or(i32::MAX / 100) * LINE;
    let (w, h) = (even(x + widest + right), even(2 * TOP + NAME_LINE + below));

    let mut laid = Laid::new(w, h);
    laid.arrow = true;
    let tip = tip(step, &name);
    let class = format!("b {}{}", class(step.kind), outcome.map_or("", |outcome| status(outcome.status)));
    let link = step.link.as_deref().and_then(address);
    let item = step.item.as_deref().and_then(path);
    laid.add(Layer::Mark, 0, 0, What::Open { class, id, link, item, tip });
    laid.add(Layer::Mark, 0, 0, What::Rect { class: "", w, h, r: 7 });
    if let Some(glyph) = glyph {
        let top = if lines.is_empty() { (h - ICON) / 2 } else { TOP };
        laid.add(Layer::Mark, LEFT, top, What::Path { class: "i", d: glyph.to_owned() });
    }
    let mut y = if lines.is_empty() { h / 2 + 5 } else { TOP + 13 };
    if glyph.is_none() && lines.is_empty() {
        laid.text("n m", w / 2, y, name);
    } else {
        laid.text("n", x, y, name);
    }
    y += 1;
    for line in lines {
        y += LINE;
        laid.text(line.class, x, y, line.text);
    }
    laid.add(Layer::Mark, 0, 0, What::Close);
    laid
}

fn lines(step: &Step, outcome: Option<&Outcome>, longest: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut details = step.details.iter().map(|detail| fit(detail, longest).into_owned());
    if step.kind != Kind::Unknown && !step.name.trim().is_empty() {
        let word = step.kind.word();
        let text = match step.details.first() {
            Some(first) if !clean(first).is_empty() && word.len() + 3 + crate::label::cells(first) <= longest => {
                details.next();
                format!("{word} · {}", fit(first, longest))
            }
            _ => word.to_owned(),
        };
        lines.push(Line { class: "c", text });
    }
    lines.extend(details.map(|text| Line { class: "c", text }));
    if let Some(outcome) = outcome {
        let text = fit(&format!("{} {}", outcome.status.mark(), outcome.summary()), longest).into_owned();
        lines.push(Line { class: "o", text });
        lines.extend(outcome.notes.iter().map(|note| Line { class: "c", text: fit(note, longest).into_owned() }));
        lines.extend(outcome.error.iter().map(|error| Line { class: "o", text: fit(error, longest).into_owned() }));
    }
    lines.retain(|line| !line.text.is_empty());
    if lines.len() > MOST_LINES {
        let more = lines.len() - MOST_LINES + 1;
        lines.truncate(MOST_LINES - 1);
        lines.push(Line { class: "c", text: format!("and {more} more") });
    }
    lines
}

/// What was cut off.
fn tip(step: &Step, shown: &str) -> Option<String> {
    let whole = clean(step.title());
    (whole != shown).then(|| fit(&whole, 400).into_owned())
}

/// The class that gives a kind its colour.
pub(crate) const fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Prompt => "k1",
        Kind::Model => "k2",
        Kind::Parser => "k3",
        Kind::Tool => "k4",
        Kind::Retriever => "k5",
        Kind::Generator => "k6",
        Kind::Router => "k7",
        Kind::Opaque | Kind::Lazy => "k8",
        _ => "k0",
    }
}

/// The class that shows how a step ended.
pub(crate) const fn status(status: Status) -> &'static str {
    match status {
        Status::Running => " q1",
        Status::Ok => " q2",
        Status::Failed => " q3",
        Status::Cancelled => " q4",
        Status::Skipped => " q5",
    }
}
