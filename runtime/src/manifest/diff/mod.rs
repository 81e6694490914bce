//! The difference of two manifests, in words.

mod wrappers;

use super::{Component, ComponentKind, Manifest, langchain::write::word};
use crate::{manifest::details::is_name, util::visible::visible};
use std::fmt;
use wrappers::{compare_around, settings};

/// The changes from one manifest to another, a line for each; created by [`Manifest::difference`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    lines: Vec<String>,
}

impl Difference {
    /// Returns `true` if nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the changes.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    fn say(&mut self, place: &str, change: impl fmt::Display) {
        let line = format!("{}: {change}", if place.is_empty() { "the chain" } else { place });
        // The names in a manifest come from a file.
        self.lines.push(visible(&line).into_owned());
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

pub(super) fn between(old: &Manifest, new: &Manifest) -> Difference {
    let mut difference = Difference { lines: Vec::new() };
    if old.title != new.title {
        let named = |name: &str| if name.is_empty() { "no name".to_owned() } else { format!("`{name}`") };
        difference.say("", format!("was called {}, is now called {}", named(&old.title), named(&new.title)));
    }
    if old.input != new.input {
        difference.say("", format!("takes {}, before {}", new.input, old.input));
    }
    if let (Some(before), Some(now)) = (&old.root.output, &new.root.output)
        && before != now
    {
        difference.say("", format!("gives {now}, before {before}"));
    }
    compare("", &old.root, &new.root, &mut difference);
    difference
}

/// A component without what is around it, and that, from the outside in.
fn peel(mut component: &Component) -> (Vec<&Component>, &Component) {
    let mut around = Vec::new();
    while is_around(component.kind)
        && let Some(inner) = component.members.first()
    {
        around.push(component);
        component = &inner.component;
    }
    (around, component)
}

fn is_around(kind: ComponentKind) -> bool {
    use ComponentKind as K;
    matches!(
        kind,
        K::Retry
            | K::Timeout
            | K::Map
            | K::Spawned
            | K::Choice
            | K::Configured
            | K::Configurable
            | K::Settled
            | K::Named
            | K::Field
    )
}

/// The name of a part in a line.
fn called(component: &Component) -> String {
    let (around, core) = peel(component);
    match around.iter().find(|around| around.kind == ComponentKind::Named) {
        Some(named) => named.name.clone(),
        None if core.name.is_empty() => format!("a {}", noun(core)),
        None => core.name.clone(),
    }
}

fn noun(component: &Component) -> &'static str {
    match component.kind {
        ComponentKind::Parallel => "map",
        ComponentKind::Opaque => "boxed step",
        kind => word(kind),
    }
}

/// The place of a part within another.
fn within(place: &str, label: &str) -> String {
    if place.is_empty() { label.to_owned() } else { format!("{place}.{label}") }
}

