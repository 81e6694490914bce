//! Chains where Rust has expressions, and steps where it has items.

use super::now;
use catena::prelude::*;
use std::sync::LazyLock;

#[runnable]
fn length(text: &str) -> usize {
    text.len()
}

const LENGTH: length = length;
static STORED: LazyLock<catena::BoxRunnable<String, usize>> = LazyLock::new(|| chain!(String => length).boxed());

trait Builds {
    const STEP: length = length;
    fn chain() -> impl Runnable<String, Output = usize>;
    fn twice(&self) -> impl Runnable<String, Output = usize> {
        chain!(String => Self::STEP | |n| n * 2)
    }
}

struct Builder {
    add: usize,
}

impl Builds for Builder {
    fn chain() -> impl Runnable<String, Output = usize> {
        chain!(String => LENGTH)
    }
}

impl Builder {
    fn added(&self) -> impl Runnable<String, Output = usize> + use<> {
        let add = self.add;
        chain!(String => length | move |n| n + add)
    }

    fn generic<T: Clone + Sync + Send + 'static>(of: fn(&T) -> usize) -> impl Runnable<T, Output = usize> {
        chain!(T => <size: move |t| of(&t), same: _> | .size)
    }
}

const fn in_const() -> usize {
    #[runnable]
    fn inner(n: usize) -> usize {
        n + 1
    }
    let _ = inner;
    3
}

const NODE: catena::Node = <length as Step>::NODE;

#[test]
fn chains_stand_in_traits_impls_statics_and_closures() {
    assert_eq!(now(Builder::chain().invoke("abc".into())), 3);
    assert_eq!(now(Builder { add: 1 }.twice().invoke("abc".into())), 6);
    assert_eq!(now(Builder { add: 1 }.added().invoke("abc".into())), 4);
    assert_eq!(now(Builder::generic(|text: &String| text.len()).invoke("abc".into())), 3);
    assert_eq!(now(STORED.invoke("abc".into())), 3);
    let make = |more: usize| chain!(String => length | move |n| n + more);
    assert_eq!(now(make(1).invoke("abc".into())) + in_const(), 7);
    assert!(format!("{NODE:?}").contains("length"), "{NODE:?}");
}
