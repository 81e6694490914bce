//! Drawings of chains in docs, made of tokens: pure functions from syntax trees to `catena_graph::Diagram`.
//!
//! | | |
//! |---|---|
//! | `chain` | the tree of a `chain!` |
//! | `expression`, `modifier` | Rust around it: steps, and methods on them |
//! | `body`, `scope` | the function around it: its variables, and their values |
//! | `inside` | the chains that an `impl` block runs |
//! | `page` | the drawing in the docs of an item |
//! | `rustdoc` | whether rustdoc runs the macro |

mod body;
mod chain;
mod expression;
mod inside;
mod modifier;
mod page;
mod rustdoc;
mod scope;

pub(crate) use page::Page;

use crate::runnable::chain_fn::Built;
use catena_graph::{Diagram, Shape, Track};
use scope::Scope;
use syn::{FnArg, GenericArgument, ItemFn, ItemImpl, PathArguments, ReturnType, TypeParamBound};

/// Draws the chain that a function builds, if the macro can see it.
pub(crate) fn of_function(title: &str, function: &ItemFn) -> Option<Diagram> {
    let mut scope = Scope::default();
    for argument in &function.sig.inputs {
        if let FnArg::Typed(argument) = argument {
            scope.pattern(&argument.pat);
        }
    }
    let (input, output) = types(&function.sig.output);
    let track = body::block(&function.block, &mut scope)?;
    Some(diagram(title, track, input.or(scope.input), output))
}

/// Draws the chains that the functions of an `impl Runnable<In> for Type` block run.
pub(crate) fn of_impl(title: &str, block: &ItemImpl) -> Vec<Diagram> {
    inside::chains(block).into_iter().map(|(track, input)| diagram(title, track, input, None)).collect()
}

fn diagram(title: &str, mut track: Track, input: Option<String>, output: Option<String>) -> Diagram {
    // The type at the end of the rail is not repeated on the rail.
    let mut last = &mut track;
    loop {
        if last.output == output {
            last.output = None;
        }
        last = match &mut last.shape {
            Shape::Sequence(tracks) => match tracks.last_mut() {
                Some(track) => track,
                None => break,
            },
            _ => break,
        };
    }
    let mut diagram = Diagram::new(title, track);
    (diagram.input, diagram.output) = (input, output);
    diagram
}

/// Returns the input and the output of `impl Runnable<In, Output = Out>`.
fn types(output: &ReturnType) -> (Option<String>, Option<String>) {
    let (mut input, mut given) = (None, None);
    let Some(built) = Built::of(output) else { return (None, None) };
    for bound in &built.chain.bounds {
        let TypeParamBound::Trait(bound) = bound else { continue };
        let Some(last) = bound.path.segments.last().filter(|last| last.ident == "Runnable") else { continue };
        let PathArguments::AngleBracketed(arguments) = &last.arguments else { continue };
        for argument in &arguments.args {
            match argument {
                GenericArgument::Type(ty) => input = input.or(Some(chain::written(ty))),
                GenericArgument::AssocType(ty) if ty.ident == "Output" => given = Some(chain::written(&ty.ty)),
                _ => {}
            }
        }
    }
    (input, given)
}
