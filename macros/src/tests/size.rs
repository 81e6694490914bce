//! The number of tokens that each construct expands to, which the compiler has to read and check. A ceiling may be
//! raised if the gain is worth the compile time of every user.

use super::expand;
use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};

/// The ceiling of another step in a chain.
const STEP: usize = 60;
/// The ceiling of another branch in a map, up to twelve.
const BRANCH: usize = 725;
/// The ceiling of a `#[runnable]` function of one parameter.
const FUNCTION: usize = 1_550;
/// The ceiling of a `#[runnable]` function of two fields.
const FUNCTION_OF_TWO: usize = 2_280;

/// Counts all tokens, including those within groups.
fn tokens(stream: TokenStream) -> usize {
    let within = |tree| match tree {
        TokenTree::Group(group) => 2 + tokens(group.stream()),
        _ => 1,
    };
    stream.into_iter().map(within).sum()
}

fn size(name: &str, input: TokenStream) -> usize {
    tokens(expand(name, input, TokenStream::new()))
}

/// Returns the size of a chain of this many steps.
fn chain(steps: usize) -> usize {
    let steps = vec![quote!(step); steps];
    size("chain", quote!(String => #(#steps)|*))
}

/// Returns the size of a chain of one map with this many branches.
fn map(branches: usize) -> usize {
    // All of the same length, because the name of a field is part of its type.
    let names = (10..10 + branches).map(|n| format_ident!("f{n}"));
    size("chain", quote!(String => <#(#names: step),*>))
}

/// Returns the size of one more, which has to be the same for the first ones and for the last ones.
fn each(of: fn(usize) -> usize) -> usize {
    let (few, more, many) = (of(2), of(7), of(12));
    assert_eq!(more - few, many - more, "more than linear");
    (many - few) / 10
}

#[test]
fn a_step_of_a_chain_is_small() {
    let size = each(chain);
    assert!(size <= STEP, "{size} tokens a step");
}

#[test]
fn long_chains_and_wide_maps_grow_with_their_length() {
    // More than twelve are nested, which adds to the tokens of the step.
    let (short, long) = (chain(30), chain(300));
    assert!(long <= 11 * short, "{short} tokens for 30 steps, {long} for 300");
    let (narrow, wide) = (map(12), map(48));
    assert!(wide <= 5 * narrow, "{narrow} tokens for 12 branches, {wide} for 48");
}

#[test]
fn a_branch_of_a_map_is_small() {
    let size = (map(12) - map(2)) / 10;
    assert!(size <= BRANCH, "{size} tokens a branch");
}

#[test]
fn a_function_is_small() {
    let one = size(
        "runnable",
        quote!(
            pub fn shout(text: &str) -> String {
                text.to_uppercase()
            }
        ),
    );
    assert!(one <= FUNCTION, "{one} tokens for a function");
    let two = size(
        "runnable",
        quote!(
            pub fn merge(one: String, two: String) -> String {
                one + &two
            }
        ),
    );
    assert!(two <= FUNCTION_OF_TWO, "{two} tokens for a function of two fields");
}
