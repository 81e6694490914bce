//! Random tokens: an expander never panics, and its output always parses.

use super::{drawings, expand};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use proptest::prelude::*;
use quote::quote;
use std::str::FromStr;

/// The words of chains, functions and prompts.
pub(super) const WORDS: &[&str] = &[
    "a",
    "b",
    "gpt",
    "r#type",
    "match",
    "if",
    "as",
    "async",
    "move",
    "await",
    "fn",
    "impl",
    "struct",
    "enum",
    "for",
    "self",
    "pub",
    "const",
    "where",
    "dyn",
    "ref",
    "mut",
    "Runnable",
    "Result",
    "Context",
    "String",
    "name",
    "retry",
    "timeout",
    "tags",
    "blocking",
    "kind",
    "system",
    "user",
    "|",
    "||",
    "|=",
    "<",
    ">",
    "->",
    "=>",
    "::",
    ":",
    ",",
    ";",
    "?",
    ".",
    "..",
    "..=",
    "_",
    "&",
    "'a",
    "#",
    "!",
    "=",
    "@",
    "+",
    "1",
    "2.5",
    "\"text\"",
    "\"{a}\"",
    "\"{\"",
    "\"5s\"",
    "\"{a:>9$}\"",
    "\"{}\"",
    "b'x'",
    "/// doc",
    "\u{e9}t\u{e9}",
];

/// Whole constructs, so that random tokens get past the first check.
const CONSTRUCTS: &[&str] = &[
    "String => a | b",
    "<gpt: a, b?: c>",
    "<a: b, ..>",
    "as Answers<T>",
    "match { Some(x) if x > 1 => a, _ => b }",
    "|x| x + 1",
    "|x| { x.await? }",
    "async move |x| x",
    ".name",
    ".{a, b}",
    "_",
    "{ a: String, b: u8 } => a",
    "fn f(a: String) -> Result<u8> { a }",
    "async fn f<'a, T: X>(a: &T, cx: &Context, b: &[u8]) where T: Y { }",
    "impl Runnable<u8> for X { type Output = u8; }",
    "fn f() -> impl Runnable<u8> { a }",
    "struct X<T> { a: T, b: u8 }",
    "retry(attempts = 3, base = \"1s\")",
    "json::<Vec<A>>()",
    "chain!(a | b)",
    "x @ (A | B) => a",
    "user: \"{a} {}\"",
];

fn tokens() -> impl Strategy<Value = TokenStream> {
    let word = proptest::sample::select(WORDS).prop_map(|word| TokenStream::from_str(word).unwrap_or_default());
    let construct =
        proptest::sample::select(CONSTRUCTS).prop_map(|text| TokenStream::from_str(text).unwrap_or_default());
    let leaf = prop_oneof![3 => word, 2 => construct];
    leaf.prop_recursive(4, 48, 10, |inner| {
        let many = proptest::collection::vec(inner, 0..10).prop_map(|parts| parts.into_iter().collect::<TokenStream>());
        let delimiter = prop_oneof![
            Just(Delimiter::Parenthesis),
            Just(Delimiter::Brace),
            Just(Delimiter::Bracket),
            Just(Delimiter::None),
        ];
        prop_oneof![
            3 => many.clone(),
            1 => (delimiter, many).prop_map(|(delimiter, tokens)| TokenTree::from(Group::new(delimiter, tokens)).into()),
        ]
    })
}

/// Generates valid input with some tokens dropped, doubled or swapped.
fn mutated() -> impl Strategy<Value = TokenStream> {
    let text = "Question => prompt | <gpt: model_a | .text, claude?: model_b.retry(3), ..> as Answers | |a| a.gpt \
                | match { Some(x) if x > 1 => a | b, A { c, d } => e, _ => f } | .{a, b} | json::<Vec<A>>()";
    let whole: Vec<TokenTree> = TokenStream::from_str(text).unwrap_or_default().into_iter().collect();
    let len = whole.len();
    proptest::collection::vec((0..len, 0..len, 0..3_u8), 1..6).prop_map(move |edits| {
        let mut tokens = whole.clone();
        for (at, other, edit) in edits {
            let (at, other) = (at % tokens.len(), other % tokens.len());
            match edit {
                0 if tokens.len() > 1 => drop(tokens.remove(at)),
                1 => tokens.insert(at, tokens[other].clone()),
                _ => tokens.swap(at, other),
            }
        }
        tokens.into_iter().collect()
    })
}

pub(super) fn parses(name: &str, tokens: &TokenStream) -> Result<(), TestCaseError> {
    let ok = match name {
        "runnable" | "tool" | "derive_record" => syn::parse2::<syn::File>(tokens.clone()).is_ok(),
        _ => syn::parse2::<syn::Expr>(tokens.clone()).is_ok(),
    };
    prop_assert!(ok, "{name} expands to what does not parse: {tokens}");
    Ok(())
}

/// Draws an item in every way that its page needs.
fn drawn(item: TokenStream) {
    let mut docs = Vec::new();
    crate::drawing::Page::new("x", drawings::of(item)).add_to(&mut docs);
}

const MACROS: [&str; 6] = ["chain", "record", "derive_record", "prompt", "runnable", "tool"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_tokens_never_break_an_expander(input in tokens(), options in tokens()) {
        for name in MACROS {
            parses(name, &expand(name, input.clone(), options.clone()))?;
        }
    }
}

proptest! {
    // Fewer cases, because each is drawn in every way.
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_tokens_never_break_a_drawing(input in tokens(), build in mutated()) {
        drawn(quote!(fn f() -> impl Runnable<u8> { #input }));
        drawn(quote!(fn f() -> impl Runnable<u8> { let a = chain!(#input); chain!(#build).retry(a) }));
        drawn(quote!(impl Runnable<u8> for X { fn call() { chain!(#build); chain!(#input) } }));
    }
}
