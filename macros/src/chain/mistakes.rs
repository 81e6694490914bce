//! Mistakes that parse as Rust, or as something else of a chain. Each is explained by the code that was meant.

use super::lexer::{Cursor, Within};
use crate::shared::source_text;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    BinOp, Block, Expr, ExprClosure, ExprIf, ExprMethodCall, Lit, Pat, Stmt, Token, punctuated::Punctuated,
    spanned::Spanned,
};

/// The types of Rust whose names begin in lower case.
const PRIMITIVES: &[&str] = &[
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    "f32", "f64",
];

/// The modifiers of steps. No value has a method of these names with such arguments.
const MODIFIERS: &[&str] = &[
    "retry",
    "timeout",
    "fallback",
    "fallback_with_error",
    "race",
    "map",
    "tap",
    "named",
    "with_config",
    "listen",
    "configurable",
    "then_run",
    "spawned",
    "boxed",
];

/// Returns the mistake in `ask =>`, where the type of an input stands.
pub(super) fn value_as_type(input: &TokenStream) -> Option<syn::Error> {
    let mut tokens = input.clone().into_iter();
    let (Some(TokenTree::Ident(name)), None) = (tokens.next(), tokens.next()) else { return None };
    let written = name.to_string();
    let is_type = !written.starts_with(|first: char| first.is_ascii_lowercase())
        || PRIMITIVES.contains(&written.as_str())
        // The names of C.
        || written.starts_with("c_")
        || written.ends_with("_t");
    if is_type {
        return None;
    }
    let mut camel = String::new();
    for word in written.trim_start_matches("r#").split('_') {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.extend(letters);
    }
    let message = format!("`{name}` is named like a value: before `=>` stands the type of the input, `{camel} => ..`");
    Some(syn::Error::new(name.span(), message))
}

/// Returns the mistake in `{ a: x, b: y }` in place of a map.
pub(super) fn braces_as_map(braces: &Group) -> Option<syn::Error> {
    let tokens: Vec<TokenTree> = braces.stream().into_iter().take(4).collect();
    let is = |at: usize, punct: char| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == punct);
    let colon = 1 + usize::from(is(1, '?'));
    if !matches!(tokens.first(), Some(TokenTree::Ident(_))) || !is(colon, ':') || is(colon + 1, ':') {
        return None;
    }
    let fields = source_text::expression(braces.stream());
    let fields = if fields.len() < 60 { fields } else { format!("{}: ..", tokens[0]) };
    let message = format!("a parallel map stands in `<` and `>`, not in braces: `<{fields}>`");
    Some(syn::Error::new(braces.span_open(), message))
}

/// Returns the mistake in `a; b` and `let x = ..; x`.
pub(super) fn semicolon(tokens: &TokenStream) -> Option<syn::Error> {
    let is_semicolon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    let semicolon = tokens.clone().into_iter().find(is_semicolon)?;
    let declares = matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(word)) if word == "let");
    let message = if declares {
        "a variable is declared before the chain: `let x = ..; chain!(..)`"
    } else {
        "the steps of a chain are separated by `|`, not by `;`"
    };
    Some(syn::Error::new(semicolon.span(), message))
}

