//! Real input with some tokens deleted, doubled, swapped, replaced, wrapped or unwrapped. An expander never panics, and
//! its output always parses. `CATENA_RANDOM_CASES=1000000` tries more of them.

use super::{
    expand,
    random::{WORDS, parses},
};
use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};
use proptest::prelude::*;
use quote::quote;
use std::str::FromStr;

/// (macro, options, input)
pub(super) const REAL: &[(&str, &str, &str)] = &[
    ("chain", "", "Question => prompt | model.retry(3) | parse::<Answer>()"),
    ("chain", "", "&str => a | b"),
    ("chain", "", "<gpt: model_a | .text, claude?: model_b.retry(3)> | merge"),
    ("chain", "", "{ text: String, lang: u8 } => <.., size: length> | .{text, size}"),
    ("chain", "", "String => <gpt: a, r#type: <b: c>> as Answers<Vec<u8>> | d"),
    ("chain", "", "|x| x + 1 | move |y: &str| -> u8 { fetch(y).await? } | async |z| z | _ | .name"),
    ("chain", "", "match { Some(x) if x > 1 => a | b, A { c, d: [e, ..] } => e, x @ (1..=3 | 7) => f, _ => g } | h"),
    (
        "chain",
        "",
        "<a: .b.c, d: |n| n > 3 && n < 5, e: |n| n << 2> | match .d.e { \"x\" | \"y\" => a, Some(\"z\") => todo!() }",
    ),
    ("chain", "", "match config(KEYS) { \"fast\" => a, _ => b }"),
    ("chain", "", "json::<Vec<A>>() | models::gpt(&[1, 2]) | X { y: 1 } | (a | b) | chain!(a | b).boxed()"),
    ("record", "", "text, lang: \"en\", r#type: vec![1, 2]"),
    ("derive_record", "", "struct Question<'a, T: X = u8> where T: Y { pub text: &'a str, r#type: T }"),
    ("derive_record", "", "#[record(chunk = Piece)] struct Answers { gpt: String, size: usize }"),
    ("prompt", "", "\"Answer: {question:>5} {{}}\""),
    ("prompt", "", "system: \"Be brief.\", user: \"{question}\", assistant: \"{}\""),
    (
        "runnable",
        "name = \"x\", retry = 3, timeout = \"5s\", tags(\"a\")",
        "/// Docs.\npub fn f(text: &str) -> u8 { 1 }",
    ),
    ("runnable", "blocking, kind = tool", "fn f(a: u8, mut b: &[u8], cx: &Context) -> Result<(), E> { g()? }"),
    ("runnable", "idempotent", "async fn f<'a, T: X, const N: usize>(a: &'a T, b: [u8; N]) -> T where T: Y + 'a { a }"),
    (
        "runnable",
        "retry(attempts = 3, base = \"1s\")",
        "fn parse<T: DeserializeOwned>(text: &str) -> Result<T, E> { x }",
    ),
    (
        "runnable",
        "",
        "impl<T> Runnable<T> for Scale where T: Mul { type Output = T; async fn call(&self, i: T, _: &C) { i } }",
    ),
    (
        "runnable",
        "name = \"x\", deny(untimed_model, own::<2>)",
        "fn c() -> impl Runnable<Q> { chain!(prompt | model) }",
    ),
    (
        "tool",
        "name = \"look-up\", description = \"x\", timeout = \"5s\", idempotent, output_limit = 10",
        "/// Docs.\nasync fn f(#[doc = \"A.\"] a: &str, b: Option<u8>, cx: &Context) -> Result<Vec<u8>, E> { g(a).await? }",
    ),
    (
        "tool",
        "blocking",
        "/// Docs.\npub(crate) fn f<'a, T: X>(&self, mut a: &'a [T], (b, c): (u8, u8)) -> impl Y { a }",
    ),
    (
        "runnable",
        "",
        "fn s(a: impl Stream<Item = Result<u8>> + Send) -> impl Stream<Item = Result<u8>> + Send { a.map(f) }",
    ),
];

/// A change of a token, or of a token inside it.
#[derive(Clone, Copy, Debug)]
struct Edit {
    at: usize,
    other: usize,
    kind: usize,
    deeper: bool,
}

fn edit() -> impl Strategy<Value = Edit> {
    (any::<usize>(), any::<usize>(), 0..7_usize, any::<bool>()).prop_map(|(at, other, kind, deeper)| Edit {
        at,
        other,
        kind,
        deeper,
    })
}

