//! The names a function binds, kept apart from the steps around it.
//!
//! A step is a unit struct, and a pattern that is the name of one means that struct. So a parameter `gpt` in the module of a
//! step `gpt`, the most natural name there is, would be an error. Around the function stands a function under the names it
//! binds: these hide the structs, and a binding may hide a function. It is always the same one, of the runtime, because the compiler takes its
//! time to check a new one.

use crate::record::text;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::collections::BTreeMap;
use syn::{ExprClosure, FnArg, ItemFn, Local, PatIdent, visit::Visit};

/// A function under each name that the parameters, the `let`s and the closures of this one bind.
pub(crate) fn hiding(function: &ItemFn) -> TokenStream {
    let mut bindings = Bindings::default();
    for arg in &function.sig.inputs {
        if let FnArg::Typed(arg) = arg {
            bindings.visit_pat(&arg.pat);
        }
    }
    let mut inside = Inside(bindings);
    inside.visit_block(&function.block);
    let names = inside.0.0.values();
    quote! {
        #(
            #[allow(unused_imports, non_snake_case, clippy::all, clippy::pedantic)]
            use ::catena::__private::hidden as #names;
        )*
    }
}

/// The names of patterns, in a stable order.
#[derive(Default)]
struct Bindings(BTreeMap<String, Ident>);

impl<'ast> Visit<'ast> for Bindings {
    fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
        let name = text(&pat.ident);
        // `None` is a pattern of its own.
        if pat.ident != "self" && !name.starts_with(char::is_uppercase) {
            let mut ident = pat.ident.clone();
            ident.set_span(proc_macro2::Span::call_site());
            self.0.insert(name, ident);
        }
        syn::visit::visit_pat_ident(self, pat);
    }
}

/// The patterns that can only bind: those of a `match` may mean constants.
struct Inside(Bindings);

impl<'ast> Visit<'ast> for Inside {
    fn visit_local(&mut self, local: &'ast Local) {
        self.0.visit_pat(&local.pat);
        syn::visit::visit_local(self, local);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        closure.inputs.iter().for_each(|pat| self.0.visit_pat(pat));
        syn::visit::visit_expr_closure(self, closure);
    }
}