/// Returns the mistake in `.name.len()`, `.name[0]`, `.name.0` and `.name?`. The cursor is after the names.
pub(super) fn after_pick(names: &[Ident], cursor: &Cursor, within: Within) -> Option<syn::Error> {
    let (from, next) = (cursor.at(), cursor.span());
    let is_call = |token: &TokenTree| matches!(token, TokenTree::Group(g) if g.delimiter() == Delimiter::Parenthesis);
    let is_index = |token: &TokenTree| matches!(token, TokenTree::Group(g) if g.delimiter() == Delimiter::Bracket);
    let is = |token: &TokenTree, punct: char| matches!(token, TokenTree::Punct(p) if p.as_char() == punct);
    let rest = source_text::expression(cursor.clone().step(within));
    let rest = if rest.len() < 60 { &rest } else { ".." };
    let Some((name, of)) = names.split_last() else {
        return match cursor.between(from, from + 2) {
            [dot, TokenTree::Literal(at)] if is(dot, '.') => {
                let message = format!("a pick names a field: a closure takes a part of a tuple, `|x| x.{at}`");
                Some(syn::Error::new(at.span(), message))
            }
            _ => None,
        };
    };
    let pick: String = names.iter().flat_map(|name| [".".to_owned(), name.to_string()]).collect();
    let message = match cursor.between(from, from + 3) {
        [call, ..] if is_call(call) && of.is_empty() => {
            format!("a pick names a field: a closure calls a method, `|x| x.{name}{rest}`")
        }
        [dot, TokenTree::Ident(method), call] if is(dot, '.') && is_call(call) => {
            if MODIFIERS.contains(&method.to_string().as_str()) {
                return None;
            }
            format!("a pick takes no methods: `{pick} | |{name}| {name}{rest}`")
        }
        [dot, TokenTree::Literal(_), ..] if is(dot, '.') => {
            format!("a pick names a field: a closure takes a part of a tuple, `{pick} | |{name}| {name}{rest}`")
        }
        [index, ..] if is_index(index) => {
            format!("a pick takes no index: `{pick} | |{name}| {name}{rest}.clone()`")
        }
        [question, ..] if is(question, '?') => format!(
            "a pick takes no `?`: `{pick} | |{name}| {name}?` unwraps a `Result`, `{name}.ok_or(\"..\")?` an `Option`"
        ),
        _ => return None,
    };
    Some(syn::Error::new(next, message))
}

/// Returns the mistake in an expression that cannot be a step.
pub(super) fn no_step(expr: &Expr) -> Option<syn::Error> {
    match expr {
        Expr::Tuple(tuple) => several(&tuple.elems, expr),
        Expr::Array(array) => several(&array.elems, expr),
        Expr::Lit(literal) => Some(value(&literal.lit)),
        Expr::Macro(call) if call.mac.path.is_ident("format") => Some(syn::Error::new(
            expr.span(),
            "`format!` makes one text, and no step: write `prompt!(\"..{}\")`, or a closure, `|x| format!(\"..{x}\")`",
        )),
        Expr::Async(block) => {
            let body =
                Some(text_of(&block.block)).filter(|body| body.len() < 60).unwrap_or_else(|| "{ .. }".to_owned());
            let moves = block.capture.map_or("", |_| "move ");
            let message =
                format!("an `async` block runs once, and is no step: write a closure, `async {moves}|_| {body}`");
            Some(syn::Error::new(block.async_token.span, message))
        }
        Expr::If(branch) => choice(branch),
        Expr::Closure(closure) => modified_inside(closure),
        Expr::MethodCall(call) => modified(call).or_else(|| awaited(expr)),
        Expr::Paren(paren) => group(&paren.expr),
        _ => awaited(expr),
    }
}

/// Returns the mistake in `(a, b)` and `[a, b]`, unless they are empty.
fn several(steps: &Punctuated<Expr, Token![,]>, all: &Expr) -> Option<syn::Error> {
    if steps.is_empty() {
        return None;
    }
    let fields: Vec<String> = ('a'..='z').zip(steps).map(|(name, step)| format!("{name}: {}", text(step))).collect();
    let fields = Some(fields.join(", ")).filter(|fields| fields.len() < 60);
    let fields = fields.unwrap_or_else(|| "a: .., b: ..".to_owned());
    let message = format!("steps beside each other are a map, with a name for each: `<{fields}>`");
    Some(syn::Error::new(all.span(), message))
}

/// Returns the mistake in a value that is written in place of a step.
fn value(literal: &Lit) -> syn::Error {
    let written = Some(source_text::expression(literal.to_token_stream())).filter(|written| written.len() < 60);
    let written = written.unwrap_or_else(|| "..".to_owned());
    let message = match literal {
        Lit::Str(_) => {
            format!("a text is no step: `prompt!({written})` fills one in, `|_| {written}` gives it as it is")
        }
        _ => format!("a value is no step: a closure gives it, `|_| {written}`"),
    };
    syn::Error::new(literal.span(), message)
}

