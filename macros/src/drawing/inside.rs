//! The chains inside the functions of an `impl` block.

use super::{body, expression::built, scope::Scope};
use catena_graph::Track;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Block, Expr, ItemImpl, Local, Pat, visit::Visit};

/// Draws each chain that the functions of a block run, once. The type of its input is added if it is written.
pub(super) fn chains(block: &ItemImpl) -> Vec<(Track, Option<String>)> {
    let mut inside = Inside::default();
    inside.visit_item_impl(block);
    inside.found
}

#[derive(Default)]
struct Inside {
    scope: Scope,
    found: Vec<(Track, Option<String>)>,
}

impl<'ast> Visit<'ast> for Inside {
    fn visit_block(&mut self, block: &'ast Block) {
        let mark = self.scope.mark();
        body::items(block, &mut self.scope);
        syn::visit::visit_block(self, block);
        self.scope.leave(mark);
    }

    fn visit_local(&mut self, local: &'ast Local) {
        let chain = local.init.as_ref().is_some_and(|init| has_chain(init.expr.to_token_stream()));
        if chain && matches!(&local.pat, Pat::Ident(_) | Pat::Type(_)) {
            // Drawn at its use.
            body::bind(local, &mut self.scope);
        } else {
            syn::visit::visit_local(self, local);
            self.scope.pattern(&local.pat);
        }
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let candidate = match expr {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| self.scope.is_local(&name.to_string())),
            Expr::Macro(_) | Expr::MethodCall(_) => has_chain(expr.to_token_stream()),
            _ => false,
        };
        if candidate {
            self.scope.input = None;
            if let Some(track) = built(expr, &mut self.scope) {
                let chain = (track, self.scope.input.take());
                if !self.found.contains(&chain) {
                    self.found.push(chain);
                }
                return;
            }
        }
        syn::visit::visit_expr(self, expr);
    }
}

/// Returns whether the tokens contain `chain!`.
fn has_chain(tokens: TokenStream) -> bool {
    let mut called = false;
    for token in tokens {
        match &token {
            TokenTree::Punct(sign) if called && sign.as_char() == '!' => return true,
            TokenTree::Group(group) if has_chain(group.stream()) => return true,
            _ => {}
        }
        called = matches!(&token, TokenTree::Ident(word) if word == "chain");
    }
    false
}
