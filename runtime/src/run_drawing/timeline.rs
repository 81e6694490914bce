//! The runs as bars of a timeline.

use super::{each, format, run_stats::sum, status::outcome, tokens::Tokens, tree::Tree};
use crate::{Node, Run, host::Instant, observe::event::Position};
use catena_graph::{Bar, Diagram, Page};
use std::collections::HashMap;

/// The picture with the runs under it.
pub(super) fn page(diagram: &Diagram, trees: &[Tree], places: &HashMap<u64, String>, now: Instant) -> Page {
    let begin = trees.iter().map(|tree| tree.seen.begin).min().unwrap_or(now);
    let mut bars = Bars { begin, now, places, made: Vec::new() };
    for tree in trees {
        bars.add(tree, None);
    }
    facts(trees, begin, now)
        .into_iter()
        .fold(bars.made.into_iter().fold(Page::new(diagram.clone()), Page::bar), |page, (name, value)| {
            page.fact(name, value)
        })
}

/// Returns the summary of the whole run.
fn facts(trees: &[Tree], begin: Instant, now: Instant) -> Vec<(&'static str, String)> {
    let (mut runs, mut failed, mut tokens, mut cost) = (0, 0, Tokens::default(), None);
    for tree in trees {
        each(tree, &mut |seen| {
            runs += seen.runs();
            failed += seen.ended.failed;
            tokens.add(seen.tokens);
            cost = sum(cost, seen.cost);
        });
    }
    let took = trees.iter().map(|tree| tree.seen.begin + tree.seen.took(now)).max().unwrap_or(now);
    let mut facts = vec![("time", format::time(took.saturating_duration_since(begin))), ("runs", format::count(runs))];
    if failed > 0 {
        facts.push(("failed", format::count(failed)));
    }
    if !tokens.is_none() {
        facts.push(("tokens", format::tokens(tokens).replacen(" tokens", "", 1)));
    }
    facts.extend(cost.map(|cost| ("cost", format::dollars(cost))));
    facts
}

struct Bars<'a> {
    begin: Instant,
    now: Instant,
    places: &'a HashMap<u64, String>,
    made: Vec<Bar>,
}

impl Bars<'_> {
    fn add(&mut self, tree: &Tree, around: Option<usize>) {
        let seen = &tree.seen;
        let start = seen.begin.saturating_duration_since(self.begin);
        let name = match (tree.is_rest, seen.runs()) {
            (true, runs) => format!("{} × {}", format::count(runs), seen.run.name()),
            _ => seen.run.name().to_owned(),
        };
        let mut bar = Bar::new(name, start, seen.took(self.now), outcome(tree, self.now)).kind(kind(&seen.run));
        bar.label = label(seen.run.place);
        bar.within = around;
        bar.part = tree.numbers.first().and_then(|number| self.places.get(number)).cloned();
        bar.tags = seen.run.tags().map(std::borrow::Cow::into_owned).collect();
        bar.input.clone_from(&seen.input);
        bar.output.clone_from(&seen.output);
        if let Some(model) = &seen.model {
            bar.facts.push(("model".to_owned(), model.clone()));
        }
        if seen.custom > 0 {
            bar.facts.push(("events of its own".to_owned(), format::count(seen.custom)));
        }
        let at = self.made.len();
        self.made.push(bar);
        for part in &tree.parts {
            self.add(part, Some(at));
        }
    }
}

/// Returns its position, if that has a name.
fn label(place: Position) -> Option<String> {
    match place {
        Position::Field(name) => Some(name.to_owned()),
        Position::Attempt(number @ 2..) => Some(format!("attempt {number}")),
        _ => None,
    }
}

/// Returns its kind, as in the captions of the picture if those are more precise than the family of events.
fn kind(run: &Run) -> String {
    match run.structure.0 {
        Node::Sequence(_) => "in order",
        Node::Parallel(_) => "at once",
        Node::Branch(_) => "branch",
        Node::Retry { .. } => "retry",
        Node::Fallback(_) => "fallback",
        Node::Race(_) => "race",
        Node::Map(_) => "for each item",
        Node::Choice(_) => "the step it chooses",
        Node::Step(leaf) => crate::graph::track::graph_kind(leaf.kind).word(),
        _ => run.kind().name(),
    }
    .to_owned()
}
