//! What is drawn, before it is written: items at places, put together and moved.

use crate::Flow;
use crate::label::{clean, fit};

use super::pen::Pen;

/// What lies under what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// Frames around parts.
    Frame,
    /// Rails.
    Rail,
    /// Rails on which pieces go.
    Stream,
    /// Boxes and labels.
    Mark,
}

/// Something drawn.
pub(super) struct Item {
    pub(super) layer: Layer,
    pub(super) x: i32,
    pub(super) y: i32,
    /// It did not run.
    pub(super) dim: bool,
    pub(super) what: What,
}

/// What an item is. Classes are those of the style sheet.
pub(super) enum What {
    Path {
        class: &'static str,
        d: String,
    },
    Rect {
        class: &'static str,
        w: i32,
        h: i32,
        r: i32,
    },
    Circle {
        class: &'static str,
        r: i32,
    },
    /// With the whole of it where it was cut off.
    Text {
        class: &'static str,
        text: String,
        tip: Option<String>,
    },
    /// The items up to the next `Close` are one box.
    Open {
        class: String,
        id: String,
        link: Option<String>,
        item: Option<String>,
        tip: Option<String>,
    },
    Close,
}

/// A text, cut off where it is too long, and then the whole of it.
#[derive(Clone, Default)]
pub(super) struct Cut {
    pub(super) text: String,
    pub(super) tip: Option<String>,
}

impl Cut {
    pub(super) fn new(whole: &str, most: usize) -> Self {
        let text = fit(whole, most).into_owned();
        let whole = clean(whole);
        let tip = (whole != text).then(|| fit(&whole, LONGEST_TIP).into_owned());
        Cut { text, tip }
    }
}

/// Longer tooltips are cut off.
const LONGEST_TIP: usize = 400;

/// A part that has been laid out: its rail comes in at the left and goes out at the right.
pub(super) struct Laid {
    pub(super) w: i32,
    pub(super) h: i32,
    /// Where the rail comes in.
    pub(super) y_in: i32,
    /// Where it goes out.
    pub(super) y_out: i32,
    /// How a value goes in.
    pub(super) flow: Flow,
    /// Whether the rail into it ends in an arrowhead.
    pub(super) arrow: bool,
    /// Whether what goes out goes in pieces.
    pub(super) pieces: bool,
    pub(super) items: Vec<Item>,
}

impl Laid {
    /// Nothing yet, of a size.
    pub(super) fn new(w: i32, h: i32) -> Self {
        Laid { w, h, y_in: h / 2, y_out: h / 2, flow: Flow::Whole, arrow: false, pieces: false, items: Vec::new() }
    }

    pub(super) fn add(&mut self, layer: Layer, x: i32, y: i32, what: What) {
        self.items.push(Item { layer, x, y, dim: false, what });
    }

    pub(super) fn text(&mut self, class: &'static str, x: i32, y: i32, text: impl Into<String>) {
        let text: String = text.into();
        if !text.is_empty() {
            self.add(Layer::Mark, x, y, What::Text { class, text, tip: None });
        }
    }

    /// Text that may have been cut off.
    pub(super) fn cut(&mut self, class: &'static str, x: i32, y: i32, cut: Cut) {
        if !cut.text.is_empty() {
            self.add(Layer::Mark, x, y, What::Text { class, text: cut.text, tip: cut.tip });
        }
    }

    /// Takes over the items of a part, at a place.
    pub(super) fn place(&mut self, part: Vec<Item>, x: i32, y: i32) {
        self.items.extend(part.into_iter().map(|item| Item { x: item.x + x, y: item.y + y, ..item }));
    }

    /// A rail of any form.
    pub(super) fn rail(&mut self, x: i32, y: i32, flow: Flow, pen: Pen) {
        let (layer, class) = if flow == Flow::Whole { (Layer::Rail, "w") } else { (Layer::Stream, "s") };
        let d = pen.done();
        if !d.is_empty() {
            self.add(layer, x, y, What::Path { class, d });
        }
    }

    /// A straight rail, with the bar where a stream stops and the arrowhead.
    pub(super) fn straight(&mut self, x: i32, y: i32, to: i32, flow: Flow, arrow: bool) {
        let end = if arrow { to - 5 } else { to };
        if flow == Flow::Gathered {
            let bar = to - 15;
            self.rail(x, y, flow, Pen::default().h(bar - x));
            self.add(Layer::Stream, bar, y - 7, What::Path { class: "g", d: "v14".to_owned() });
            self.rail(bar, y, Flow::Whole, Pen::default().h(end - bar));
        } else {
            self.rail(x, y, flow, Pen::default().h(end - x));
        }
        if arrow {
            self.head(to, y, out(flow == Flow::Pieces), "l-8-4.5v9z");
        }
    }

    /// An arrowhead.
    pub(super) fn head(&mut self, x: i32, y: i32, flow: Flow, d: &str) {
        let (layer, class) = if flow == Flow::Whole { (Layer::Rail, "h") } else { (Layer::Stream, "p") };
        self.add(layer, x, y, What::Path { class, d: d.to_owned() });
    }

    /// Shows it as what did not run.
    pub(super) fn dim(mut self) -> Self {
        for item in &mut self.items {
            item.dim = true;
        }
        self
    }
}

/// The flow of what goes out.
pub(super) fn out(pieces: bool) -> Flow {
    if pieces { Flow::Pieces } else { Flow::Whole }
}
