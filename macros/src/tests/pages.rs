//! The position of a drawing in the docs of an item.

use crate::drawing::{self, Page};
use quote::ToTokens;
use syn::{Attribute, Expr, ItemFn, Lit, Meta, parse_quote};

/// Returns the docs of a function as rustdoc gets them, with `DRAWN` in place of the drawing.
fn docs(function: &ItemFn) -> String {
    let mut docs: Vec<Attribute> = function.attrs.clone();
    Page::new("f", drawing::of_function("f", function)).add_to(&mut docs);
    let lines = docs.iter().map(|attribute| match &attribute.meta {
        Meta::NameValue(doc) => match &doc.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) if text.value().contains("<svg") => {
                    assert_eq!(text.value().matches("<svg").count(), text.value().matches("</svg>").count());
                    "DRAWN".to_owned()
                }
                Lit::Str(text) => text.value(),
                other => other.to_token_stream().to_string(),
            },
            other => other.to_token_stream().to_string(),
        },
        other => other.to_token_stream().to_string(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn after_the_first_paragraph() {
    let drawn = docs(&parse_quote! {
        /// Asks
        /// twice.
        ///
        /// And more.
        fn f() -> impl Runnable<u8> { chain!(a | |x| x) }
    });
    assert_eq!(drawn, " Asks\n twice.\n\nDRAWN\n And more.\n");
}

#[test]
fn after_all_of_one_paragraph() {
    let drawn = docs(&parse_quote! {
        /// Asks.
        #[must_use]
        fn f() -> impl Runnable<u8> { chain!(a | b) }
    });
    assert_eq!(drawn, " Asks.\nDRAWN\nmust_use\n");
}

#[test]
fn before_an_example_that_follows_at_once() {
    let drawn = docs(&parse_quote! {
        /// Asks:
        /// ```
        /// let a = 1;
        ///
        /// ```
        fn f() -> impl Runnable<u8> { chain!(|x| x | |x| x) }
    });
    assert_eq!(drawn, " Asks:\n\nDRAWN\n ```\n let a = 1;\n\n ```");
}

#[test]
fn within_a_comment_of_several_lines() {
    let drawn = docs(&parse_quote! {
        #[doc = "Asks.\n\nAnd more.\n\n    code"]
        fn f() -> impl Runnable<u8> { chain!(|x| x | |x| x) }
    });
    assert_eq!(drawn, "Asks.\nDRAWN\n\nAnd more.\n\n    code");
}

#[test]
fn after_text_from_a_file() {
    let drawn = docs(&parse_quote! {
        #[doc = include_str!("a.md")]
        /// And more.
        fn f() -> impl Runnable<u8> { chain!(|x| x | |x| x) }
    });
    assert_eq!(drawn, "include_str ! (\"a.md\")\nDRAWN\n And more.");
}

#[test]
fn what_has_no_docs_gets_a_first_paragraph() {
    let drawn = docs(&parse_quote! { fn f() -> impl Runnable<u8, Output = Vec<u8>> { chain!(|x| x | |x| x) } });
    assert_eq!(drawn, " A chain of 2 steps from `u8` to `Vec<u8>`.\nDRAWN");
}

#[test]
fn what_is_hidden_is_left_alone() {
    let function = parse_quote! { #[doc(hidden)] fn f() -> impl Runnable<u8> { chain!(|x| x | |x| x) } };
    assert_eq!(docs(&function), "doc (hidden)");
}

#[test]
fn every_block_stands_on_one_line() {
    let function: ItemFn = parse_quote! {
        /// Asks.
        fn f() -> impl Runnable<u8> { chain!(<a: gpt.retry(3), b?: prompt!("1\n\n2 *x* `y` [z] _a_ -- <b>")> | merge) }
    };
    let mut docs = function.attrs.clone();
    Page::new("f", drawing::of_function("f", &function)).add_to(&mut docs);
    let Meta::NameValue(doc) = &docs[1].meta else { panic!("it is a doc comment") };
    let text = doc.value.to_token_stream().to_string();
    let text = syn::parse_str::<syn::LitStr>(&text).expect("it is a text").value();
    let blocks: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let starts: Vec<&str> = blocks.iter().map(|block| &block[..block.find(['>', ' ']).unwrap_or(0)]).collect();
    assert_eq!(starts, ["<style", "<span", "<details"]);
    // Characters with a meaning in Markdown are written as entities, except in links.
    let svg = blocks[1].replace("][merge]", "").replace("][gpt]", "");
    assert_eq!(svg.matches('[').count(), 2 * 2, "{svg}");
    let mut outside = String::new();
    let mut inside = false;
    for c in svg.replace('[', "").chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => outside.push(c),
            _ => {}
        }
    }
    assert!(!outside.contains(['*', '`', ']', '_', '-', '!', '(']), "{outside}");
}
