//! The parameters of a function: the inputs, the context, and how each is passed.

use crate::shared::diagnostics::Diagnostics;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{
    FnArg, GenericParam, Generics, ItemFn, Lifetime, Pat, Path, Type, parse_quote, spanned::Spanned, visit::Visit,
};

pub(crate) struct Param {
    /// The name of the parameter, if it has one.
    pub(crate) name: Option<Ident>,
    /// The type of the input: `T` for `T` and `&T`, `String` for `&str`, `Vec<T>` for `&[T]`.
    pub(crate) ty: Type,
    /// Whether the function only borrows the value.
    pub(crate) by_ref: bool,
    pub(crate) span: Span,
}

pub(crate) enum Arg {
    Context,
    /// The input parameter of this index.
    Input(usize),
}

pub(crate) struct Signature {
    pub(crate) params: Vec<Param>,
    pub(crate) args: Vec<Arg>,
    /// All generics of the function, with the bounds that a step needs.
    pub(crate) generics: Generics,
    /// The type parameters that no input mentions. The caller names them: `parse::<Answer>()`.
    pub(crate) named: Vec<Ident>,
}

impl Signature {
    pub(crate) fn of(function: &ItemFn, diagnostics: &Diagnostics) -> Option<Self> {
        let sig = &function.sig;
        if let Some(receiver) = sig.receiver() {
            diagnostics.error(
                receiver.span(),
                "`#[runnable]` does not go on methods: put it on a free function, or write an \
                 `impl Runnable<In> for Type` block",
            );
            return None;
        }
        let mut generics = sig.generics.clone();
        let (mut params, mut args) = (Vec::new(), Vec::new());
        for arg in &sig.inputs {
            let FnArg::Typed(arg) = arg else { continue };
            if let Some(cfg) = arg.attrs.iter().find(|attribute| attribute.path().is_ident("cfg")) {
                diagnostics
                    .error(cfg.span(), "a step has the same parameters everywhere: put `#[cfg(..)]` on the function");
            }
            if is_context(&arg.ty) {
                if let Type::Reference(reference) = ungrouped(&arg.ty)
                    && let Some(lifetime) = reference.lifetime.as_ref().filter(|lifetime| lifetime.ident != "_")
                {
                    diagnostics.error(lifetime.span(), "the context has a lifetime of its own: write `&Context`");
                }
                args.push(Arg::Context);
                continue;
            }
            args.push(Arg::Input(params.len()));
            params.push(param(&arg.pat, &arg.ty, params.len(), &mut generics, diagnostics));
        }
        if params.is_empty() {
            let span = sig.paren_token.span.join();
            diagnostics.error(
                span,
                "a step takes an input: give the function a parameter (`_: ()` where there is nothing to take); a \
                 function that builds a chain returns `impl Runnable<..>`",
            );
            return None;
        }
        if params.len() > 1 {
            for param in params.iter().filter(|param| param.name.is_none()) {
                let message = "several parameters are taken from a record by their names: give this one a name";
                diagnostics.error(param.span, message);
            }
        }
        drop_unmentioned_lifetimes(&mut generics, &params);
        let named = unmentioned(&generics, &params);
        for param in generics.params.iter().filter_map(|param| match param {
            GenericParam::Const(param) => Some(param),
            _ => None,
        }) {
            if !params.iter().any(|input| mentions(&input.ty, &param.ident)) {
                let message = "a constant that no parameter mentions cannot be found out: use it in a parameter's type";
                diagnostics.error(param.ident.span(), message);
            }
        }
        add_bounds(&mut generics);
        Some(Signature { params, args, generics, named })
    }

