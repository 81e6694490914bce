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
