//! Components in LangChain's envelope: `{"lc": 1, "type": "constructor", "id": [..], "kwargs": {..}}`.

use crate::{Component, ComponentKind, Extent, Kind, Manifest, Member};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;

/// The kinds by the names that the JSON has for them.
pub(super) const KINDS: [(&str, ComponentKind); 28] = [
    ("function", ComponentKind::Step(Kind::Function)),
    ("generator", ComponentKind::Step(Kind::Generator)),
    ("closure", ComponentKind::Step(Kind::Closure)),
    ("pick", ComponentKind::Step(Kind::Pick)),
    ("passthrough", ComponentKind::Step(Kind::Passthrough)),
    ("prompt", ComponentKind::Step(Kind::Prompt)),
    ("model", ComponentKind::Step(Kind::Model)),
    ("parser", ComponentKind::Step(Kind::Parser)),
    ("tool", ComponentKind::Step(Kind::Tool)),
    ("retriever", ComponentKind::Step(Kind::Retriever)),
    ("lazy", ComponentKind::Step(Kind::Lazy)),
    ("opaque", ComponentKind::Opaque),
    ("sequence", ComponentKind::Sequence),
    ("parallel", ComponentKind::Parallel),
    ("branch", ComponentKind::Branch),
    ("router", ComponentKind::Router),
    ("retry", ComponentKind::Retry),
    ("timeout", ComponentKind::Timeout),
    ("fallback", ComponentKind::Fallback),
    ("race", ComponentKind::Race),
    ("map", ComponentKind::Map),
    ("spawned", ComponentKind::Spawned),
    ("choice", ComponentKind::Choice),
    ("configured", ComponentKind::Configured),
    ("configurable", ComponentKind::Configurable),
    ("settled", ComponentKind::Settled),
    ("named", ComponentKind::Named),
    ("field", ComponentKind::Field),
];

/// The word for a kind.
pub(in crate::manifest) fn word(kind: ComponentKind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or("step", |(word, _)| word)
}

/// Returns the name of such a component in LangChain, or else Catena's name.
pub(crate) fn class(component: &Component) -> Vec<String> {
    if let Some(class) = &component.class {
        return class.clone();
    }
    let runnable = |name: &str| ["langchain", "schema", "runnable", name].map(str::to_owned).to_vec();
    match component.kind {
        ComponentKind::Step(Kind::Function | Kind::Closure) => {
            ["langchain_core", "runnables", "base", "RunnableLambda"].map(str::to_owned).to_vec()
        }
        ComponentKind::Step(Kind::Generator) => {
            ["langchain_core", "runnables", "base", "RunnableGenerator"].map(str::to_owned).to_vec()
        }
        ComponentKind::Step(Kind::Pick) => runnable("RunnablePick"),
        ComponentKind::Step(Kind::Passthrough) => runnable("RunnablePassthrough"),
        ComponentKind::Sequence => runnable("RunnableSequence"),
        ComponentKind::Parallel => runnable("RunnableParallel"),
        ComponentKind::Branch => runnable("RunnableBranch"),
        ComponentKind::Router => runnable("RouterRunnable"),
        ComponentKind::Retry => runnable("RunnableRetry"),
        ComponentKind::Fallback => runnable("RunnableWithFallbacks"),
        ComponentKind::Map => runnable("RunnableEach"),
        ComponentKind::Configured | ComponentKind::Named => runnable("RunnableBinding"),
        kind => vec!["catena".to_owned(), word(kind).to_owned()],
    }
}

pub(in crate::manifest) fn write(manifest: &Manifest) -> Value {
    let mut deep = Deep::default();
    let mut json = component(&manifest.root, 0, &mut deep);
    json["catena"]["title"] = manifest.title.as_str().into();
    json["catena"]["input"] = manifest.input.as_str().into();
    let mut parts: Vec<Value> = Vec::new();
    while let Some(part) = deep.waiting.pop_front() {
        parts.push(component(part, 0, &mut deep));
    }
    if !parts.is_empty() {
        json["catena"]["parts"] = parts.into();
    }
    json["graph"] = manifest.graph().network_json();
    json
}

/// The maximum depth of components in the JSON. Each takes up to four levels, of which parsers read 128 or so.
const DEPTH: usize = 16;

/// The components that are nested deeper, which are written one after the other in `catena.parts`.
#[derive(Default)]
struct Deep<'a> {
    waiting: VecDeque<&'a Component>,
    count: usize,
}

/// The kind of what stands for a component in `catena.parts`.
pub(super) const PART: &str = "part";

/// Writes what stands for a component that is nested too deep.
fn part<'a>(this: &'a Component, deep: &mut Deep<'a>) -> Value {
    let at = deep.count;
    deep.count += 1;
    deep.waiting.push_back(this);
    json!({
        "lc": 1,
        "type": "not_implemented",
        "id": ["catena", PART],
        "name": PART,
        "repr": PART,
        "catena": { "kind": PART, "part": at },
    })
}

