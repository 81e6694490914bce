//! A run as a page of HTML: its picture and a timeline.

mod bar;
mod html;
mod json;

pub use bar::Bar;

use crate::Diagram;

/// A run as a page of HTML: the picture of the chain with what became of it, and a timeline with a bar for each run of a step.
///
/// One file, which fetches nothing and may be opened from disk or mailed; light or dark as its reader's system is, and fit for
/// narrow screens, the keyboard, and readers that hear it. A bar and the box of its step find each other by a click; what is
/// known of a run is shown beside it, and names can be searched. Without script, the picture and a table of the runs remain.
///
/// ```
/// use catena_graph::{Bar, Diagram, Kind, Outcome, Page, Status, Track};
/// use std::time::Duration;
///
/// let done = Outcome::new(Status::Ok).took("3 ms");
/// let diagram = Diagram::new("shout", Track::step("shout", Kind::Function).ended(done.clone()));
/// let bar = Bar::new("shout", Duration::ZERO, Duration::from_millis(3), done).part("0");
/// let html = Page::new(diagram).bar(bar).draw();
/// assert!(html.starts_with("<!doctype html>") && html.contains("3 ms"));
/// ```
#[derive(Clone, Debug)]
pub struct Page {
    diagram: Diagram,
    bars: Vec<Bar>,
    facts: Vec<(String, String)>,
}

impl Page {
    /// A page with a picture, without a timeline as yet.
    pub fn new(diagram: Diagram) -> Self {
        Page { diagram, bars: Vec::new(), facts: Vec::new() }
    }

    /// Adds a bar; those of the runs within a run come after its own.
    pub fn bar(mut self, bar: Bar) -> Self {
        self.bars.push(bar);
        self
    }

    /// Adds something that is to be said of the whole run, at the top.
    pub fn fact(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push((name.into(), value.into()));
        self
    }

    /// Draws it.
    pub fn draw(&self) -> String {
        html::page(&self.diagram, &self.bars, &self.facts)
    }
}
