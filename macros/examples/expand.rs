//! Prints the expansion of a macro of Catena.
//!
//! ```sh
//! cargo run -q -p catena-macros --example expand -- 'chain!(String => prompt | model)'
//! cargo run -q -p catena-macros --example expand -- '#[runnable(retry = 3)] fn ask(text: String) -> String { text }'
//! cargo run -q -p catena-macros --example expand < examples/graph/main.rs    # all in a file, one after the other
//! ```
//!
//! Errors of the macro appear in the expansion, as `compile_error!`.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use std::{io::Read, process::ExitCode, str::FromStr};

// A crate of macros exports nothing else, so its modules are included here.
#[path = "../src/chain/mod.rs"]
mod chain;
#[path = "../src/drawing/mod.rs"]
mod drawing;
#[path = "../src/prompt/mod.rs"]
mod prompt;
#[path = "../src/record/mod.rs"]
mod record;
#[path = "../src/runnable/mod.rs"]
mod runnable;
#[path = "../src/shared/mod.rs"]
mod shared;
#[path = "../src/tool/mod.rs"]
mod tool;

fn main() -> ExitCode {
    let mut text = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    if text.is_empty()
        && let Err(error) = std::io::stdin().read_to_string(&mut text)
    {
        eprintln!("standard input cannot be read: {error}");
        return ExitCode::FAILURE;
    }
    match TokenStream::from_str(&text) {
        Ok(tokens) => {
            let mut expansions = Vec::new();
            find(tokens, &mut expansions);
            if expansions.is_empty() {
                eprintln!(
                    "there is no `chain!`, `record!`, `prompt!`, `#[runnable]`, `#[tool]` or `#[derive(Record)]` in this"
                );
                return ExitCode::FAILURE;
            }
            println!("{}", expansions.join("\n"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("this is not Rust: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Collects the expansions in these tokens, outermost first.
fn find(tokens: TokenStream, expansions: &mut Vec<String>) {
    if let Ok(file) = syn::parse2::<syn::File>(tokens.clone()) {
        for item in &file.items {
            expansions.extend(attributes(item).map(|tokens| pretty(&tokens)));
        }
    }
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        if let Some([TokenTree::Ident(name), TokenTree::Punct(bang)]) = at.checked_sub(2).map(|from| &tokens[from..at])
            && bang.as_char() == '!'
        {
            let expand = match name.to_string().as_str() {
                "chain" => Some(chain::expand as fn(TokenStream) -> TokenStream),
                "record" => Some(record::expand as fn(TokenStream) -> TokenStream),
                "prompt" => Some(prompt::expand as fn(TokenStream) -> TokenStream),
                _ => None,
            };
            if let Some(expand) = expand {
                let tokens = expand(group.stream());
                expansions.push(pretty(&quote!(fn expansion() { #tokens })));
            }
        }
        find(group.stream(), expansions);
    }
}

/// Returns the expansion of the attribute on an item.
fn attributes(item: &syn::Item) -> Option<TokenStream> {
    let mut item = item.clone();
    let attributes = match &mut item {
        syn::Item::Fn(function) => &mut function.attrs,
        syn::Item::Impl(block) => &mut block.attrs,
        syn::Item::Struct(item) => {
            let derives = item.attrs.iter().any(|attribute| {
                attribute.path().is_ident("derive") && quote!(#attribute).to_string().contains("Record")
            });
            return derives.then(|| record::derive(quote!(#item)));
        }
        _ => return None,
    };
    let named = |attribute: &syn::Attribute| {
        let last = attribute.path().segments.last()?.ident.to_string();
        match last.as_str() {
            "runnable" => Some(runnable::expand as fn(TokenStream, TokenStream) -> TokenStream),
            "tool" => Some(tool::expand as fn(TokenStream, TokenStream) -> TokenStream),
            _ => None,
        }
    };
    let (at, expand) = attributes.iter().enumerate().find_map(|(at, attribute)| Some((at, named(attribute)?)))?;
    let options = match attributes.remove(at).meta {
        syn::Meta::List(list) => list.tokens,
        _ => TokenStream::new(),
    };
    Some(expand(options, quote!(#item)))
}

fn pretty(tokens: &TokenStream) -> String {
    syn::parse2(tokens.clone()).map_or_else(|_| tokens.to_string(), |file| prettyplease::unparse(&file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expansions(text: &str) -> Vec<String> {
        let mut expansions = Vec::new();
        find(TokenStream::from_str(text).expect("these are tokens"), &mut expansions);
        expansions
    }

    #[test]
    fn a_chain_is_expanded() {
        let [chain] = &expansions("chain!(shout | length)")[..] else { panic!("there is one") };
        assert!(chain.contains("(__flow1, shout)") && chain.contains("(__flow3, length)"), "{chain}");
    }

    #[test]
    fn all_of_a_file_is_expanded() {
        let found = expansions(
            "#[derive(Clone, Record)] struct Question { text: String }
             #[catena::runnable(retry = 3)] fn ask(text: String) -> String { text }
             fn main() { let chain = chain!(prompt!(\"{text}\") | record! { a: 1 }); }",
        );
        for (expansion, part) in found.iter().zip(["Record for Question", "Retried", "\"prompt\"", "{text}", "\"a\""]) {
            assert!(expansion.contains(part), "no `{part}` in {expansion}");
        }
        assert_eq!(found.len(), 5);
    }

    #[test]
    fn a_tool_is_expanded() {
        let [tool] = &expansions("#[tool(idempotent)] /** Adds. */ fn add(a: u8) -> u8 { a }")[..] else {
            panic!("there is one")
        };
        assert!(tool.contains("Tool for add") && tool.contains(".idempotent()"), "{tool}");
    }

    #[test]
    fn what_is_no_macro_of_catena_is_left() {
        assert!(expansions("fn main() { println!(\"chain!\"); }").is_empty());
    }
}