    /// Returns the arguments of the function, given an expression for each input parameter.
    pub(crate) fn arguments(&self, inputs: &[TokenStream], context: &TokenStream) -> TokenStream {
        let arguments = self.args.iter().map(|arg| match arg {
            Arg::Context => context.clone(),
            Arg::Input(index) => {
                let input = &inputs[*index];
                if self.params[*index].by_ref { quote!(&#input) } else { input.clone() }
            }
        });
        quote!(#(#arguments),*)
    }

    pub(crate) fn all_by_ref(&self) -> bool {
        self.params.iter().all(|param| param.by_ref)
    }
}

/// Returns a type without parentheses and without the invisible groups that `macro_rules!` puts around its fragments.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
}

fn param(pat: &Pat, ty: &Type, index: usize, generics: &mut Generics, diagnostics: &Diagnostics) -> Param {
    let name = match pat {
        Pat::Ident(ident) if ident.subpat.is_none() => Some(ident.ident.clone()),
        _ => None,
    };
    let (ty, by_ref) = match ungrouped(ty) {
        // A written lifetime means that the reference itself is the input.
        Type::Reference(reference) if reference.lifetime.is_none() => {
            if let Some(mutability) = &reference.mutability {
                let message = "a step owns its input or looks at it: take it by value or by `&`";
                diagnostics.error(mutability.span(), message);
            }
            (owned(&reference.elem), true)
        }
        ty => (ty.clone(), false),
    };
    // After an error the step still exists, with a type that is no second error.
    let ty = if can_come_in(&ty, diagnostics) { ty } else { parse_quote!(()) };
    let ty = match ty {
        // `impl Trait` is a type parameter without a name.
        Type::ImplTrait(bounds) => {
            let name = format_ident!("__T{index}");
            let bounds = bounds.bounds;
            generics.params.push(parse_quote!(#name: #bounds));
            parse_quote!(#name)
        }
        ty => ty,
    };
    Param { name, ty, by_ref, span: pat.span() }
}

/// Returns the owned type behind a reference.
pub(crate) fn owned(ty: &Type) -> Type {
    match ungrouped(ty) {
        Type::Path(path) if is_str(&path.path) => parse_quote!(::std::string::String),
        Type::Slice(slice) => {
            let elem = &slice.elem;
            parse_quote!(::std::vec::Vec<#elem>)
        }
        ty => ty.clone(),
    }
}

/// Returns whether a path is `str`, or `core::primitive::str`.
fn is_str(path: &Path) -> bool {
    let mut segments = path.segments.iter().rev();
    let last = segments.next().is_some_and(|last| last.ident == "str" && last.arguments.is_none());
    last && segments.next().is_none_or(|module| module.ident == "primitive")
}

/// Returns whether a type is `&Context`, by any path.
pub(crate) fn is_context(ty: &Type) -> bool {
    let Type::Reference(reference) = ungrouped(ty) else { return false };
    let Type::Path(path) = ungrouped(&reference.elem) else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Context" && last.arguments.is_none())
}

fn unmentioned(generics: &Generics, params: &[Param]) -> Vec<Ident> {
    let unmentioned = generics.type_params().filter(|param| !params.iter().any(|p| mentions(&p.ty, &param.ident)));
    unmentioned.map(|param| param.ident.clone()).collect()
}

/// Removes the lifetimes that neither an input nor a bound mentions: of a step they would be parameters that nothing constrains.
fn drop_unmentioned_lifetimes(generics: &mut Generics, params: &[Param]) {
    let all = generics.clone();
    let mentioned = |lifetime: &Lifetime| {
        let mut found = Mentions { name: &lifetime.ident, found: false };
        all.type_params().for_each(|param| found.visit_type_param(param));
        all.lifetimes().filter(|param| param.lifetime != *lifetime).for_each(|param| found.visit_lifetime_param(param));
        all.where_clause.iter().for_each(|bounds| found.visit_where_clause(bounds));
        found.found || params.iter().any(|param| mentions(&param.ty, &lifetime.ident))
    };
    let kept = |param: &GenericParam| !matches!(param, GenericParam::Lifetime(param) if !mentioned(&param.lifetime));
    generics.params = all.params.iter().filter(|param| kept(param)).cloned().collect();
}

/// Reports a type that cannot be an input: a reference inside it without a lifetime, or a bare `dyn Trait`.
fn can_come_in(ty: &Type, diagnostics: &Diagnostics) -> bool {
    if let Type::TraitObject(object) = ty {
        let message = "a step takes a value whose size is known: `Box<dyn Trait>`, or a type parameter `T: Trait`";
        diagnostics.error(object.span(), message);
        return false;
    }
    let mut inside = Elided(None);
    inside.visit_type(ty);
    if let Some(span) = inside.0 {
        diagnostics.error(
            span,
            "a step looks at its whole input by `&`, not at parts of it: take what is inside by value, or write the \
             lifetime down, `fn f<'a>(x: Option<&'a str>)`",
        );
    }
    inside.0.is_none()
}

struct Elided(Option<Span>);

impl<'ast> Visit<'ast> for Elided {
    fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
        if reference.lifetime.is_none() {
            self.0 = self.0.or(Some(reference.and_token.span));
        }
        self.visit_type(&reference.elem);
    }

    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast syn::ParenthesizedGenericArguments) {}
}

struct Mentions<'a> {
    name: &'a Ident,
    found: bool,
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_ident(&mut self, ident: &'ast Ident) {
        self.found |= ident == self.name;
    }
}

pub(crate) fn mentions(ty: &Type, name: &Ident) -> bool {
    let mut mentions = Mentions { name, found: false };
    mentions.visit_type(ty);
    mentions.found
}

/// Adds bounds to the type parameters: inputs cross threads, and the output of a step may outlive its input.
fn add_bounds(generics: &mut Generics) {
    for param in generics.type_params_mut() {
        param.bounds.push(parse_quote!(::core::marker::Send));
        param.bounds.push(parse_quote!(::core::marker::Sync));
        param.bounds.push(parse_quote!('static));
        param.default = None;
    }
}