/// Returns the mistake in `ask.await`.
fn awaited(expr: &Expr) -> Option<syn::Error> {
    match expr {
        Expr::Await(awaited) => {
            let step = source_text::expression(awaited.base.to_token_stream());
            let cure = match &*awaited.base {
                Expr::Call(call) => {
                    let input = match call.args.first() {
                        Some(Expr::Path(path)) => path.path.get_ident().map(Ident::to_string),
                        _ => None,
                    };
                    format!(
                        "what a step awaits stands in a closure, `|{}| {step}.await`",
                        input.as_deref().unwrap_or("_")
                    )
                }
                _ => format!("write `{step}`"),
            };
            let message = format!("a chain awaits its steps by itself: {cure}");
            Some(syn::Error::new(awaited.await_token.span, message))
        }
        Expr::Try(tried) => awaited(&tried.expr),
        Expr::MethodCall(call) => awaited(&call.receiver),
        Expr::Paren(paren) => awaited(&paren.expr),
        _ => None,
    }
}

/// Returns the mistake in an `if` without `else`, or between chains.
fn choice(branch: &ExprIf) -> Option<syn::Error> {
    let (mut arms, mut last) = (Vec::new(), Some(branch));
    let mut chains = false;
    let mut other = "_".to_owned();
    let mut complete = false;
    while let Some(branch) = last.take() {
        let then = only(&branch.then_branch);
        chains |= then.is_some_and(is_chain);
        let condition = source_text::expression(branch.cond.to_token_stream());
        let pattern = match &*branch.cond {
            Expr::Let(matched) => source_text::pattern(matched.pat.to_token_stream()),
            _ => format!("x if {condition}"),
        };
        arms.push(format!("{pattern} => {}", then.map_or_else(|| "..".to_owned(), text)));
        match branch.else_branch.as_ref().map(|(_, other)| &**other) {
            Some(Expr::If(branch)) => last = Some(branch),
            Some(Expr::Block(block)) => {
                let then = only(&block.block);
                chains |= then.is_some_and(is_chain);
                other = then.map_or_else(|| "..".to_owned(), text);
                complete = true;
            }
            _ => {}
        }
    }
    if complete && !chains {
        return None;
    }
    let cure = Some(format!("match {{ {}, _ => {other} }}", arms.join(", ")))
        .filter(|cure| cure.len() <= 100)
        .unwrap_or_else(|| "match { x if .. => .., _ => .. }".to_owned());
    let message = if complete {
        format!("an `if` chooses between steps of one type, not between chains: `{cure}`")
    } else {
        format!("an `if` without `else` is not always a step: `{cure}`")
    };
    Some(syn::Error::new(branch.if_token.span, message))
}

/// Returns the expression that is all of a block.
fn only(block: &Block) -> Option<&Expr> {
    match &block.stmts[..] {
        [Stmt::Expr(expr, None)] => Some(expr),
        _ => None,
    }
}

fn text(expr: &Expr) -> String {
    text_of(expr)
}

fn text_of(tokens: &impl ToTokens) -> String {
    source_text::expression(tokens.to_token_stream())
}

/// Returns whether an expression is `a | b`.
fn is_chain(expr: &Expr) -> bool {
    matches!(expr, Expr::Binary(binary) if matches!(binary.op, BinOp::BitOr(_)))
}

/// Returns the mistake in `(a | b)`.
fn group(inside: &Expr) -> Option<syn::Error> {
    if !is_chain(inside) {
        return awaited(inside);
    }
    let written = Some(text(inside)).filter(|text| text.len() < 60).unwrap_or_else(|| "..".to_owned());
    Some(syn::Error::new(
        inside.span(),
        format!("a chain as one step of another has its own macro: `chain!({written})`"),
    ))
}

/// Returns the mistake in `(|x| ..).retry(3)` and `(a | b).retry(3)`.
fn modified(call: &ExprMethodCall) -> Option<syn::Error> {
    let mut receiver = &*call.receiver;
    while let Expr::MethodCall(call) = receiver {
        receiver = &call.receiver;
    }
    let Expr::Paren(paren) = receiver else { return None };
    match &*paren.expr {
        Expr::Closure(closure) => {
            let first = first_method(call);
            Some(unmodified(closure, &text(&closure.body), first))
        }
        inside => group(inside),
    }
}

