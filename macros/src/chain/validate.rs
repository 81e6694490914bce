//! Errors in a tree that can be parsed.

use super::{
    ast::{Arm, Chain, Input, Map, Match, Root, Step},
    mistakes,
    pattern::{self, Bound},
    texts,
};
use crate::{record::text, shared::diagnostics::Diagnostics};
use proc_macro2::Ident;
use std::collections::HashSet;
use syn::spanned::Spanned;

/// Checks a tree. Errors go into the part of the tree that they are about, or into `diagnostics`.
pub(crate) fn root(root: &mut Root, diagnostics: &Diagnostics) {
    if let Some(Input::Record(fields)) = &mut root.input {
        distinct(fields, |field| &field.0, "this record", diagnostics);
        if let Some((name, _)) = fields.get(12) {
            let message = "an inline record has at most twelve fields: declare a struct with `#[derive(Record)]`";
            let mistake = syn::Error::new(name.span(), message);
            root.input = Some(Input::TooLong(std::mem::take(fields), mistake));
        }
    }
    Check { diagnostics }.chain(&mut root.chain);
    if root.input.is_none() {
        typed(&mut root.chain);
    }
}

/// Checks that the first closures of a chain without `Type =>` do not need the type of the input.
fn typed(chain: &mut Chain) {
    let Some(first) = chain.steps.iter_mut().find(|step| !matches!(step, Step::Input(_))) else { return };
    match first {
        Step::Closure(closure, _) => {
            if let Some(mistake) = mistakes::untyped(closure) {
                *first = Step::Broken(mistake);
            }
        }
        Step::Map(map) => map.fields.iter_mut().for_each(|field| typed(&mut field.chain)),
        _ => {}
    }
}

/// Removes each field that has the name of an earlier one, and returns the indices of the removed fields.
fn distinct<T>(fields: &mut Vec<T>, name: impl Fn(&T) -> &Ident, of: &str, diagnostics: &Diagnostics) -> Vec<usize> {
    let mut seen = HashSet::new();
    let (mut at, mut repeated) = (0, Vec::new());
    fields.retain(|field| {
        let name = name(field);
        let is_new = seen.insert(text(name));
        if !is_new {
            diagnostics.error(name.span(), format!("`{}` is already a field of {of}", text(name)));
            repeated.push(at);
        }
        at += 1;
        is_new
    });
    repeated
}

/// The most branches of a map. The expansion grows with their square.
const MOST: usize = 64;

/// The most arms of a `match`.
const MOST_ARMS: usize = 256;

struct Check<'a> {
    diagnostics: &'a Diagnostics,
}

impl Check<'_> {
    fn chain(&self, chain: &mut Chain) {
        for step in &mut chain.steps {
            self.step(step);
        }
    }

    fn step(&self, step: &mut Step) {
        match step {
            Step::Map(map) => self.map(map),
            Step::Match(branch) => self.arms(branch),
            Step::SubRecord(names) => {
                distinct(names, |name| name, "this pick", self.diagnostics);
            }
            Step::Closure(closure, _) => {
                if closure.inputs.len() != 1 {
                    let message = "a closure step takes one parameter, the output of the step before: `|answer| ..`; \
                                   for the context write a `#[runnable]` function with a `&Context` parameter";
                    *step = Step::Broken(syn::Error::new(closure.inputs_begin.span(), message));
                }
            }
            Step::Input(_) | Step::Pick(_) | Step::HalfPick(..) | Step::Expr(_) | Step::Broken(_) => {}
        }
    }

    fn map(&self, map: &mut Map) {
        map.fields.iter_mut().take(MOST).for_each(|field| self.chain(&mut field.chain));
        let before = self.diagnostics.count();
        if let Some(field) = map.fields.get(MOST) {
            let message = format!("a map has at most {MOST} branches: put some of them into a map of their own");
            self.diagnostics.error(field.name.span(), message);
            map.fields.truncate(MOST);
        }
        let repeated = distinct(&mut map.fields, |field| &field.name, "this map", self.diagnostics);
        if let Some(rest) = &mut map.rest {
            rest.at -= repeated.iter().filter(|&&at| at < rest.at).count();
        }
        if map.fields.is_empty() && map.rest.is_none() && map.broken.is_empty() {
            self.diagnostics.error(map.open, "this map is empty: name its branches, `<gpt: model_a, claude: model_b>`");
        }
        map.broken.extend(self.diagnostics.split_off(before));
    }

    /// Checks the arms, and puts the errors in a pattern in place of its arm.
    fn arms(&self, branch: &mut Match) {
        if let Some(arm) = branch.arms.get(MOST_ARMS) {
            let message = format!("a `match` has at most {MOST_ARMS} arms: use a `Router`, whose routes are data");
            branch.broken.push(syn::Error::new(arm.pattern.span(), message));
            branch.arms.truncate(MOST_ARMS);
        }
        for mut arm in std::mem::take(&mut branch.arms) {
            let before = self.diagnostics.count();
            if branch.key.is_some() {
                self.alternative(&arm);
            } else {
                self.arm(&branch.of, &arm);
            }
            let mistakes = self.diagnostics.split_off(before);
            self.chain(&mut arm.chain);
            if mistakes.is_empty() {
                branch.arms.push(arm);
            }
            branch.broken.extend(mistakes);
        }
        Self::all_texts(branch);
    }

    /// Checks that texts are not the only patterns. They become conditions, so that the compiler would not say it well.
    fn all_texts(branch: &mut Match) {
        let takes_all = |arm: &Arm| match &arm.pattern {
            syn::Pat::Ident(name) => name.subpat.is_none(),
            syn::Pat::Wild(_) => true,
            _ => false,
        };
        let of_text = branch.arms.iter().any(|arm| texts::is_of_text(&arm.pattern));
        if of_text && branch.broken.is_empty() && !branch.arms.iter().any(|arm| arm.guard.is_none() && takes_all(arm)) {
            let message = "other texts than these are not covered: add an arm for them, `_ => ..`";
            branch.broken.push(syn::Error::new(branch.keyword, message));
        }
    }

    /// Checks an arm that is chosen by a key.
    fn alternative(&self, arm: &Arm) {
        if !matches!(pattern::bound(&arm.pattern, self.diagnostics), Bound::Nothing) {
            let message = "the arms of `match config(..)` get the input of the `match`: their patterns bind nothing";
            self.diagnostics.error(arm.pattern.span(), message);
        }
        texts::check(&arm.pattern, self.diagnostics);
    }

    /// Checks an arm that is chosen by its pattern.
    fn arm(&self, of: &[Ident], arm: &Arm) {
        let before = self.diagnostics.count();
        if let Bound::Several(names) = pattern::passed(of, &arm.pattern, self.diagnostics)
            && let Some(name) = names.get(12)
        {
            self.diagnostics.error(name.span(), "a pattern binds at most twelve names: bind the whole with `x @ ..`");
        }
        if matches!(arm.pattern, syn::Pat::Guard(_)) {
            self.diagnostics.error(arm.pattern.span(), "a guard belongs to the whole arm: `pattern if guard => chain`");
        }
        if self.diagnostics.count() == before {
            texts::check(&arm.pattern, self.diagnostics);
        }
    }
}
