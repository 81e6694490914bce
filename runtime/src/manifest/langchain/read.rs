//! Components from LangChain's envelope.

use super::write::{KINDS, PART};
use crate::{Component, ComponentKind, Extent, Manifest, Member};
use serde_json::{Map, Value};

type Read<T> = Result<T, String>;

pub(in crate::manifest) fn read(json: &Value) -> Read<Manifest> {
    let text = |name: &str| json["catena"][name].as_str().unwrap_or_default().to_owned();
    // A part stands for components that come after it, so that those are read first, and none contains itself.
    let written = json["catena"]["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut parts: Parts = written.iter().map(|_| None).collect();
    for (at, json) in written.iter().enumerate().rev() {
        parts[at] = Some(part(json, &format!("part {at}"), &mut parts)?);
    }
    Ok(Manifest { title: text("title"), input: text("input"), root: part(json, "the chain", &mut parts)? })
}

/// The components that are nested deep, until they are taken to their places.
type Parts = Vec<Option<Component>>;

fn part(json: &Value, place: &str, parts: &mut Parts) -> Read<Component> {
    let Value::Object(fields) = json else { return Err(format!("{place} is not an object")) };
    if fields.get("lc") != Some(&1.into()) {
        return Err(format!("{place} is not an object with `\"lc\": 1`"));
    }
    let catena = &json["catena"];
    let Some(word) = catena["kind"].as_str() else {
        return Err(format!("{place} has no `catena.kind`: it was not written by Catena"));
    };
    if word == PART {
        let at = catena["part"].as_u64().and_then(|at| usize::try_from(at).ok());
        let part = at.and_then(|at| parts.get_mut(at)?.take());
        return part.ok_or_else(|| format!("{place} is a part that is not there, or that has a place already"));
    }
    let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == word) else {
        return Err(format!("{place} has the kind `{word}`, which is not known"));
    };
    let mut this = Component::new(*kind);
    catena["name"].as_str().unwrap_or_default().clone_into(&mut this.name);
    this.output = catena["output"].as_str().map(str::to_owned);
    this.takes = read_extent(&catena["takes"], place)?;
    this.gives = read_extent(&catena["gives"], place)?;
    if catena["class"] == true {
        this.class = Some(texts(&json["id"], place, "id")?);
    }
    let mut kwargs = json["kwargs"].as_object().cloned().unwrap_or_default();
    this.members = read_members(*kind, &mut kwargs, catena, place, parts)?;
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
    parts: &mut Parts,
) -> Read<Vec<Member>> {
    let mut take = |name: &str| kwargs.remove(name).ok_or_else(|| format!("{place} has no `kwargs.{name}`"));
    let list = |value: Value, name: &str| match value {
        Value::Array(items) => Ok(items),
        _ => Err(format!("`kwargs.{name}` of {place} is not a list")),
    };
    let mut unnamed = |all: Vec<Value>| -> Read<Vec<Member>> {
        let read = all.iter().enumerate().map(|(at, json)| part(json, &format!("{place}.{at}"), parts));
        read.map(|part| part.map(|part| Member::new("", part))).collect()
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
                let component = part(&steps[&key], &format!("{place}.<{key}>"), parts)?;
                let settled = settled.contains(&key);
                Ok(Member { label: if catena["named"] == true { key } else { String::new() }, settled, component })
            };
            texts(&catena["fields"], place, "fields")?.into_iter().map(field).collect()
        }
        ComponentKind::Router => {
            let Value::Object(routes) = take("runnables")? else {
                return Err(format!("`kwargs.runnables` of {place} is not an object"));
            };
            let route = |(key, json): (String, Value)| {
                Ok(Member::new(key.clone(), part(&json, &format!("{place}.{key}"), parts)?))
            };
            routes.into_iter().map(route).collect()
        }
        ComponentKind::Branch => {
            let mut arms: Vec<Value> = list(take("branches")?, "branches")?.iter().map(|arm| arm[1].clone()).collect();
            arms.push(take("default")?);
            let patterns = texts(&catena["patterns"], place, "patterns")?;
            if patterns.len() != arms.len() {
                return Err(format!("{place} has {} arms and {} patterns", arms.len(), patterns.len()));
            }
            let arm = |(pattern, json): (String, Value)| Ok(Member::new(pattern, part(&json, place, parts)?));
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
