//! The names that a function binds, kept apart from the steps around it.
//!
//! A step is a unit struct, and a pattern with the name of a unit struct means that struct. So a parameter `gpt` would
//! be an error in the module of a step `gpt`, although it is the most natural name there.
//!
//! Around the function, a function is imported under each name that it binds. These imports hide the structs, and a
//! binding may shadow a function. All of them import the same function of the runtime, because the compiler takes time
//! to check a new one.

use crate::record::text;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::collections::BTreeMap;
use syn::{ExprClosure, FnArg, ItemFn, Local, PatIdent, visit::Visit};

/// Imports a function under each name that the parameters, the `let`s and the closures of this function bind.
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

/// The names in patterns, in a stable order.
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

/// A visitor of patterns that can only bind. Patterns of a `match` may mean constants.
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
