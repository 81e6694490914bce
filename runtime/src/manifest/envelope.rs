//! Components in LangChain's envelope: `{"lc": 1, "type": "constructor", "id": [..], "kwargs": {..}}`.

use super::{Component, ComponentKind, Manifest, Member};
use crate::{Extent, Kind};
use serde_json::{Map, Value, json};

type Read<T> = Result<T, String>;

/// The kinds by the names that the JSON has for them.
const KINDS: [(&str, ComponentKind); 28] = [
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
pub(super) fn word(kind: ComponentKind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or("step", |(word, _)| word)
}

/// What LangChain calls such a component; where it has none, Catena's name.
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

pub(super) fn write(manifest: &Manifest) -> Value {
    let mut json = component(&manifest.root);
    json["catena"]["title"] = manifest.title.as_str().into();
    json["catena"]["input"] = manifest.input.as_str().into();
    json["graph"] = manifest.graph().network_json();
    json
}

fn component(this: &Component) -> Value {
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
    members(this, &mut kwargs, &mut catena);
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

/// Whether there is nothing in it that LangChain would refuse: a field whose failure is a value, a chain for each item with
/// a limit of its own.
fn knows_all(this: &Component) -> bool {
    match this.kind {
        ComponentKind::Parallel => this.members.iter().all(|field| !field.settled && !field.label.is_empty()),
        ComponentKind::Map => this.settings.is_empty(),
        ComponentKind::Retry => !this.settings.contains_key("when") && !this.settings.contains_key("total_delay"),
        ComponentKind::Branch => false,
        _ => true,
    }
}

/// What it is made of, where LangChain has it.
fn members(this: &Component, kwargs: &mut Map<String, Value>, catena: &mut Map<String, Value>) {
    let all: Vec<Value> = this.members.iter().map(|member| component(&member.component)).collect();
    let mut set = |name: &str, value: Value| kwargs.insert(name.to_owned(), value);
    match this.kind {
        ComponentKind::Sequence => {
            if let [first, middle @ .., last] = &all[..] {
                set("first", first.clone());
                if !middle.is_empty() {
                    set("middle", middle.into());
                }
                set("last", last.clone());
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
            if let (Some((default, arms)), [conditions @ .., _]) = (all.split_last(), &patterns[..]) {
                let arms = conditions.iter().zip(arms).map(|(pattern, arm)| json!([condition(pattern), arm]));
                set("branches", arms.collect());
                set("default", default.clone());
            }
            catena.insert("patterns".to_owned(), patterns.into());
        }
        ComponentKind::Fallback => {
            if let Some((first, rest)) = all.split_first() {
                set("runnable", first.clone());
                set("fallbacks", rest.into());
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

pub(super) fn read(json: &Value) -> Read<Manifest> {
    let text = |name: &str| json["catena"][name].as_str().unwrap_or_default().to_owned();
    Ok(Manifest { title: text("title"), input: text("input"), root: part(json, "the chain")? })
}

fn part(json: &Value, place: &str) -> Read<Component> {
    let Value::Object(fields) = json else { return Err(format!("{place} is not an object")) };
    if fields.get("lc") != Some(&1.into()) {
        return Err(format!("{place} is not an object with `\"lc\": 1`"));
    }
    let catena = &json["catena"];
    let Some(word) = catena["kind"].as_str() else {
        return Err(format!("{place} has no `catena.kind`: it was not written by Catena"));
    };
    let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == word) else {
        return Err(format!("{place} has the kind `{word}`, which is not known"));
    };
    let mut this = Component::new(*kind);
    this.name = catena["name"].as_str().unwrap_or_default().to_owned();
    this.output = catena["output"].as_str().map(str::to_owned);
    this.takes = read_extent(&catena["takes"], place)?;
    this.gives = read_extent(&catena["gives"], place)?;
    if catena["class"] == true {
        this.class = Some(texts(&json["id"], place, "id")?);
    }
    let mut kwargs = json["kwargs"].as_object().cloned().unwrap_or_default();
    this.members = read_members(*kind, &mut kwargs, catena, place)?;
    if *kind == ComponentKind::Named {
        kwargs.remove("config");
    }
    this.settings = kwargs;
    Ok(this)
}

fn read_members(
    kind: ComponentKind,
    kwargs: &mut Map<String, Value>,
    catena: &Value,
    place: &str,
) -> Read<Vec<Member>> {
    let mut take = |name: &str| kwargs.remove(name).ok_or_else(|| format!("{place} has no `kwargs.{name}`"));
    let list = |value: Value, name: &str| match value {
        Value::Array(items) => Ok(items),
        _ => Err(format!("`kwargs.{name}` of {place} is not a list")),
    };
    let unnamed = |all: Vec<Value>| -> Read<Vec<Member>> {
        let parts = all.iter().enumerate().map(|(at, json)| part(json, &format!("{place}.{at}")));
        parts.map(|part| part.map(|part| Member::new("", part))).collect()
    };
    match kind {
        ComponentKind::Step(_) | ComponentKind::Opaque => Ok(Vec::new()),
        ComponentKind::Sequence => {
            let mut all = vec![take("first")?];
            if let Ok(middle) = take("middle") {
                all.extend(list(middle, "middle")?);
            }
            all.push(take("last")?);
            unnamed(all)
        }
        ComponentKind::Parallel => {
            let (steps, settled) = (take("steps__")?, texts(&catena["settled"], place, "settled").unwrap_or_default());
            let field = |key: String| {
                let component = part(&steps[&key], &format!("{place}.<{key}>"))?;
                let settled = settled.contains(&key);
                Ok(Member { label: if catena["named"] == true { key } else { String::new() }, settled, component })
            };
            texts(&catena["fields"], place, "fields")?.into_iter().map(field).collect()
        }
        ComponentKind::Router => {
            let Value::Object(routes) = take("runnables")? else {
                return Err(format!("`kwargs.runnables` of {place} is not an object"));
            };
            let route =
                |(key, json): (String, Value)| Ok(Member::new(key.clone(), part(&json, &format!("{place}.{key}"))?));
            routes.into_iter().map(route).collect()
        }
        ComponentKind::Branch => {
            let mut arms: Vec<Value> = list(take("branches")?, "branches")?.iter().map(|arm| arm[1].clone()).collect();
            arms.push(take("default")?);
            let patterns = texts(&catena["patterns"], place, "patterns")?;
            if patterns.len() != arms.len() {
                return Err(format!("{place} has {} arms and {} patterns", arms.len(), patterns.len()));
            }
            let arm = |(pattern, json): (String, Value)| Ok(Member::new(pattern, part(&json, place)?));
            patterns.into_iter().zip(arms).map(arm).collect()
        }
        ComponentKind::Fallback => {
            let mut all = vec![take("runnable")?];
            all.extend(list(take("fallbacks")?, "fallbacks")?);
            unnamed(all)
        }
        ComponentKind::Race => unnamed(list(take("rivals")?, "rivals")?),
        _ => unnamed(vec![take("bound")?]),
    }
}

fn texts(value: &Value, place: &str, name: &str) -> Read<Vec<String>> {
    let texts = value.as_array().and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
    texts.ok_or_else(|| format!("`{name}` of {place} is not a list of texts"))
}

fn read_extent(value: &Value, place: &str) -> Read<Extent> {
    match value.as_str() {
        None | Some("whole") => Ok(Extent::Whole),
        Some("pieces") => Ok(Extent::Pieces),
        Some("same") => Ok(Extent::Same),
        Some(other) => Err(format!("{place} has the extent `{other}`, which is not known")),
    }
}
