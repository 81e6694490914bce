//! Methods on steps: modifiers around them.

use super::{
    expression::{built, step},
    scope::Scope,
};
use crate::shared::source_text;
use catena_graph::{Shape, Track};
use quote::ToTokens;
use syn::{Expr, ExprMethodCall, Lit};

/// Draws a step with a modifier. Returns `None` if the method is not one of `StepExt`.
pub(super) fn applied(call: &ExprMethodCall, scope: &mut Scope) -> Option<Track> {
    let arguments: Vec<&Expr> = call.args.iter().collect();
    let receiver = &*call.receiver;
    Some(match (call.method.to_string().as_str(), &arguments[..]) {
        ("retry", [policy]) => {
            let (attempts, note) = retry(policy);
            Shape::Retry { attempts, note, track: Box::new(step(receiver, scope)) }.into()
        }
        ("timeout", [limit]) => step(receiver, scope).timeout(duration(limit)),
        ("fallback" | "fallback_with_error", [backup]) => {
            let (mut tracks, backup) = (fallbacks(receiver, scope), step(backup, scope));
            tracks.push(backup);
            Track::fallback(tracks)
        }
        ("race", [rival]) => {
            let (mut tracks, rival) = (rivals(receiver, scope), step(rival, scope));
            tracks.push(rival);
            Track::race(tracks)
        }
        ("map", []) => {
            let track = step(receiver, scope).for_each();
            // The receiver takes an item, and the map takes a list.
            scope.input = None;
            track
        }
        ("concurrency", [limit]) => {
            let track = built(receiver, scope).filter(|track| matches!(track.shape, Shape::Map(_)))?;
            track.configured(format!("{} at once", source_text::expression(limit.to_token_stream())))
        }
        ("named", [name]) => step(receiver, scope).named(text(name)),
        ("with_config", [config]) => step(receiver, scope).configured(config_of(config)),
        ("listen", [_]) => step(receiver, scope).configured("listeners"),
        ("configurable", [key, _]) => {
            step(receiver, scope).configured(source_text::expression(key.to_token_stream()).trim_start_matches('&'))
        }
        ("spawned", []) => step(receiver, scope).spawned(),
        ("then_run", []) => step(receiver, scope).choice(),
        // Behind a pointer, the step is still the one written here.
        ("tap", [_]) | ("boxed" | "boxed_stream", []) => step(receiver, scope),
        ("clone" | "to_owned" | "into", []) => built(receiver, scope)?,
        _ => return None,
    })
}

/// Returns the alternatives so far: `a.fallback(b).fallback(c)` is one list.
fn fallbacks(receiver: &Expr, scope: &mut Scope) -> Vec<Track> {
    match step(receiver, scope) {
        Track { shape: Shape::Fallback(tracks), .. } => tracks,
        track => vec![track],
    }
}

fn rivals(receiver: &Expr, scope: &mut Scope) -> Vec<Track> {
    match step(receiver, scope) {
        Track { shape: Shape::Race(tracks), .. } => tracks,
        track => vec![track],
    }
}

/// Returns the attempts and the other settings of `3` or `Retry::attempts(3).base(..)`.
fn retry(policy: &Expr) -> (Option<u32>, Option<String>) {
    match policy {
        Expr::Lit(_) => (number(policy), None),
        Expr::MethodCall(call) => {
            let (attempts, note) = retry(&call.receiver);
            let said = call.args.first().and_then(|argument| match call.method.to_string().as_str() {
                "base" => Some(format!("from {}", duration(argument))),
                "max_delay" => Some(format!("to {}", duration(argument))),
                "total_delay" => Some(format!("{} in all", duration(argument))),
                "factor" => Some(format!("×{}", source_text::expression(argument.to_token_stream()))),
                "when" => Some("on some errors".to_owned()),
                _ => None,
            });
            (attempts, [note, said].into_iter().flatten().reduce(|all, more| format!("{all}, {more}")))
        }
        Expr::Call(call) if source_text::expression(call.func.to_token_stream()).ends_with("Retry::attempts") => {
            (call.args.first().and_then(number), None)
        }
        Expr::Paren(paren) => retry(&paren.expr),
        Expr::Group(group) => retry(&group.expr),
        other => (None, Some(source_text::expression(other.to_token_stream()))),
    }
}

fn number(expr: &Expr) -> Option<u32> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// Returns `30 s` for `Duration::from_secs(30)`, and any other expression as it is written.
fn duration(expr: &Expr) -> String {
    let written = source_text::expression(expr.to_token_stream());
    let Expr::Call(call) = expr else { return written };
    let Expr::Path(path) = &*call.func else { return written };
    let unit = path.path.segments.last().map(|last| last.ident.to_string());
    let unit = match unit.as_deref() {
        Some("from_secs" | "from_secs_f64" | "from_secs_f32") => "s",
        Some("from_millis") => "ms",
        Some("from_micros") => "µs",
        Some("from_mins") => "min",
        Some("from_hours") => "h",
        _ => return written,
    };
    match call.args.first() {
        Some(Expr::Lit(number)) => format!("{} {unit}", source_text::expression(number.to_token_stream())),
        Some(expr) => format!("{} {unit}", source_text::expression(expr.to_token_stream())),
        None => written,
    }
}

/// Returns the text of a string literal, and any other expression as it is written.
fn text(expr: &Expr) -> String {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => text.value(),
            _ => source_text::expression(expr.to_token_stream()),
        },
        expr => source_text::expression(expr.to_token_stream()),
    }
}

/// Returns `tag("inner")` for `Config::new().tag("inner")`.
fn config_of(config: &Expr) -> String {
    let written = source_text::expression(config.to_token_stream());
    match written.split_once("Config::new()") {
        Some((_, settings)) => settings.trim_start_matches('.').to_owned(),
        None => written,
    }
}
