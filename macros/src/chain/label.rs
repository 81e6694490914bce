//! The word a step goes by where it has no name of its own: the token it is written as.

use super::tree::Step;
use crate::record::text;
use quote::ToTokens;
use syn::{Expr, Pat};

pub(crate) fn step(step: &Step) -> String {
    match step {
        Step::Map(_) | Step::Broken(_) => String::new(),
        Step::Match(_) => "match".to_owned(),
        Step::Pick(name) => format!(".{}", text(name)),
        Step::SubRecord(_) => ".{..}".to_owned(),
        Step::Input(_) => "_".to_owned(),
        Step::Closure(closure) => {
            let params = closure.inputs.iter().map(|pat| match pat {
                Pat::Type(typed) => typed.pat.to_token_stream().to_string(),
                pat => pat.to_token_stream().to_string(),
            });
            format!("|{}|", params.collect::<Vec<_>>().join(", "))
        }
        Step::Expr(expr) => expression(expr),
    }
}

/// `sonnet` of `sonnet`, `models::sonnet`, `sonnet()`, `sonnet.retry(3)`, `&sonnet`, `Sonnet { .. }`, `prompt!(..)`.
pub(crate) fn expression(expr: &Expr) -> String {
    match expr {
        Expr::Path(path) => last(&path.path),
        Expr::Call(call) => expression(&call.func),
        Expr::MethodCall(call) => expression(&call.receiver),
        Expr::Field(field) => field.member.to_token_stream().to_string(),
        Expr::Struct(literal) => last(&literal.path),
        // A chain within a chain says nothing by its macro's name.
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

fn last(path: &syn::Path) -> String {
    path.segments.last().map(|segment| text(&segment.ident)).unwrap_or_default()
}

/// A pattern as it is written.
pub(crate) fn pattern(pattern: &Pat) -> String {
    pattern.to_token_stream().to_string()
}
