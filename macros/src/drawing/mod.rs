//! What docs draw of a chain, made of its tokens: pure functions from syntax trees to `catena_graph::Diagram`.
//!
//! | | |
//! |---|---|
//! | `chain` | the tree of a `chain!` |
//! | `expression`, `modifier` | Rust around it: steps, and methods on them |
//! | `body`, `scope` | the function it stands in: its variables, and what they hold |
//! | `inside` | the chains that an `impl` block runs |
//! | `page` | the drawing in the docs of an item |
//! | `rustdoc` | whether anybody will read them |

mod body;
mod chain;
mod expression;
mod inside;
mod modifier;
mod page;
mod rustdoc;
mod scope;

pub(crate) use page::Page;

use catena_graph::{Diagram, Shape, Track};
use scope::Scope;
use syn::{FnArg, GenericArgument, ItemFn, ItemImpl, PathArguments, ReturnType, Type, TypeParamBound};

/// The chain that a function builds, where it can be seen.
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

/// The chains that the functions of an `impl Runnable<In> for Type` block run.
pub(crate) fn of_impl(title: &str, block: &ItemImpl) -> Vec<Diagram> {
    inside::chains(block).into_iter().map(|(track, input)| diagram(title, track, input, None)).collect()
}

fn diagram(title: &str, mut track: Track, input: Option<String>, output: Option<String>) -> Diagram {
    // What is said at the end of the rail is not said on it too.
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

/// The input and the output of `impl Runnable<In, Output = Out>`.
fn types(output: &ReturnType) -> (Option<String>, Option<String>) {
    let (mut input, mut given) = (None, None);
    let ReturnType::Type(_, ty) = output else { return (None, None) };
    let Type::ImplTrait(bounds) = &**ty else { return (None, None) };
    for bound in &bounds.bounds {
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
