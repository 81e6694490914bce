//! A page of HTML with the picture and the timeline of a run.

mod bar;
mod html;
mod json;

pub use bar::Bar;

use crate::Diagram;

/// A page of HTML about a run: the picture of the chain with its outcomes, and a timeline with a bar for each run of a step.
///
/// It is one file, which loads nothing, and can be opened from disk or mailed. It follows the reader's light or dark theme, and works
/// on narrow screens, with the keyboard, and with screen readers. A click on a bar selects the box of its step, and vice versa.
/// The details of a run are shown beside it, and names can be searched. Without scripts, the picture and a table of the runs remain.
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
    /// Creates a page with a picture and an empty timeline.
    pub fn new(diagram: Diagram) -> Self {
        Page { diagram, bars: Vec::new(), facts: Vec::new() }
    }

    /// Adds a bar. The bars of the runs within a run follow its own.
    pub fn bar(mut self, bar: Bar) -> Self {
        self.bars.push(bar);
        self
    }

    /// Adds a property of the whole run, at the top.
    pub fn fact(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push((name.into(), value.into()));
        self
    }

    /// Draws the page.
    pub fn draw(&self) -> String {
        html::page(&self.diagram, &self.bars, &self.facts)
    }
}
