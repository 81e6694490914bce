//! Expressions to drawings: chains, modifiers around them, and boxes for everything else.

use super::{body, chain, modifier, scope::Scope};
use crate::{
    chain::{label, read},
    shared::source_text,
};
use catena_graph::{Extent, Kind, Step, Track};
use quote::ToTokens;
use syn::{Expr, ExprCall, ExprMacro, LitStr, Path};

/// Draws a step of a chain: its parts, or a box with its name.
pub(super) fn step(expr: &Expr, scope: &mut Scope) -> Track {
    built(expr, scope).unwrap_or_else(|| boxed(expr, scope).into())
}

/// Draws the chain that an expression builds, if the macro can see it.
pub(super) fn built(expr: &Expr, scope: &mut Scope) -> Option<Track> {
    match expr {
        Expr::Macro(call) => of_macro(call, scope),
        Expr::MethodCall(call) => modifier::applied(call, scope),
        Expr::Call(call) => of_call(call, scope),
        Expr::Path(path) => scope.held(&path.path.get_ident()?.to_string()),
        Expr::Paren(paren) => built(&paren.expr, scope),
        Expr::Group(group) => built(&group.expr, scope),
        Expr::Reference(reference) => built(&reference.expr, scope),
        Expr::Try(tried) => built(&tried.expr, scope),
        Expr::Return(returned) => built(returned.expr.as_deref()?, scope),
        Expr::Block(block) => body::block(&block.block, scope),
        Expr::If(choice) => body::choice(choice, scope),
        Expr::Match(choice) => body::alternatives(choice, scope),
        _ => None,
    }
}

fn of_macro(call: &ExprMacro, scope: &mut Scope) -> Option<Track> {
    match call.mac.path.segments.last()?.ident.to_string().as_str() {
        "chain" => Some(chain::root(&read(call.mac.tokens.clone())?, scope)),
        "prompt" => {
            let tokens = call.mac.tokens.clone();
            let text = syn::parse2::<LitStr>(tokens.clone()).map(|text| text.value());
            let text = text.unwrap_or_else(|_| source_text::expression(tokens));
            Some(Step::new("", Kind::Prompt).detail(text).into())
        }
        _ => None,
    }
}

/// Draws a call of a function of `catena` that makes a step.
fn of_call(call: &ExprCall, scope: &mut Scope) -> Option<Track> {
    let path = path(&call.func)?;
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    if scope.is_local(names.first()?) {
        return None;
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match (&names[..], call.args.first()) {
        ([.., "lazy"], Some(_)) => Some(Track::step("", Kind::Lazy)),
        ([.., "generator"], Some(_)) => {
            Some(Step::new("", Kind::Generator).streams(Extent::Pieces, Extent::Pieces).into())
        }
        ([.., "Router", "new"], Some(_)) => Some(Track::step("router", Kind::Router)),
        ([.., "sequence"], Some(Expr::Tuple(steps))) => {
            Some(Track::sequence(steps.elems.iter().map(|expr| step(expr, scope))))
        }
        ([.., "Box" | "Arc", "new"] | [.., "Ok"], Some(inner)) => built(inner, scope),
        _ => None,
    }
}

/// Returns a box with the label of an expression, and the path of its item if it has one.
fn boxed(expr: &Expr, scope: &Scope) -> Step {
    let path = root(expr).and_then(path);
    let name = label::expression(expr);
    let name = if name.is_empty() { source_text::expression(expr.to_token_stream()) } else { name };
    // Whether the step buffers its input is unknown.
    let step = Step::new(name, Kind::Unknown).streams(Extent::Same, Extent::Whole);
    match path.and_then(|path| item(path, scope)) {
        Some(item) => step.item(item),
        None => step,
    }
}

/// Returns the first part of an expression: `openai` of `openai("gpt-4o").build()?`.
fn root(expr: &Expr) -> Option<&Expr> {
    Some(match expr {
        Expr::MethodCall(call) => return root(&call.receiver),
        Expr::Paren(paren) => return root(&paren.expr),
        Expr::Group(group) => return root(&group.expr),
        Expr::Reference(reference) => return root(&reference.expr),
        Expr::Try(tried) => return root(&tried.expr),
        Expr::Await(awaited) => return root(&awaited.base),
        Expr::Call(call) => return root(&call.func),
        expr => expr,
    })
}

/// Returns whether an expression calls a function to make its value.
pub(super) fn is_made(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(call) => is_made(&call.receiver),
        Expr::Paren(paren) => is_made(&paren.expr),
        Expr::Group(group) => is_made(&group.expr),
        Expr::Try(tried) => is_made(&tried.expr),
        Expr::Await(awaited) => is_made(&awaited.base),
        Expr::Call(_) => true,
        _ => false,
    }
}

fn path(expr: &Expr) -> Option<&Path> {
    match expr {
        Expr::Path(path) if path.qself.is_none() => Some(&path.path),
        Expr::Struct(literal) => Some(&literal.path),
        _ => None,
    }
}

/// Returns a path as a doc comment would link to it, or `None` for a variable.
fn item(path: &Path, scope: &Scope) -> Option<String> {
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let first = names.first()?;
    let own = first == "self" && names.len() == 1;
    (path.leading_colon.is_none() && !own && !scope.is_local(first)).then(|| names.join("::"))
}
