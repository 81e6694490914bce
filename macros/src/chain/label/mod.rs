//! Labels of steps and arms without a name: their tokens as rustfmt would write them.
//!
//! Error paths, events, graphs and the drawings in rustdoc use these labels.

mod shorten;

use super::ast::{Arm, Step};
use crate::{record::text, shared::source_text};
use proc_macro2::Ident;
use quote::ToTokens;
use shorten::shortened;
use syn::{Expr, Member, Pat};

pub(crate) fn step(step: &Step) -> String {
    match step {
        Step::Map(_) | Step::Broken(_) | Step::HalfPick(..) => String::new(),
        Step::Match(branch) if branch.of.is_empty() => "match".to_owned(),
        Step::Match(branch) => format!("match {}", path(&branch.of)),
        Step::Pick(names) => path(names),
        Step::SubRecord(_) => ".{..}".to_owned(),
        Step::Input(_) => "_".to_owned(),
        Step::Closure(closure, _) => {
            let params = closure.inputs.iter().map(|pat| match pat {
                Pat::Type(typed) => shortened(typed.pat.to_token_stream()),
                pat => shortened(pat.to_token_stream()),
            });
            format!("|{}|", params.collect::<Vec<_>>().join(", "))
        }
        Step::Expr(expr) => expression(expr),
    }
}

/// Returns the label of a field of a field.
pub(crate) fn path(names: &[Ident]) -> String {
    let names: Vec<String> = names.iter().map(text).collect();
    format!(".{}", names.join("."))
}

/// Returns the label of an expression.
///
/// That is `sonnet` for `sonnet`, `models::sonnet`, `sonnet()`, `sonnet.retry(3)` and `&sonnet`; `Sonnet` for
/// `Sonnet { .. }`; `prompt` for `prompt!(..)`; `Sonnet::new` for `Sonnet::new(..)`.
pub(crate) fn expression(expr: &Expr) -> String {
    match expr {
        Expr::Path(path) => last(&path.path),
        Expr::Call(call) => expression(&call.func),
        Expr::MethodCall(call) => expression(&call.receiver),
        Expr::Field(field) => match &field.member {
            Member::Named(name) => text(name),
            Member::Unnamed(at) => at.index.to_string(),
        },
        Expr::Struct(literal) => last(&literal.path),
        // The name of the macro says nothing about a chain within a chain.
        Expr::Macro(call) => Some(last(&call.mac.path)).filter(|name| name != "chain").unwrap_or_default(),
        Expr::Reference(reference) => expression(&reference.expr),
        Expr::Paren(paren) => expression(&paren.expr),
        Expr::Group(group) => expression(&group.expr),
        Expr::Try(tried) => expression(&tried.expr),
        Expr::Await(awaited) => expression(&awaited.base),
        Expr::Index(index) => expression(&index.expr),
        _ => String::new(),
    }
}

/// Returns `sonnet` for `models::sonnet`, but `Scale::new` for `Scale::new`, since `new` alone says nothing.
fn last(path: &syn::Path) -> String {
    let mut last = path.segments.iter().rev().map(|segment| text(&segment.ident));
    let name = last.next().unwrap_or_default();
    match last.next().filter(|of| of.starts_with(char::is_uppercase) && of != "Self") {
        Some(of) => format!("{of}::{name}"),
        None => name,
    }
}

/// Returns the labels of the patterns of a `match`, in order. Long patterns are shortened, unless two of them would
/// then read the same.
pub(crate) fn arms(arms: &[Arm]) -> Vec<String> {
    let whole: Vec<String> = arms.iter().map(|arm| source_text::pattern(arm.pattern.to_token_stream())).collect();
    let short: Vec<String> = arms.iter().map(|arm| shortened(arm.pattern.to_token_stream())).collect();
    let clashes = |at: usize| (0..short.len()).any(|other| short[other] == short[at] && whole[other] != whole[at]);
    (0..short.len()).map(|at| if clashes(at) { whole[at].clone() } else { short[at].clone() }).collect()
}