fn compare(place: &str, old: &Component, new: &Component, said: &mut Difference) {
    let ((around_old, old), (around_new, new)) = (peel(old), peel(new));
    let name = around_old.iter().find(|around| around.kind == ComponentKind::Named).map_or_else(
        || Some(old.name.as_str()).filter(|name| is_single(old) && !name.is_empty()),
        |named| Some(named.name.as_str()),
    );
    let own = name.map_or_else(|| place.to_owned(), |name| within(place, name));
    compare_around(&own, &around_old, &around_new, said);
    if old.kind != new.kind {
        let describe = |component: &Component| {
            if component.members.is_empty() {
                return format!("{} (a {})", called(component), noun(component));
            }
            let parts: Vec<String> = component
                .members
                .iter()
                .map(|member| if member.label.is_empty() { called(&member.component) } else { member.label.clone() })
                .collect();
            format!("a {} of {}", noun(component), parts.join(", "))
        };
        said.say(place, format!("was {}, is now {}", describe(old), describe(new)));
        return;
    }
    // One that is called as it is set has changed once.
    let as_set = old.settings.iter().any(|(setting, value)| {
        is_name(setting) && *value == *old.name && new.settings.get(setting).is_some_and(|value| *value == *new.name)
    });
    if old.name != new.name && !as_set {
        said.say(place, format!("{} is now called {}", called(old), called(new)));
    }
    settings(&own, &old.settings, &new.settings, said);
    if old.class != new.class {
        let name = |class: &Option<Vec<String>>| class.as_ref().and_then(|id| id.last().cloned()).unwrap_or_default();
        said.say(&own, format!("class {} -> {}", name(&old.class), name(&new.class)));
    }
    if is_single(old) {
        if old.output != new.output && !place.is_empty() {
            let gives = |output: &Option<String>| output.clone().unwrap_or_else(|| "?".to_owned());
            said.say(&own, format!("gives {}, before {}", gives(&new.output), gives(&old.output)));
        }
        if (old.takes, old.gives) != (new.takes, new.gives) {
            said.say(&own, "streams otherwise than before");
        }
    }
    match old.kind {
        ComponentKind::Parallel | ComponentKind::Branch | ComponentKind::Router => labelled(&own, old, new, said),
        _ => ordered(&own, old, new, said),
    }
}

fn is_single(component: &Component) -> bool {
    matches!(component.kind, ComponentKind::Step(_) | ComponentKind::Opaque)
}

/// Fields, arms, routes: told apart by their labels.
fn labelled(place: &str, old: &Component, new: &Component, said: &mut Difference) {
    let (what, label): (&str, fn(&str) -> String) = match old.kind {
        ComponentKind::Parallel => ("field", |name| format!("<{name}>")),
        ComponentKind::Branch => ("arm", |pattern| format!("`{pattern}`")),
        _ => ("route", |key| format!("{key:?}")),
    };
    if old.members.iter().chain(&new.members).any(|member| member.label.is_empty()) {
        return ordered(place, old, new, said);
    }
    let pairs = matching(&old.members, &new.members, |a, b| a.label == b.label);
    let in_old = |name: &str| old.members.iter().position(|member| member.label == name);
    let gone = |name: &str| new.members.iter().all(|member| member.label != name);
    for (at, before) in old.members.iter().enumerate() {
        if !gone(&before.label) {
            continue;
        }
        // In its place there is the same under another label.
        let renamed = new.members.get(at).filter(|now| {
            old.members.len() == new.members.len() && in_old(&now.label).is_none() && now.component == before.component
        });
        let (name, is) = (label(&before.label), called(&before.component));
        match renamed {
            Some(now) => said.say(place, format!("{what} {name} is now called {}", label(&now.label))),
            None => said.say(place, format!("{what} {name} removed ({is})")),
        }
    }
    for (at, now) in new.members.iter().enumerate() {
        let name = label(&now.label);
        let Some(before_at) = in_old(&now.label) else {
            let renamed = old.members.len() == new.members.len()
                && old.members.get(at).is_some_and(|before| gone(&before.label) && before.component == now.component);
            if !renamed {
                said.say(place, format!("{what} {name} added ({})", called(&now.component)));
            }
            continue;
        };
        let before = &old.members[before_at];
        if !pairs.contains(&(before_at, at)) {
            said.say(place, format!("{what} {name} moved from place {} to {}", before_at + 1, at + 1));
        }
        if before.settled != now.settled {
            let is = if now.settled { "now settled: its failure is a value" } else { "no longer settled" };
            said.say(place, format!("{what} {name} {is}"));
        }
        compare(&within(place, &name), &before.component, &now.component, said);
    }
}

fn has_labels(component: &Component) -> bool {
    matches!(component.kind, ComponentKind::Parallel | ComponentKind::Branch | ComponentKind::Router)
}

