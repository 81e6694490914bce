//! Durable steps of one name, which share a record.

use super::ast::{Chain, Root, Step};
use crate::shared::diagnostics::Diagnostics;
use std::collections::HashSet;
use syn::{
    Expr, ExprClosure, ExprLit, ExprMethodCall, Lit,
    visit::{Visit, visit_expr_method_call},
};

/// Reports the second of two steps that are made durable under one name, where both are written in this chain. Of others, a
/// run finds out when it begins.
pub(super) fn check(root: &Root, diagnostics: &Diagnostics) {
    Names { seen: HashSet::new(), diagnostics }.chain(&root.chain);
}

struct Names<'a> {
    seen: HashSet<String>,
    diagnostics: &'a Diagnostics,
}

impl Names<'_> {
    fn chain(&mut self, chain: &Chain) {
        for step in &chain.steps {
            match step {
                Step::Expr(expr) => self.visit_expr(expr),
                Step::Map(map) => map.fields.iter().for_each(|field| self.chain(&field.chain)),
                Step::Match(branch) => branch.arms.iter().for_each(|arm| self.chain(&arm.chain)),
                Step::Pick(_)
                | Step::SubRecord(_)
                | Step::Input(_)
                | Step::Closure(..)
                | Step::Broken(_)
                | Step::HalfPick(..) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        // The names in a scope are others.
        if call.method == "scoped" {
            return;
        }
        visit_expr_method_call(self, call);
        let Some(Expr::Lit(ExprLit { lit: Lit::Str(name), .. })) = call.args.first() else { return };
        if call.method == "durable" && call.args.len() == 1 && !self.seen.insert(name.value()) {
            let message = format!(
                "two durable steps of this chain are named `{}`: give each a name of its own, or put one of them into a scope \
                 by `.scoped(\"..\")`",
                name.value()
            );
            self.diagnostics.error(name.span(), message);
        }
    }

    fn visit_expr_closure(&mut self, _closure: &'ast ExprClosure) {}
}
