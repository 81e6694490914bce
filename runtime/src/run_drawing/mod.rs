//! Drawings of runs: the picture of a chain with the times, attempts and errors of a run.
//!
//! | file | contents |
//! |---|---|
//! | [`recorder`] | the observer: writes each event into the store |
//! | [`run_store`] | the store of runs |
//! | [`run_stats`] | the properties of one run, and sums of several |
//! | [`tree`] | runs and the runs in them |
//! | [`tokens`] | tokens and cost of models |
//! | [`layout`], [`slots`] | the positions of runs in the drawing of the chain |
//! | [`from_node`] | the drawing of a chain from its structure alone |
//! | [`status`] | the outcome of a run, as it is drawn |
//! | [`timeline`] | the page with a timeline |
//! | `live`, `terminal_rows` | runs drawn in a terminal while they run |
//! | [`format`](mod@format) | times, counts and costs as text |

mod format;
mod from_node;
mod layout;
#[cfg(feature = "progress")]
mod live;
mod recorder;
mod run_stats;
mod run_store;
mod slots;
mod status;
#[cfg(feature = "progress")]
mod terminal_rows;
mod timeline;
mod tokens;
mod tree;

#[cfg(feature = "progress")]
pub use live::Live;
pub use tokens::Tokens;

use crate::host::Instant;
use catena_graph::{Diagram, Page, Svg, Text, Track};
use run_stats::Seen;
use run_store::Log;
use serde_json::Value;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tree::Tree;

/// An [`Observer`](crate::Observer) that draws a run: the chain with the time of each step, attempts, the arm that ran, the fallback
/// that was used, errors, tokens and cost.
///
/// Clones share the drawing. It can be read at any time, also during the run: as SVG, as text, and as a self-contained page of
/// HTML with a timeline.
///
/// ```
/// use catena::{Config, Drawing, prelude::*};
///
/// #[runnable]
/// fn words(text: &str) -> usize { text.split_whitespace().count() }
/// #[runnable]
/// async fn verdict(words: usize, shout: String) -> String { format!("{shout} has {words} words") }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let chain = chain!(String => <words: words, shout: |text| text.to_uppercase()> | verdict);
/// let drawing = Drawing::new("compare");
/// chain.invoke_with("to be".into(), Config::new().observe(drawing.clone())).await?;
///
/// println!("{}", drawing.text(100));
/// assert!(drawing.text(100).contains("verdict"));
/// assert!(drawing.svg().starts_with("<svg"));
/// assert!(drawing.html().starts_with("<!doctype html>"));
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// **Contents.** Steps that did not run are drawn if the compiler knows them: other arms, fallbacks that were not needed, and steps
/// after a failure, marked as skipped. Steps that are known only at run time (boxed ones, and those that a step calls itself)
/// are drawn in the positions in which they ran. With [`onto`](Drawing::onto), the run is drawn on a diagram of yours. Several
/// runs of one chain, such as a batch, are drawn as one with the sums.
///
/// **Privacy.** Inputs and outputs are not stored unless [`values`](Drawing::values) is set, because pages are sent on, and prompts
/// are often private. Errors are shown by their `Display`, with the path of the step.
///
/// **Memory.** Chunks are counted, but not stored. Of the runs of one step within one run, such as the items of a
/// [`map`](crate::StepExt::map), the first 100 that ended and 100 that failed are stored. The others are summed, with their
/// steps. At most 10,000 runs that have ended are stored.
#[derive(Clone)]
pub struct Drawing {
    title: Arc<str>,
    given: Option<Arc<Diagram>>,
    values: bool,
    errors: bool,
    usage: bool,
    price: Option<Arc<Price>>,
    log: Arc<Mutex<Log>>,
}

type Price = dyn Fn(&str, &Value) -> Option<f64> + Send + Sync;

impl Drawing {
    /// Creates a drawing without runs, with a title.
    pub fn new(title: impl AsRef<str>) -> Self {
        Drawing {
            title: title.as_ref().into(),
            given: None,
            values: false,
            errors: true,
            usage: true,
            price: None,
            log: Arc::default(),
        }
    }