/// Returns the call that stands next to the receiver of calls in a row.
fn first_method(call: &ExprMethodCall) -> &ExprMethodCall {
    match &*call.receiver {
        Expr::MethodCall(call) => first_method(call),
        _ => call,
    }
}

/// Returns the mistake in `|x| x + 1.retry(3)` and `|x| ask(x).retry(3)`, where a part of the body is modified.
fn modified_inside(closure: &ExprClosure) -> Option<syn::Error> {
    let call = last_call(&closure.body)?;
    let method = call.method.to_string();
    if !MODIFIERS.contains(&method.as_str()) {
        return None;
    }
    let retries = method == "retry" && call.args.len() == 1 && call.args.first().is_some_and(is_policy);
    let is_literal = matches!(&*call.receiver, Expr::Lit(_));
    if !retries && !is_literal {
        return None;
    }
    let body = text(&closure.body);
    let modifier = modifier(call);
    let body = body.strip_suffix(&modifier).unwrap_or("..").to_owned();
    Some(unmodified(closure, &body, call))
}

/// Returns whether an argument is one that only `.retry(..)` of a step takes.
fn is_policy(argument: &Expr) -> bool {
    let is_retry = |expr: &Expr| {
        let Expr::Path(path) = expr else { return false };
        path.path.segments.iter().any(|segment| segment.ident == "Retry")
    };
    match argument {
        Expr::Lit(literal) => matches!(literal.lit, Lit::Int(_)),
        Expr::Call(call) => is_retry(&call.func),
        Expr::MethodCall(call) => is_policy(&call.receiver),
        _ => false,
    }
}

/// Returns the call of a method with which an expression ends.
fn last_call(expr: &Expr) -> Option<&ExprMethodCall> {
    match expr {
        Expr::MethodCall(call) => Some(call),
        Expr::Binary(binary) => last_call(&binary.right),
        Expr::Unary(unary) => last_call(&unary.expr),
        _ => None,
    }
}

fn modifier(call: &ExprMethodCall) -> String {
    format!(".{}({})", call.method, source_text::expression(call.args.to_token_stream()))
}

fn unmodified(closure: &ExprClosure, body: &str, call: &ExprMethodCall) -> syn::Error {
    let parameter = closure.inputs.first().map(|pattern| source_text::pattern(pattern.to_token_stream()));
    let parameter = parameter.unwrap_or_default();
    let ty = if matches!(closure.inputs.first(), Some(Pat::Type(_))) { "" } else { "Type => " };
    let asynchronous = closure.asyncness.map_or("", |_| "async ");
    let body = if body.len() < 40 { body } else { ".." };
    let modifier = modifier(call);
    let message = format!(
        "a closure takes no modifiers, a chain of it does: `chain!({ty}{asynchronous}|{parameter}| {body}){modifier}`"
    );
    syn::Error::new(call.method.span(), message)
}

/// Returns the mistake in the first step of a chain without `Type =>`: a closure whose body needs the type of its
/// parameter before anything says it.
pub(super) fn untyped(closure: &ExprClosure) -> Option<syn::Error> {
    let [Pat::Ident(parameter)] = &closure.inputs.iter().collect::<Vec<_>>()[..] else { return None };
    if !needs_type(closure.body.to_token_stream(), &parameter.ident.to_string())? {
        return None;
    }
    let name = &parameter.ident;
    let message = format!("write the input's type: `chain!(Type => |{name}| ..)`, or `|{name}: Type| ..`");
    Some(syn::Error::new(closure.inputs_begin.span(), message))
}

/// Returns whether the first use of a variable asks it for a field or a method. Returns `None` if it is not used.
fn needs_type(body: TokenStream, name: &str) -> Option<bool> {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let is = |at: usize, punct: char| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == punct);
    tokens.iter().enumerate().find_map(|(at, token)| match token {
        TokenTree::Group(group) => needs_type(group.stream(), name),
        // A field of another value may have the same name.
        TokenTree::Ident(word) if word == name && !(at > 0 && is(at - 1, '.')) => {
            Some(is(at + 1, '.') && !is(at + 2, '.'))
        }
        _ => None,
    })
}
