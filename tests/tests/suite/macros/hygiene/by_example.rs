//! Chains that macros by example write.

use super::now;
use catena::prelude::*;

macro_rules! twice {
    ($input:ty => $step:expr) => {
        chain!($input => $step | $step)
    };
}

macro_rules! fields {
    ($input:ty => $($name:ident: $step:expr),+; $last:ident) => {
        chain!($input => <$($name: $step),+> | .$last)
    };
}

macro_rules! steps {
    ($name:ident($param:ident: $ty:ty) -> $output:ty $body:block) => {
        #[runnable(name = "made")]
        fn $name($param: $ty) -> $output $body
    };
}

macro_rules! branch {
    ($input:ty, $pattern:pat => $step:expr, $otherwise:expr) => {
        chain!($input => match { $pattern => $step, _ => $otherwise })
    };
}

macro_rules! records {
    ($name:ident { $($field:ident: $ty:ty),* }) => {
        #[derive(Clone, Record)]
        struct $name { $($field: $ty),* }
    };
}

macro_rules! whole {
    ($($chain:tt)*) => { chain!($($chain)*) };
}

macro_rules! adding {
    ($n:literal, $x:ident) => { chain!(usize => |$x: usize| $x + $n) };
}

macro_rules! in_a_row {
    ($input:ty => $($step:expr),+ $(,)?) => { chain!($input => $($step)|+) };
}

macro_rules! passed_on {
    ($($step:expr),+) => { in_a_row!(String => $($step),+) };
}

macro_rules! arms {
    ($input:ty, $name:ident, $some:expr, $none:expr) => {
        chain!($input => match { Some($name) => $some, None => $none })
    };
}

macro_rules! same_names {
    ($step:expr) => {{
        let text = 3_usize;
        chain!(String => $step | move |n| n + text)
    }};
}

macro_rules! picks {
    ($input:ty, $field:ident) => { chain!($input => .$field | longer) };
}

macro_rules! filled {
    ($target:ident, $($field:ident = $step:expr),+) => { chain!(String => <$($field: $step),+> as $target) };
}

macro_rules! wrapped {
    ($steps:path, $block:block) => { chain!(String => $steps | $block) };
}

steps!(longer(text: String) -> String { text + "!" });
records!(Pair { one: String, two: usize });

#[test]
fn fragments_are_steps_names_types_and_patterns() {
    assert_eq!(now(twice!(String => longer).invoke("a".into())), "a!!");
    assert_eq!(now(twice!(String => longer.retry(2)).invoke("a".into())), "a!!");
    let chain = fields!(String => one: longer, two: chain!(String => |text| text.len()); two);
    assert_eq!(now(chain.invoke("abc".into())), 3);
    let chain = branch!(Option<String>, Some(text) => longer, chain!(|_: Option<String>| String::new()));
    assert_eq!(now(chain.invoke(Some("a".into()))), "a!");
    let chain = whole!(Pair => <one: .one, two: |pair| pair.two> as Pair | .one | longer);
    assert_eq!(now(chain.invoke(Pair { one: "a".into(), two: 1 })), "a!");
    assert_eq!(now(adding!(2, x).invoke(1)), 3);
}

#[test]
fn closures_are_steps_of_a_list() {
    let suffix = String::from("?");
    let chain =
        in_a_row!(String => longer, move |text| text + &suffix, async |text: String| text + ".", |text| text.len());
    assert_eq!(now(chain.invoke("a".into())), 4);
    let chain = in_a_row!(String => |text| async move { later(text).await }, |text| text.parse::<usize>()?, _);
    assert_eq!(now(chain.invoke("7".into())), 7);
    // Of a macro that another one calls.
    assert_eq!(now(passed_on!(longer, |text| text.len(), |n| n * 2).invoke("a".into())), 4);
}

#[allow(clippy::unused_async, reason = "the closures wait for it")]
async fn later(text: String) -> String {
    text
}

#[test]
fn closures_are_branches_arms_and_fields() {
    let chain = fields!(String => one: |text| text.len(), two: async |text: String| text; one);
    assert_eq!(now(chain.invoke("abc".into())), 3);
    let chain = arms!(Option<String>, text, |text| text.len(), |_| 0);
    assert_eq!((now(chain.invoke(Some("abc".into()))), now(chain.invoke(None))), (3, 0));
    let chain = filled!(Pair, one = longer, two = |text| text.len());
    assert_eq!(now(chain.invoke("a".into())).two, 1);
    let pair = Pair { one: "a".into(), two: 1 };
    assert_eq!(now(picks!(Pair, one).invoke(pair)), "a!");
    assert_eq!(now(wrapped!(longer, { longer.retry(2) }).invoke("a".into())), "a!!");
}

/// A variable of the macro is not the one of its caller that has the same name.
#[test]
fn variables_of_the_macro_are_its_own() {
    let text = String::from("abc");
    let chain = same_names!(move |n| n.len() + text.len());
    assert_eq!(now(chain.invoke("a".into())), 7);
}