fn component<'a>(this: &'a Component, depth: usize, deep: &mut Deep<'a>) -> Value {
    if depth >= DEPTH {
        return part(this, deep);
    }
    let id = class(this);
    // LangChain can make what it has a class for; functions it cannot, nor what is Catena's own.
    let made = this.class.is_some()
        || id[0] == "langchain" && !matches!(this.kind, ComponentKind::Step(Kind::Pick)) && knows_all(this);
    let mut kwargs = this.settings.clone();
    let mut catena = Map::new();
    catena.insert("kind".to_owned(), word(this.kind).into());
    if let Some(output) = &this.output {
        catena.insert("output".to_owned(), output.as_str().into());
    }
    if this.takes != Extent::Whole || this.gives != Extent::Whole {
        catena.insert("takes".to_owned(), extent(this.takes).into());
        catena.insert("gives".to_owned(), extent(this.gives).into());
    }
    if !this.name.is_empty() {
        catena.insert("name".to_owned(), this.name.as_str().into());
    }
    if this.class.is_some() {
        catena.insert("class".to_owned(), true.into());
    }
    members(this, depth, deep, &mut kwargs, &mut catena);
    let named = if this.name.is_empty() { id.last().cloned().unwrap_or_default() } else { this.name.clone() };
    let mut json = json!({ "lc": 1, "id": id, "name": named, "catena": catena });
    if made {
        json["type"] = "constructor".into();
    } else {
        json["type"] = "not_implemented".into();
        let output = this.output.as_deref().map(|output| format!(" -> {output}")).unwrap_or_default();
        json["repr"] = format!("{named}{output}").into();
    }
    if made || !kwargs.is_empty() {
        json["kwargs"] = kwargs.into();
    }
    json
}

/// Returns `true` if LangChain has all of its parts. It has no field whose failure is a value, and no map with a limit.
fn knows_all(this: &Component) -> bool {
    match this.kind {
        ComponentKind::Parallel => this.members.iter().all(|field| !field.settled && !field.label.is_empty()),
        ComponentKind::Map => this.settings.is_empty(),
        ComponentKind::Retry => !this.settings.contains_key("when") && !this.settings.contains_key("total_delay"),
        ComponentKind::Branch => false,
        _ => true,
    }
}

/// Returns the parts, if LangChain has them.
fn members<'a>(
    this: &'a Component,
    depth: usize,
    deep: &mut Deep<'a>,
    kwargs: &mut Map<String, Value>,
    catena: &mut Map<String, Value>,
) {
    let mut all: Vec<Value> = this.members.iter().map(|member| component(&member.component, depth + 1, deep)).collect();
    let mut set = |name: &str, value: Value| kwargs.insert(name.to_owned(), value);
    match this.kind {
        ComponentKind::Sequence => {
            if let Some(last) = all.pop().filter(|_| !all.is_empty()) {
                let middle = all.split_off(1);
                all.into_iter().next().and_then(|first| set("first", first));
                if !middle.is_empty() {
                    set("middle", middle.into());
                }
                set("last", last);
            }
        }
        ComponentKind::Parallel => {
            let keys = keys(this);
            let settled = this.members.iter().zip(&keys).filter(|(field, _)| field.settled).map(|(_, key)| key.clone());
            let settled: Vec<String> = settled.collect();
            if !settled.is_empty() {
                catena.insert("settled".to_owned(), settled.into());
            }
            let named = this.members.iter().any(|field| !field.label.is_empty());
            catena.insert("fields".to_owned(), keys.clone().into());
            catena.insert("named".to_owned(), named.into());
            set("steps__", keys.into_iter().zip(all).collect::<Map<_, _>>().into());
        }
        ComponentKind::Router => {
            let keys = this.members.iter().map(|route| route.label.clone());
            set("runnables", keys.zip(all).collect::<Map<_, _>>().into());
        }
        ComponentKind::Branch => {
            let patterns: Vec<&str> = this.members.iter().map(|arm| arm.label.as_str()).collect();
            // The last arm is what is left when no other is taken, whatever its pattern.
            if let (Some(default), [conditions @ .., _]) = (all.pop(), &patterns[..]) {
                let arms = conditions.iter().zip(all).map(|(pattern, arm)| Value::from(vec![condition(pattern), arm]));
                set("branches", arms.collect());
                set("default", default);
            }
            catena.insert("patterns".to_owned(), patterns.into());
        }
        ComponentKind::Fallback => {
            let mut all = all.into_iter();
            if let Some(first) = all.next() {
                set("runnable", first);
                set("fallbacks", all.collect());
            }
        }
        ComponentKind::Race => {
            set("rivals", all.into());
        }
        ComponentKind::Named => {
            set("config", json!({ "run_name": this.name }));
            all.into_iter().next().and_then(|inner| set("bound", inner));
        }
        _ => {
            all.into_iter().next().and_then(|inner| set("bound", inner));
        }
    }
}

/// A pattern, as LangChain has conditions: a function.
fn condition(pattern: &str) -> Value {
    json!({
        "lc": 1,
        "type": "not_implemented",
        "id": ["langchain_core", "runnables", "base", "RunnableLambda"],
        "name": pattern,
        "repr": pattern,
    })
}

/// The names of fields; where they have none, their places.
fn keys(map: &Component) -> Vec<String> {
    let key = |(at, field): (usize, &Member)| if field.label.is_empty() { at.to_string() } else { field.label.clone() };
    map.members.iter().enumerate().map(key).collect()
}

fn extent(extent: Extent) -> &'static str {
    match extent {
        Extent::Whole => "whole",
        Extent::Pieces => "pieces",
        Extent::Same => "same",
    }
}
