//! The body of a function: its variables, and the chain at its end.

use super::{
    expression::{built, is_made},
    scope::Scope,
};
use crate::shared::source_text;
use catena_graph::{Arm, Kind, Shape, Track};
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Block, Expr, ExprIf, ExprMatch, Local, Pat, Stmt};

/// Draws the chain that a block builds.
pub(super) fn block(block: &Block, scope: &mut Scope) -> Option<Track> {
    let mark = scope.mark();
    items(block, scope);
    let mut early = Vec::new();
    let mut last = None;
    for statement in &block.stmts {
        match statement {
            Stmt::Local(local) => bind(local, scope),
            Stmt::Expr(Expr::If(choice), _) if returns(&choice.then_branch) && choice.else_branch.is_none() => {
                let pattern = source_text::expression(choice.cond.to_token_stream());
                early.extend(self::block(&choice.then_branch, scope).map(|track| Arm::new(pattern, track)));
            }
            Stmt::Expr(expr @ Expr::Return(_), _) | Stmt::Expr(expr, None) => last = built(expr, scope),
            _ => {}
        }
    }
    scope.leave(mark);
    let last = last?;
    if early.is_empty() {
        return Some(last);
    }
    early.push(Arm::new("else", last));
    Some(Track::branch(early))
}

/// Adds the items of a block, which are in scope before they are declared.
pub(super) fn items(block: &Block, scope: &mut Scope) {
    for statement in &block.stmts {
        if let Stmt::Item(item) = statement {
            scope.item(item);
        }
    }
}

fn returns(block: &Block) -> bool {
    matches!(block.stmts.last(), Some(Stmt::Expr(Expr::Return(_), _)))
}

/// Adds the variables of a `let`.
pub(super) fn bind(local: &Local, scope: &mut Scope) {
    let pattern = match &local.pat {
        Pat::Type(typed) => &*typed.pat,
        pattern => pattern,
    };
    if let Pat::Ident(name) = pattern
        && let Some(init) = &local.init
        && init.diverge.is_none()
        && let Some(track) = built(&init.expr, scope)
    {
        let track = if is_made(&init.expr) { called(track, &name.ident) } else { track };
        return scope.chain(&name.ident, track);
    }
    scope.pattern(&local.pat);
}

/// Names a single step that a function made after its variable.
fn called(mut track: Track, name: &Ident) -> Track {
    let mut inner = &mut track;
    loop {
        inner = match &mut inner.shape {
            Shape::Retry { track, .. }
            | Shape::Timeout { track, .. }
            | Shape::Map(track)
            | Shape::Spawned(track)
            | Shape::Choice(track)
            | Shape::Configured { track, .. } => track,
            Shape::Step(step) if step.kind == Kind::Unknown => {
                step.name = name.to_string();
                break;
            }
            _ => break,
        }
    }
    track
}

/// Draws an `if`, which builds one of two chains.
pub(super) fn choice(choice: &ExprIf, scope: &mut Scope) -> Option<Track> {
    let mut arms =
        vec![Arm::new(source_text::expression(choice.cond.to_token_stream()), block(&choice.then_branch, scope)?)];
    arms.push(Arm::new("else", built(&choice.else_branch.as_ref()?.1, scope)?));
    Some(Track::branch(arms))
}

/// Draws a `match`, which builds one of several chains.
pub(super) fn alternatives(choice: &ExprMatch, scope: &mut Scope) -> Option<Track> {
    let arms = choice.arms.iter().map(|arm| {
        let mark = scope.mark();
        scope.pattern(&arm.pat);
        let track = built(&arm.body, scope);
        scope.leave(mark);
        Some(Arm::new(source_text::pattern(arm.pat.to_token_stream()), track?))
    });
    arms.collect::<Option<Vec<Arm>>>().filter(|arms| !arms.is_empty()).map(Track::branch)
}