/// Steps and alternatives: told apart by what they are called, and by their order.
fn ordered(place: &str, old: &Component, new: &Component, said: &mut Difference) {
    let name = |component: &Component| (called(component), peel(component).1.kind);
    let pairs = matching(&old.members, &new.members, |a, b| name(&a.component) == name(&b.component));
    let lonely_old: Vec<usize> = (0..old.members.len()).filter(|at| pairs.iter().all(|(a, _)| a != at)).collect();
    let mut lonely_new: Vec<usize> = (0..new.members.len()).filter(|at| pairs.iter().all(|(_, b)| b != at)).collect();
    let mut all = pairs;
    let mut removed = Vec::new();
    for a in lonely_old {
        let before = &old.members[a].component;
        let moved = lonely_new.iter().position(|b| name(&new.members[*b].component) == name(before));
        // In the same place, between the same neighbours, there is another of its kind.
        let renamed = || {
            let kind = |component: &Component| peel(component).1.kind;
            let gap = |pairs: &[(usize, usize)], b: usize| {
                pairs.iter().filter(|(x, _)| *x < a).count() == pairs.iter().filter(|(_, y)| *y < b).count()
            };
            lonely_new.iter().position(|b| kind(&new.members[*b].component) == kind(before) && gap(&all, *b))
        };
        if let Some(at) = moved {
            let b = lonely_new.remove(at);
            said.say(place, format!("{} moved from place {} to {}", called(before), a + 1, b + 1));
            all.push((a, b));
        } else if let Some(at) = renamed() {
            all.push((a, lonely_new.remove(at)));
        } else {
            removed.push(a);
        }
    }
    for a in removed {
        said.say(
            place,
            format!("{} removed ({})", called(&old.members[a].component), noun(peel(&old.members[a].component).1)),
        );
    }
    for b in lonely_new {
        let added = &new.members[b].component;
        let next = match b.checked_sub(1).and_then(|before| new.members.get(before)) {
            Some(before) => format!("after {}", called(&before.component)),
            None => "at the start".to_owned(),
        };
        said.say(place, format!("{} added {next} ({})", called(added), noun(peel(added).1)));
    }
    all.sort_by_key(|(_, b)| *b);
    for (a, b) in all {
        let (before, now) = (&old.members[a].component, &new.members[b].component);
        let (around, core) = peel(before);
        let is_named = around.iter().any(|around| around.kind == ComponentKind::Named);
        // The labels in the only map, branch or router there is say where.
        let is_only =
            has_labels(core) && old.members.iter().filter(|member| has_labels(peel(&member.component).1)).count() == 1;
        let says_where = is_single(core) || is_named || is_only;
        let inner = if says_where { place.to_owned() } else { within(place, &called(before)) };
        compare(&inner, before, now, said);
    }
}

/// The most cells of the table of [`matching`].
const TABLE: usize = 1 << 20;

/// The longest run of pairs that are alike, in order: indices into the first and the second.
fn matching<T>(old: &[T], new: &[T], alike: impl Fn(&T, &T) -> bool) -> Vec<(usize, usize)> {
    let (rows, columns) = (old.len(), new.len());
    // The table takes rows times columns. So many parts are in no chain that was written: they are compared in place.
    if rows.saturating_mul(columns) > TABLE {
        return (0..rows.min(columns)).filter(|at| alike(&old[*at], &new[*at])).map(|at| (at, at)).collect();
    }
    let mut longest = vec![vec![0_usize; columns + 1]; rows + 1];
    for a in (0..rows).rev() {
        for b in (0..columns).rev() {
            longest[a][b] = if alike(&old[a], &new[b]) {
                longest[a + 1][b + 1] + 1
            } else {
                longest[a + 1][b].max(longest[a][b + 1])
            };
        }
    }
    let (mut a, mut b, mut pairs) = (0, 0, Vec::new());
    while a < rows && b < columns {
        if alike(&old[a], &new[b]) {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if longest[a + 1][b] >= longest[a][b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}