fn edited(tokens: TokenStream, edit: Edit) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let Some(at) = edit.at.checked_rem(tokens.len()) else { return TokenStream::new() };
    let other = edit.other % tokens.len();
    let delimiters = [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];
    let delimiter = delimiters[edit.other % delimiters.len()];
    if let (TokenTree::Group(group), true) = (&tokens[at], edit.deeper) {
        let inside = edited(group.stream(), Edit { at: edit.at / 7, other: edit.other / 7, ..edit });
        tokens[at] = Group::new(group.delimiter(), inside).into();
        return tokens.into_iter().collect();
    }
    match edit.kind {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[other].clone()),
        2 => tokens.swap(at, other),
        3 | 4 => {
            let word = TokenStream::from_str(WORDS[edit.other % WORDS.len()]).unwrap_or_default();
            tokens.splice(at..at + usize::from(edit.kind == 3), word);
        }
        5 => {
            let (from, to) = (at.min(other), at.max(other));
            let inside = tokens.drain(from..=to).collect();
            tokens.insert(from, Group::new(delimiter, inside).into());
        }
        _ => {
            let inside = match &tokens[at] {
                TokenTree::Group(group) => group.stream(),
                single => single.clone().into(),
            };
            tokens.splice(at..=at, inside);
        }
    }
    tokens.into_iter().collect()
}

/// Generates one of these inputs, changed in some positions.
fn mutated(real: &'static [(&'static str, &'static str, &'static str)]) -> impl Strategy<Value = [TokenStream; 3]> {
    let edits = proptest::collection::vec(edit(), 0..5);
    let of_options = proptest::collection::vec(edit(), 0..2);
    (proptest::sample::select(real), edits, of_options).prop_map(|((name, options, input), edits, of_options)| {
        let [options, input] = [options, input].map(|text| TokenStream::from_str(text).unwrap_or_default());
        let name = quote::format_ident!("{name}");
        [quote!(#name), of_options.into_iter().fold(options, edited), edits.into_iter().fold(input, edited)]
    })
}

fn template() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "{", "}", "{a}", "{b:?}", "{a:>9$}", "{:.*}", "{{", "r#fn", "{r#fn}", " ", "\u{0}", "\u{e9}", "{self}", "{0}",
        "{_}",
    ];
    let piece = prop_oneof![proptest::sample::select(PIECES).prop_map(str::to_owned), "\\PC{0,4}"];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn cases(usually: u32) -> ProptestConfig {
    let cases = std::env::var("CATENA_RANDOM_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usually);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The number of chains, which come first.
const CHAINS: usize = 9;

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn real_input_with_mistakes_never_breaks_an_expander([name, options, input] in mutated(REAL)) {
        let name = name.to_string();
        let expansion = expand(&name, input.clone(), options.clone());
        parses(&name, &expansion).map_err(|error| TestCaseError::fail(format!("`{options}` on `{input}`: {error}")))?;
    }
}

proptest! {
    // So many cases, because nothing is expanded, which takes most of the time.
    #![proptest_config(cases(20_000))]

    #[test]
    fn chains_with_mistakes_are_read_and_checked([_, _, input] in mutated(&REAL[..CHAINS])) {
        crate::chain::checked(input, &crate::shared::diagnostics::Diagnostics::default());
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn no_text_of_a_prompt_breaks_the_expander(text in template()) {
        let text = Literal::string(&text);
        parses("prompt", &expand("prompt", quote!(#text), TokenStream::new()))?;
        parses("prompt", &expand("prompt", quote!(user: #text, system: "{a}"), TokenStream::new()))?;
    }
}

/// Inputs that once failed the property.
#[test]
fn a_half_written_type_of_items_leaves_what_parses() {
    for item in [quote!(Result<u8+>), quote!(u8+), quote!(impl Send + Sync)] {
        let input = quote!(fn bytes(text: String) -> impl Stream<Item = #item> { text });
        parses("runnable", &expand("runnable", input, TokenStream::new())).unwrap();
    }
    let without_impl = quote!(
        fn bytes(text: Stream<Item = Result<u8>> + Send) -> impl Stream<Item = Result<u8>> {
            text
        }
    );
    parses("runnable", &expand("runnable", without_impl, TokenStream::new())).unwrap();
}

#[test]
fn a_plus_after_a_struct_to_fill_leaves_what_parses() {
    let input = quote!(String => <gpt: a, claude: b> as Answers<Vec<u8>> + d);
    parses("chain", &expand("chain", input, TokenStream::new())).unwrap();
}

#[test]
fn parameters_without_a_name_are_mistakes_of_their_own() {
    for input in [
        quote!(
            fn f((a, b): (u8, u8), c: u8) -> u8 {
                a
            }
        ),
        quote!(
            fn f(1: &u8, b: [u8; 3]) -> u8 {
                b
            }
        ),
        quote!(
            async fn f<'a, T: X, const N: usize>(1: &'a T, b: [u8; N]) -> T
            where
                T: Y + 'a,
            {
                a
            }
        ),
    ] {
        let expansion = expand("runnable", input, TokenStream::new());
        parses("runnable", &expansion).unwrap();
        assert!(expansion.to_string().contains("give this one a name"), "{expansion}");
    }
}

#[test]
fn a_policy_with_arguments_leaves_what_parses() {
    let input = quote!(
        fn c() -> impl Runnable<Q> {
            chain!(prompt | model)
        }
    );
    for policies in [quote!(deny(own::many<2>)), quote!(deny(more_models_than<3>)), quote!(deny(more_models_than::<3>))]
    {
        parses("runnable", &expand("runnable", input.clone(), policies)).unwrap();
    }
}
