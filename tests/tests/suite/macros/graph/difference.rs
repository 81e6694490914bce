//! What has changed between two manifests, in words.

use super::{
    combinators::{shout, words},
    models::{GPT, Model, Routed, SONNET},
};
use catena::{Manifest, Router, prelude::*};
use std::time::Duration;

#[runnable]
fn trim(text: String) -> String {
    text.trim().to_owned()
}

#[runnable]
fn polish(text: String) -> String {
    text
}

fn difference(old: &Manifest, new: &Manifest) -> String {
    assert!(old.difference(old).is_empty() && new.difference(new).is_empty());
    old.difference(new).to_string()
}

#[test]
fn steps_come_and_go() {
    let short = chain!(String => trim | words).manifest();
    let long = chain!(String => trim | shout | polish | words).manifest();
    assert_eq!(
        difference(&short, &long),
        "the chain: shout added after trim (function)\nthe chain: polish added after shout (function)\n"
    );
    assert_eq!(
        difference(&long, &short),
        "the chain: shout removed (function)\nthe chain: polish removed (function)\n"
    );
    let other = chain!(String => trim | polish | shout | words).manifest();
    assert_eq!(difference(&long, &other), "the chain: shout moved from place 2 to 3\n");
    let renamed = chain!(String => trim | words.named("count")).manifest();
    assert_eq!(difference(&short, &renamed), "the chain: words is now called count\n");
    let replaced = chain!(String => polish | words).manifest();
    assert_eq!(difference(&short, &replaced), "the chain: trim is now called polish\n");
}

#[test]
fn settings_change() {
    let model = |model, temperature| chain!(String => Model { model, temperature }.named("gpt")).manifest();
    assert_eq!(
        difference(&model("gpt-4o", 0.2), &model("gpt-5", 0.7)),
        "gpt: model gpt-4o -> gpt-5\ngpt: temperature 0.2 -> 0.7\n"
    );
    let limited = |attempts: u32, seconds| {
        chain!(String => trim | shout.timeout(Duration::from_secs(seconds)).retry(attempts)).manifest()
    };
    assert_eq!(difference(&limited(3, 20), &limited(5, 30)), "shout: attempts 3 -> 5\nshout: limit 20 s -> 30 s\n");
    let bare = chain!(String => trim | shout).manifest();
    assert_eq!(
        difference(&bare, &limited(3, 20)),
        "shout: now tried again on failure (attempts 3)\nshout: now limited in time (20 s)\n"
    );
    assert_eq!(
        difference(&limited(3, 20), &bare),
        "shout: no longer tried again on failure (attempts 3)\nshout: no longer limited in time (20 s)\n"
    );
}

#[test]
fn fields_change() {
    let old = chain!(String => <gpt: GPT, claude: SONNET>).manifest();
    let settled = chain!(String => <gpt: GPT, claude?: SONNET.retry(2)>).manifest();
    assert_eq!(
        difference(&old, &settled),
        "the chain: gives { gpt: String, claude: Result<String> }, before { gpt: String, claude: String }\n\
         the chain: field <claude> now settled: its failure is a value\n\
         <claude>.SONNET: now tried again on failure (attempts 2)\n"
    );
    let more = chain!(String => <gpt: GPT, loud: shout, claude: SONNET> | |r| record! { gpt: r.gpt, claude: r.claude });
    let more = more.manifest();
    assert!(difference(&old, &more).contains("is now a sequence of a map, |r|"), "{}", difference(&old, &more));
    let three = chain!(String => <gpt: GPT, loud: shout, claude: SONNET>).manifest();
    assert!(difference(&old, &three).ends_with("the chain: field <loud> added (shout)\n"));
    assert!(difference(&three, &old).ends_with("the chain: field <loud> removed (shout)\n"));
    let renamed = chain!(String => <gpt: GPT, sonnet: SONNET>).manifest();
    assert!(difference(&old, &renamed).ends_with("the chain: field <claude> is now called <sonnet>\n"));
}

#[test]
fn arms_and_routes_change() {
    let old = chain!(usize => match { 0 => |_| 0, _ => |n| n * 2 }).manifest();
    let new = chain!(usize => match { 0 => |_| 0, 1 => |_| 1, _ => |n| n * 2 }).manifest();
    assert_eq!(difference(&old, &new), "the chain: arm `1` added (|_|)\n");
    let router = |key: &str, attempts: u32| {
        let routes = [(key.to_owned(), shout.retry(attempts).boxed()), ("b".to_owned(), trim.boxed())];
        chain!(Routed => Router::new(routes)).manifest()
    };
    assert_eq!(difference(&router("a", 2), &router("a", 3)), "\"a\".shout: attempts 2 -> 3\n");
    assert_eq!(difference(&router("a", 2), &router("aa", 2)), "the chain: route \"a\" is now called \"aa\"\n");
}

#[test]
fn alternatives_change() {
    let old = GPT.fallback(SONNET).manifest();
    let new = GPT.fallback(SONNET).fallback(shout).manifest();
    assert_eq!(difference(&old, &new), "the chain: shout added after a model (function)\n");
}

#[test]
fn types_and_names_change() {
    #[runnable]
    fn compare() -> impl Runnable<String, Output = usize> {
        chain!(String => shout | words)
    }
    let unnamed = chain!(String => shout | words).manifest();
    assert_eq!(difference(&unnamed, &compare().manifest()), "the chain: was called no name, is now called `compare`\n");
    let numbers = chain!(u8 => |n| n + 1).manifest();
    let texts = chain!(String => |n| n + "!").manifest();
    assert_eq!(
        difference(&numbers, &texts),
        "the chain: takes String, before u8\nthe chain: gives String, before u8\n"
    );
}
