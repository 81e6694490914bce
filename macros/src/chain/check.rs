//! What is wrong with a tree although it can be read; and `..` filled in.

use super::{
    pattern::{self, Bound},
    tree::{Arm, Chain, Input, Map, MapField, Root, Step},
};
use crate::{diagnostics::Diagnostics, record::text};
use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;

/// The field names of the value between two steps, where the macro can see them.
type Known = Option<Vec<Ident>>;

pub(crate) fn root(root: &mut Root, diagnostics: &Diagnostics) {
    let known = match &root.input {
        Some(Input::Record(fields)) => {
            let names: Vec<Ident> = fields.iter().map(|(name, _)| name.clone()).collect();
            distinct(&names, "this record", diagnostics);
            if let Some(name) = names.get(12) {
                diagnostics.error(
                    name.span(),
                    "an inline record has at most twelve fields: declare a struct with `#[derive(Record)]`",
                );
            }
            Some(names)
        }
        _ => None,
    };
    Check { diagnostics }.chain(&mut root.chain, known);
}

fn distinct(names: &[Ident], of: &str, diagnostics: &Diagnostics) {
    for (index, name) in names.iter().enumerate() {
        if names[..index].iter().any(|earlier| text(earlier) == text(name)) {
            diagnostics.error(name.span(), format!("`{}` is already a field of {of}", text(name)));
        }
    }
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
                for arm in &mut branch.arms {
                    if branch.key.is_some() {
                        self.alternative(arm, known.clone());
                    } else {
                        self.arm(arm, known.clone());
                    }
                }
                None
            }
            Step::SubRecord(names) => {
                distinct(names, "this pick", self.diagnostics);
                Some(names.clone())
            }
            Step::Input(_) => known,
            Step::Closure(closure) => {
                if closure.inputs.len() != 1 {
                    let message = "a closure step takes one parameter, the output of the step before: `|answer| ..`; \
                                   for the context write a `#[runnable]` function with a `&Context` parameter";
                    self.diagnostics.error(closure.inputs_begin.span(), message);
                }
                None
            }
            Step::Pick(_) | Step::Expr(_) => None,
        }
    }

    fn map(&self, map: &mut Map, known: Known) -> Vec<Ident> {
        for field in &mut map.fields {
            self.chain(&mut field.chain, known.clone());
        }
        let names: Vec<Ident> = map.fields.iter().map(|field| field.name.clone()).collect();
        distinct(&names, "this map", self.diagnostics);
        match (map.rest, known) {
            (Some(span), Some(known)) => map.fields.extend(copies(&names, &known, span)),
            (Some(span), None) => self.diagnostics.error(
                span,
                "the fields that `..` would copy cannot be seen here: it stands after a parallel map or an inline \
                 record `{ .. } =>`; elsewhere name them, `<question: .question, ..>`",
            ),
            (None, _) => {}
        }
        if map.fields.is_empty() && map.rest.is_none() {
            self.diagnostics.error(map.open, "this map is empty: name its branches, `<gpt: model_a, claude: model_b>`");
        }
        map.fields.iter().map(|field| field.name.clone()).collect()
    }

    /// An arm that is chosen by a key.
    fn alternative(&self, arm: &mut Arm, known: Known) {
        if !matches!(pattern::bound(&arm.pattern, self.diagnostics), Bound::Nothing) {
            let message = "the arms of `match config(..)` get the input of the `match`: their patterns bind nothing";
            self.diagnostics.error(arm.pattern.span(), message);
        }
        self.chain(&mut arm.chain, known);
    }

    fn arm(&self, arm: &mut Arm, known: Known) {
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
        self.chain(&mut arm.chain, known);
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
