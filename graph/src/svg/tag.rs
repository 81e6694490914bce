//! Labels on rails: fields, patterns, words.

use super::measure::{Font, LABEL, width};
use super::scene::{Cut, Laid, Layer, What};

/// The label on a row's rail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A pill.
    Field,
    /// A pill with a dashed outline.
    Settled,
    /// A signpost.
    Pattern,
    /// Words.
    Words,
}

/// The width of a label.
pub(super) fn width_of(form: Form, text: &str) -> i32 {
    match form {
        Form::Field | Form::Settled => width(text, Font::Code) + 17,
        Form::Pattern => width(text, Font::Code) + 24,
        Form::Words => width(text, Font::Caption) + 10,
    }
}

/// Puts a label at a place, its middle at a height; gives its width.
pub(super) fn put(line: &mut Laid, form: Form, text: Cut, x: i32, y: i32) -> i32 {
    let (w, top) = (width_of(form, &text.text), y - LABEL / 2);
    match form {
        Form::Field => line.add(Layer::Mark, x, top, What::Rect { class: "l", w, h: LABEL, r: LABEL / 2 }),
        Form::Settled => line.add(Layer::Mark, x, top, What::Rect { class: "l z", w, h: LABEL, r: LABEL / 2 }),
        Form::Pattern => {
            let d = format!("h{}l8 10l-8 10h-{}a4 4 0 0 1-4-4v-12a4 4 0 0 1 4-4z", w - 12, w - 12);
            line.add(Layer::Mark, x + 4, top, What::Path { class: "l", d });
        }
        Form::Words => {}
    }
    let (class, inset) = match form {
        Form::Words => ("c", 5),
        _ => ("f", 9),
    };
    line.cut(class, x + inset, y + 4, text);
    w
}
