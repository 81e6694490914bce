//! The parameters of a tool: those that the model writes, and the context.

use crate::{
    record::text,
    runnable::signature::{is_context, owned, ungrouped},
    shared::diagnostics::Diagnostics,
};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Expr, ExprLit, FnArg, ItemFn, Lit, Meta, Pat, Type, spanned::Spanned, visit::Visit};

/// A parameter that the model writes.
pub(super) struct Parameter {
    /// The name, as the model writes it.
    pub(super) name: String,
    /// The description, from the docs of the parameter.
    pub(super) description: String,
    /// The type that is parsed.
    pub(super) ty: Type,
    by_ref: bool,
}

pub(super) struct Parameters {
    pub(super) written: Vec<Parameter>,
    args: Vec<Arg>,
}

enum Arg {
    Context,
    /// The parameter of this index that the model writes.
    Written(usize),
}

impl Parameters {
    /// Reads the parameters of a function, and removes their docs, which the compiler does not accept there.
    pub(super) fn of(function: &mut ItemFn, diagnostics: &Diagnostics) -> Self {
        let mut parameters = Parameters { written: Vec::new(), args: Vec::new() };
        for arg in &mut function.sig.inputs {
            let arg = match arg {
                FnArg::Typed(arg) => arg,
                FnArg::Receiver(receiver) => {
                    let message = "`#[tool]` does not go on methods: put it on a free function, or write an \
                                   `impl catena_llm::Tool for ..` block";
                    diagnostics.error(receiver.span(), message);
                    continue;
                }
            };
            let description = documentation(&arg.attrs);
            if let Some(cfg) = arg.attrs.iter().find(|attribute| attribute.path().is_ident("cfg")) {
                diagnostics
                    .error(cfg.span(), "a tool has the same parameters everywhere: put `#[cfg(..)]` on the function");
            }
            arg.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
            if is_context(&arg.ty) {
                parameters.args.push(Arg::Context);
                continue;
            }
            let Some(name) = name(&arg.pat) else {
                let message = "the model writes this parameter by its name: give it one";
                diagnostics.error(arg.pat.span(), message);
                continue;
            };
            let Some((ty, by_ref)) = taken(&arg.ty, diagnostics) else { continue };
            parameters.args.push(Arg::Written(parameters.written.len()));
            parameters.written.push(Parameter { name: text(name), description, ty, by_ref });
        }
        parameters
    }

    /// Returns the arguments of the function, given an expression for each parameter that the model writes.
    pub(super) fn arguments(&self, locals: &[TokenStream]) -> TokenStream {
        let arguments = self.args.iter().map(|arg| match arg {
            Arg::Context => quote!(__cx),
            Arg::Written(index) => {
                let local = &locals[*index];
                if self.written[*index].by_ref { quote!(&#local) } else { local.clone() }
            }
        });
        quote!(#(#arguments),*)
    }
}

fn name(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(ident) if ident.subpat.is_none() => Some(&ident.ident),
        _ => None,
    }
}

/// Returns the type that is parsed for a parameter, and whether the function only borrows the value.
fn taken(ty: &Type, diagnostics: &Diagnostics) -> Option<(Type, bool)> {
    let (ty, by_ref) = match ungrouped(ty) {
        Type::Reference(reference) if reference.mutability.is_none() => (owned(&reference.elem), true),
        ty => (ty.clone(), false),
    };
    let mut borrows = Borrows(None);
    borrows.visit_type(&ty);
    if let Some(span) = borrows.0 {
        let message = "a tool's parameter is read from JSON: its type owns what is in it and has a name";
        diagnostics.error(span, message);
        return None;
    }
    Some((ty, by_ref))
}

/// The position at which a type borrows or has no name.
struct Borrows(Option<proc_macro2::Span>);

impl<'ast> Visit<'ast> for Borrows {
    fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
        self.0 = self.0.or(Some(reference.and_token.span));
    }

    fn visit_type_impl_trait(&mut self, opaque: &'ast syn::TypeImplTrait) {
        self.0 = self.0.or(Some(opaque.impl_token.span));
    }

    fn visit_type_trait_object(&mut self, object: &'ast syn::TypeTraitObject) {
        self.0 = self.0.or(Some(object.span()));
    }

    fn visit_lifetime(&mut self, lifetime: &'ast syn::Lifetime) {
        if lifetime.ident != "static" {
            self.0 = self.0.or(Some(lifetime.span()));
        }
    }
}

/// Returns the text of doc comments, with the lines of each paragraph joined.
pub(super) fn documentation(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(line);
    let text = lines.collect::<Vec<_>>().join("\n");
    let paragraphs = text.trim().split("\n\n").map(|paragraph| {
        let lists = paragraph.lines().any(|line| line.starts_with(['-', '*', '`', '#']));
        if lists { paragraph.to_owned() } else { paragraph.split_whitespace().collect::<Vec<_>>().join(" ") }
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(doc) = &attribute.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &doc.value else { return None };
    Some(text.value().lines().map(str::trim).collect::<Vec<_>>().join("\n"))
}
