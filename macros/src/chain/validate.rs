//! What is wrong with a tree although it can be read; and `..` filled in.

use super::{
    ast::{Arm, Chain, Input, Map, MapField, Root, Step},
    pattern::{self, Bound},
};
use crate::{record::text, shared::diagnostics::Diagnostics};
use proc_macro2::{Ident, Span};
use std::collections::HashSet;
use syn::spanned::Spanned;

/// The field names of the value between two steps, where the macro can see them.
type Known = Option<Vec<Ident>>;

pub(crate) fn root(root: &mut Root, diagnostics: &Diagnostics) {
    let mut known = None;
    if let Some(Input::Record(fields)) = &mut root.input {
        distinct(fields, |field| &field.0, "this record", diagnostics);
        known = Some(fields.iter().map(|(name, _)| name.clone()).collect());
        if let Some((name, _)) = fields.get(12) {
            let message = "an inline record has at most twelve fields: declare a struct with `#[derive(Record)]`";
            root.input = Some(Input::Broken(syn::Error::new(name.span(), message)));
        }
    }
    Check { diagnostics }.chain(&mut root.chain, known);
}

/// Takes out what has the name of one before it.
fn distinct<T>(fields: &mut Vec<T>, name: impl Fn(&T) -> &Ident, of: &str, diagnostics: &Diagnostics) {
    let mut seen = HashSet::new();
    fields.retain(|field| {
        let name = name(field);
        let is_new = seen.insert(text(name));
        if !is_new {
            diagnostics.error(name.span(), format!("`{}` is already a field of {of}", text(name)));
        }
        is_new
    });
}

struct Check<'a> {
    diagnostics: &'a Diagnostics,
}

impl Check<'_> {
    /// Gives the field names of the chain's output.
    fn chain(&self, chain: &mut Chain, mut known: Known) -> Known {
        for step in &mut chain.steps {
            known = self.step(step, known);
        }
        // In the middle of a chain the input itself is what goes on anyway.
        if chain.steps.len() > 1 {
            let first = chain.steps.iter().position(|step| !matches!(step, Step::Input(_))).unwrap_or(0);
            let mut index = 0;
            chain.steps.retain(|step| {
                index += 1;
                !matches!(step, Step::Input(_)) || (first == 0 && index == 1)
            });
        }
        known
    }

    fn step(&self, step: &mut Step, known: Known) -> Known {
        match step {
            Step::Map(map) => Some(self.map(map, known)),
            Step::Match(branch) => {
                for mut arm in std::mem::take(&mut branch.arms) {
                    let before = self.diagnostics.count();
                    let known = if branch.key.is_some() {
                        self.alternative(&arm);
                        known.clone()
                    } else {
                        self.arm(&arm, known.clone())
                    };
                    // What an arm with a mistake in its pattern gets is not known.
                    let mistakes = self.diagnostics.split_off(before);
                    self.chain(&mut arm.chain, known);
                    if mistakes.is_empty() {
                        branch.arms.push(arm);
                    }
                    branch.broken.extend(mistakes);
                }
                None
            }
            Step::SubRecord(names) => {
                distinct(names, |name| name, "this pick", self.diagnostics);
                Some(names.clone())
            }
            Step::Input(_) => known,
            Step::Closure(closure) => {
                if closure.inputs.len() != 1 {
                    let message = "a closure step takes one parameter, the output of the step before: `|answer| ..`; \
                                   for the context write a `#[runnable]` function with a `&Context` parameter";
                    *step = Step::Broken(syn::Error::new(closure.inputs_begin.span(), message));
                }
                None
            }
            Step::Pick(_) | Step::Expr(_) | Step::Broken(_) => None,
        }
    }

    fn map(&self, map: &mut Map, known: Known) -> Vec<Ident> {
        for field in &mut map.fields {
            self.chain(&mut field.chain, known.clone());
        }
        let before = self.diagnostics.count();
        // The field before which the copied ones stand, whatever is taken out.
        let next = map.rest.as_ref().and_then(|rest| map.fields.get(rest.at)).map(|field| field.name.clone());
        distinct(&mut map.fields, |field| &field.name, "this map", self.diagnostics);
        let names: Vec<Ident> = map.fields.iter().map(|field| field.name.clone()).collect();
        match (&map.rest, known) {
            (Some(rest), Some(known)) => {
                let next = next.and_then(|next| names.iter().position(|name| text(name) == text(&next)));
                let at = next.unwrap_or(names.len());
                drop(map.fields.splice(at..at, copies(&names, &known, rest.span)));
            }
            (Some(rest), None) => self.diagnostics.error(
                rest.span,
                "the fields that `..` would copy cannot be seen here: it stands after a parallel map or an inline \
                 record `{ .. } =>`; elsewhere name them, `<question: .question, ..>`",
            ),
            (None, _) => {}
        }
        if map.fields.is_empty() && map.rest.is_none() && map.broken.is_empty() {
            self.diagnostics.error(map.open, "this map is empty: name its branches, `<gpt: model_a, claude: model_b>`");
        }
        map.broken.extend(self.diagnostics.split_off(before));
        map.fields.iter().map(|field| field.name.clone()).collect()
    }

    /// An arm that is chosen by a key.
    fn alternative(&self, arm: &Arm) {
        if !matches!(pattern::bound(&arm.pattern, self.diagnostics), Bound::Nothing) {
            let message = "the arms of `match config(..)` get the input of the `match`: their patterns bind nothing";
            self.diagnostics.error(arm.pattern.span(), message);
        }
    }

    /// Gives the field names of what the arm gets.
    fn arm(&self, arm: &Arm, known: Known) -> Known {
        let known = match pattern::bound(&arm.pattern, self.diagnostics) {
            Bound::Nothing | Bound::Whole(_) => known,
            Bound::One(_) => None,
            Bound::Several(names) => {
                if let Some(name) = names.get(12) {
                    self.diagnostics
                        .error(name.span(), "a pattern binds at most twelve names: bind the whole with `x @ ..`");
                }
                Some(names)
            }
        };
        if matches!(arm.pattern, syn::Pat::Guard(_)) {
            self.diagnostics.error(arm.pattern.span(), "a guard belongs to the whole arm: `pattern if guard => chain`");
        }
        known
    }
}

/// The fields that `..` stands for: those there that are not written anew.
fn copies(written: &[Ident], known: &[Ident], span: Span) -> Vec<MapField> {
    let is_new = |name: &&Ident| !written.iter().any(|w| text(w) == text(name));
    known
        .iter()
        .filter(is_new)
        .map(|name| {
            let mut name = name.clone();
            name.set_span(name.span().located_at(span));
            MapField { name: name.clone(), settled: false, chain: Chain { steps: vec![Step::Pick(name)] } }
        })
        .collect()
}