    /// Sets a diagram of the chain to draw the run on, which may have more details: names of models, types, limits.
    ///
    /// Steps are found by their positions. If a part ran otherwise than it is drawn, it is drawn as it ran, with a note. A step that
    /// the diagram does not have is added beneath the step that it ran in.
    ///
    /// ```
    /// use catena::{Config, Drawing, prelude::*};
    /// use catena_graph::{Arm, Diagram, Kind, Track};
    ///
    /// #[runnable]
    /// fn count(text: String) -> String { text.len().to_string() }
    /// #[runnable]
    /// fn shout(text: String) -> String { text.to_uppercase() }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// let chain = chain!(String => match { text if text.len() > 9 => count, _ => shout });
    /// let arms = [
    ///     Arm::new("long", Track::step("count", Kind::Function)),
    ///     Arm::new("_", Track::step("shout", Kind::Function)),
    /// ];
    /// let drawing = Drawing::new("answer").onto(Diagram::new("answer", Track::branch(arms)));
    /// chain.invoke_with("hi".into(), Config::new().observe(drawing.clone())).await?;
    /// let text = drawing.text(80);
    /// assert!(text.contains("long ─▶ count –") && text.contains("shout ✓ 0 ms"), "{text}");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn onto(mut self, diagram: Diagram) -> Self {
        self.given = Some(Arc::new(diagram));
        self
    }

    /// Sets whether inputs and outputs are stored for the page, the first 2,000 characters of each as JSON. The default is `false`.
    ///
    /// ```
    /// use catena::{Config, Drawing, prelude::*};
    ///
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let drawing = Drawing::new("double").values(true);
    /// double.invoke_with(1234, Config::new().observe(drawing.clone())).await?;
    /// assert!(drawing.html().contains("2468"));
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn values(mut self, values: bool) -> Self {
        self.values = values;
        self
    }

    /// Sets whether the messages of errors are stored. The default is `true`. Without them, the drawing still shows which steps
    /// failed. A message may quote the answer of a server, so a page for strangers is drawn without.
    ///
    /// ```
    /// use catena::{Config, Drawing, Error, prelude::*};
    ///
    /// #[runnable]
    /// fn refuse(_: ()) -> catena::Result<()> { Err(Error::msg("no such account: 4711")) }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let drawing = Drawing::new("refuse").errors(false);
    /// refuse.invoke_with((), Config::new().observe(drawing.clone())).await.unwrap_err();
    /// assert!(!drawing.html().contains("4711") && !drawing.svg().contains("4711"));
    /// # });
    /// ```
    pub fn errors(mut self, errors: bool) -> Self {
        self.errors = errors;
        self
    }

    /// Sets whether the tokens of models' answers are read. The default is `true`. The run then serializes its values, which takes
    /// time if they are large.
    pub fn usage(mut self, usage: bool) -> Self {
        self.usage = usage;
        self
    }

    /// Sets a function that returns the cost of a model's answer in dollars, by the model's name and its usage as JSON, or `None`
    /// if the cost is unknown.
    ///
    /// With `catena-llm`: `drawing.price(|model, usage| Some(prices.cost(model, &serde_json::from_value(usage.clone()).ok()?)?
    /// .as_dollars()))`.
    ///
    /// ```
    /// use catena::Drawing;
    ///
    /// let drawing = Drawing::new("ask").price(|model, usage| {
    ///     let tokens = usage["output_tokens"].as_f64()?;
    ///     (model == "in-house-7b").then_some(tokens * 0.1e-6)
    /// });
    /// # let _ = drawing;
    /// ```
    pub fn price(mut self, price: impl Fn(&str, &Value) -> Option<f64> + Send + Sync + 'static) -> Self {
        self.price = Some(Arc::new(price));
        self
    }

    /// Returns the diagram of the chain with the events so far, for other renderers.
    ///
    /// ```
    /// use catena::{Config, Drawing, prelude::*};
    /// use catena_graph::{Mermaid, Status};
    ///
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let drawing = Drawing::new("double");
    /// double.invoke_with(1, Config::new().observe(drawing.clone())).await?;
    /// let diagram = drawing.diagram();
    /// assert_eq!(diagram.root.outcome.as_ref().map(|outcome| outcome.status), Some(Status::Ok));
    /// println!("{}", Mermaid::new().draw(&diagram));
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn diagram(&self) -> Diagram {
        self.placed(self.trees()).0
    }

    /// Returns the drawing as SVG.
    pub fn svg(&self) -> String {
        Svg::new("run").standalone().draw(&self.diagram())
    }

    /// Returns the drawing as text in this many columns.
    pub fn text(&self, columns: usize) -> String {
        Text::new(columns).draw(&self.diagram())
    }

    /// Returns a page of HTML with the drawing and a timeline of all runs. It is one file that loads nothing else, opens from disk,
    /// and follows the reader's light or dark theme. See [`catena_graph::Page`].
    pub fn html(&self) -> String {
        self.page().draw()
    }

    /// Returns the tokens that models have used so far.
    pub fn tokens(&self) -> Tokens {
        let mut sum = Tokens::default();
        for tree in &self.trees() {
            each(tree, &mut |seen| sum.add(seen.tokens));
        }
        sum
    }

    /// Returns their cost in dollars, as far as [`price`](Drawing::price) knows it.
    pub fn cost(&self) -> Option<f64> {
        let mut cost = None;
        for tree in &self.trees() {
            each(tree, &mut |seen| cost = run_stats::sum(cost, seen.cost));
        }
        cost
    }

    fn page(&self) -> Page {
        let trees = self.trees();
        let (diagram, places) = self.placed(trees.clone());
        timeline::page(&diagram, &trees, &places, Instant::now())
    }

    fn trees(&self) -> Vec<Tree> {
        self.lock().trees()
    }

    fn placed(&self, trees: Vec<Tree>) -> (Diagram, HashMap<u64, String>) {
        let mut diagram = match (&self.given, trees.first()) {
            (Some(given), _) => Diagram::clone(given),
            (None, None) => Diagram::new(&*self.title, Track::sequence([])),
            (None, Some(tree)) => {
                let run = &tree.seen.run;
                Diagram::new(&*self.title, from_node::track(run.structure.0, run.name()))
            }
        };
        let places = layout::place(&mut diagram, trees, Instant::now());
        (diagram, places)
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn each(tree: &Tree, see: &mut impl FnMut(&Seen)) {
    see(&tree.seen);
    for part in &tree.parts {
        each(part, see);
    }
}

impl fmt::Debug for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drawing").field("title", &self.title).field("values", &self.values).finish_non_exhaustive()
    }
}
