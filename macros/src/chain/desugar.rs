//! Shorthands written out: `..` of a map as the fields that it copies, and `_` beside another step as nothing.

use super::{
    ast::{Arm, Chain, Input, Map, MapField, Match, Root, Step},
    pattern::{self, Bound},
};
use crate::{record::text, shared::diagnostics::Diagnostics};
use proc_macro2::{Ident, Span};

/// The field names of the value between two steps, or `None` if the macro cannot see them.
type Known = Option<Vec<Ident>>;

/// Writes out the shorthands of a validated tree, in which no map or record has a name twice.
pub(crate) fn root(root: &mut Root) {
    let known = match &root.input {
        Some(Input::Record(fields) | Input::TooLong(fields, _)) => {
            Some(fields.iter().map(|(name, _)| name.clone()).collect())
        }
        Some(Input::Type(_) | Input::Broken(_)) | None => None,
    };
    chain(&mut root.chain, known);
}

/// Returns the field names of the chain's output.
fn chain(chain: &mut Chain, mut known: Known) -> Known {
    for step in &mut chain.steps {
        known = self::step(step, known);
    }
    let is_input = |step: &Step| matches!(step, Step::Input(_));
    if chain.steps.iter().all(is_input) {
        chain.steps.truncate(1);
    } else {
        chain.steps.retain(|step| !is_input(step));
    }
    known
}

fn step(step: &mut Step, known: Known) -> Known {
    match step {
        Step::Map(map) => Some(self::map(map, known)),
        Step::Match(branch) => {
            arms(branch, &known);
            None
        }
        Step::SubRecord(names) => Some(names.clone()),
        Step::Input(_) => known,
        Step::Closure(..) | Step::Pick(_) | Step::HalfPick(..) | Step::Expr(_) | Step::Broken(_) => None,
    }
}

fn map(map: &mut Map, known: Known) -> Vec<Ident> {
    for field in &mut map.fields {
        chain(&mut field.chain, known.clone());
    }
    let names = |map: &Map| map.fields.iter().map(|field| field.name.clone()).collect::<Vec<Ident>>();
    match (&map.rest, known) {
        (Some(rest), Some(known)) => {
            let at = rest.at.min(map.fields.len());
            let copies = copies(&names(map), &known, rest.span);
            drop(map.fields.splice(at..at, copies));
        }
        (Some(rest), None) => map.broken.push(syn::Error::new(
            rest.span,
            "the fields that `..` would copy cannot be seen here: it stands after a parallel map or an inline \
             record `{ .. } =>`; elsewhere name them, `<question: .question, ..>`",
        )),
        (None, _) => {}
    }
    names(map)
}

fn arms(branch: &mut Match, known: &Known) {
    let by_key = branch.key.is_some();
    let of = branch.of.clone();
    let passed = |arm: &Arm| pattern::passed(&of, &arm.pattern, &Diagnostics::default());
    for arm in &mut branch.arms {
        // Validation has already reported errors in patterns.
        let bound = if by_key { Bound::Nothing } else { passed(arm) };
        let known = match bound {
            Bound::Nothing | Bound::Whole(_) => known.clone(),
            Bound::One(_) => None,
            Bound::Several(names) => Some(names),
        };
        chain(&mut arm.chain, known);
    }
}

/// Returns the known fields that are not written in the map, as branches that pick them.
fn copies(written: &[Ident], known: &[Ident], span: Span) -> Vec<MapField> {
    let is_new = |name: &&Ident| !written.iter().any(|w| text(w) == text(name));
    known
        .iter()
        .filter(is_new)
        .map(|name| {
            let mut name = name.clone();
            name.set_span(name.span().located_at(span));
            MapField { name: name.clone(), settled: false, chain: Chain { steps: vec![Step::Pick(vec![name])] } }
        })
        .collect()
}
