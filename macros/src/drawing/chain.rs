//! The tree of a `chain!` to a drawing.

use super::{expression, scope::Scope};
use crate::{
    chain::ast::{Arm, Chain, Input, Map, Root, Step},
    chain::label,
    record::text,
    shared::source_text,
};
use catena_graph::{Arm as DrawnArm, Extent, Field, Kind, Step as Drawn, Track};
use quote::ToTokens;
use syn::{ExprClosure, Pat, ReturnType, Type};

/// Draws a chain.
pub(super) fn root(root: &Root, scope: &mut Scope) -> Track {
    let input = match &root.input {
        Some(Input::Type(ty)) => Some(written(ty)),
        Some(Input::Record(fields)) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, ty)| format!("{}: {}", text(name), written(ty))).collect();
            Some(format!("{{ {} }}", fields.join(", ")))
        }
        Some(Input::TooLong(..) | Input::Broken(_)) | None => None,
    };
    let first = root.chain.steps.first().and_then(takes);
    let track = chain(&root.chain, scope);
    scope.input = input.or(first);
    track
}

fn chain(chain: &Chain, scope: &mut Scope) -> Track {
    let mut tracks: Vec<Track> = Vec::with_capacity(chain.steps.len());
    for step in &chain.steps {
        // Beside other steps, `_` only passes on its input.
        if matches!(step, Step::Input(_)) && chain.steps.len() > 1 {
            continue;
        }
        if let Some(before) = tracks.last_mut()
            && before.output.is_none()
        {
            before.output = takes(step);
        }
        tracks.push(self::step(step, scope));
    }
    match tracks.len() {
        0 => Track::step("", Kind::Passthrough),
        1 => tracks.remove(0),
        _ => Track::sequence(tracks),
    }
}

/// Returns the type that a step is declared to take.
fn takes(step: &Step) -> Option<String> {
    let Step::Closure(closure, _) = step else { return None };
    match closure.inputs.first()? {
        Pat::Type(typed) if !matches!(*typed.ty, Type::Infer(_)) => Some(written(&typed.ty)),
        _ => None,
    }
}

fn step(step: &Step, scope: &mut Scope) -> Track {
    match step {
        Step::Map(map) => self::map(map, scope),
        Step::Match(branch) => Track::branch(
            label::arms(&branch.arms)
                .into_iter()
                .zip(&branch.arms)
                .map(|(pattern, arm)| self::arm(pattern, arm, scope)),
        ),
        Step::Pick(names) => pick(label::path(names)),
        Step::SubRecord(names) => {
            let names: Vec<String> = names.iter().map(text).collect();
            pick(format!(".{{{}}}", names.join(", ")))
        }
        // The compiler reports a broken step, and its drawing is empty.
        Step::Input(_) | Step::Broken(_) | Step::HalfPick(..) => Track::step("", Kind::Passthrough),
        Step::Closure(closure, _) => self::closure(closure),
        Step::Expr(expr) => expression::step(expr, scope),
    }
}

/// Draws a pick, which passes on the chunks of its fields as they come.
fn pick(name: String) -> Track {
    Drawn::new(name, Kind::Pick).streams(Extent::Same, Extent::Same).into()
}

fn closure(closure: &ExprClosure) -> Track {
    let track = Track::step(source_text::expression(closure.to_token_stream()), Kind::Closure);
    match &closure.output {
        ReturnType::Type(_, ty) if !matches!(**ty, Type::Infer(_)) => track.gives(written(ty)),
        _ => track,
    }
}

fn map(map: &Map, scope: &mut Scope) -> Track {
    let mut fields: Vec<Field> = Vec::with_capacity(map.fields.len() + 1);
    for field in &map.fields {
        let filled = Field::new(text(&field.name), chain(&field.chain, scope));
        fields.push(if field.settled { filled.settled() } else { filled });
    }
    if let Some(rest) = &map.rest {
        fields.insert(rest.at.min(fields.len()), Field::Kept);
    }
    let track = Track::parallel(fields);
    match &map.target {
        Some(target) => track.gives(written(target)),
        None => track,
    }
}

fn arm(mut pattern: String, arm: &Arm, scope: &mut Scope) -> DrawnArm {
    if let Some(guard) = &arm.guard {
        pattern.push_str(" if ");
        pattern.push_str(&source_text::expression(guard.to_token_stream()));
    }
    DrawnArm::new(pattern, chain(&arm.chain, scope))
}

/// Returns a type as it is written.
pub(super) fn written(ty: &Type) -> String {
    source_text::ty(ty.to_token_stream())
}
