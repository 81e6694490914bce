//! A tree to tokens. Each step expands to one call of `catena::flow`, which types it. The combinators that run the
//! steps follow at the end.

mod branch;
mod closure;
mod map;
mod pick;

use super::{
    ast::{Chain, Input, Root, Step},
    label,
};
use crate::{
    record::{self, Shape},
    shared::{diagnostics::Diagnostics, step_methods},
};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Type, spanned::Spanned};

/// An index past the end of every table of labels. It marks a sequence that only groups steps.
const NO_WORDS: usize = 1 << 20;

/// Expands a validated tree.
///
/// Errors without a position of their own come last, so that they do not move the tokens that an editor completes.
pub(crate) fn root(root: &Root, diagnostics: Diagnostics) -> TokenStream {
    let mut expander = Expander::default();
    let flow = expander.local("flow");
    let start = match &root.input {
        // The question to the type has an answer only if the type borrows nothing.
        Some(Input::Type(ty)) if !borrows(ty) => {
            asked(&quote!(StartText, StartWhole), &quote!((&::catena::flow::Start::<#ty>::new()).__start()))
        }
        Some(Input::Type(ty)) => quote!(::catena::flow::start::<#ty>()),
        Some(Input::TooLong(_, mistake) | Input::Broken(mistake)) => mistake.to_compile_error(),
        Some(Input::Record(_)) => quote!(::catena::flow::start::<_>()),
        // At the first step, where the compiler reports an input whose type nothing says.
        None => {
            let first = root.chain.steps.first().map_or_else(Span::call_site, Step::span);
            let (from, to) = (quote_spanned!(first=> ::), quote_spanned!(first=> >));
            let mut call = Group::new(Delimiter::Parenthesis, TokenStream::new());
            call.set_span(first);
            quote!(#from catena::flow::chain_without_the_type_of_its_input::<_ #to #call)
        }
    };
    let adopted = match &root.input {
        Some(Input::Record(fields)) => Some(expander.inline_record(fields, &flow)),
        _ => None,
    };
    let input_is_ref = match &root.input {
        Some(Input::Type(ty)) => matches!(&**ty, Type::Reference(reference) if reference.lifetime.is_none()),
        _ => false,
    };
    let begin = Begin { lent: false, input_is_ref };
    let begin_flow = adopted.as_ref().map_or(&flow, |adopted| &adopted.flow);
    let chain = expander.chain(&root.chain, begin_flow, begin);
    let Expanded { mut statements, value, .. } = chain;
    // A chain with a mistake in it has any type, so that its uses are no further errors.
    let whole = expander.local("chain");
    statements.extend(quote!(let #whole = #value;));
    let value = asked(
        &quote!(IsStep, IsNoStep),
        &quote!((&::catena::flow::AskChain::of(&#begin_flow, &#whole)).__chain(#whole)),
    );
    let value = match &root.input {
        // A reference may have any lifetime, so its type cannot be fixed here.
        Some(Input::Type(ty)) if !has_reference(ty) => step_methods::typed(&quote!(#ty), &value),
        _ => value,
    };
    let value = match adopted {
        Some(adopted) => {
            let Expanded { statements: adopting, value: inline_record, .. } = adopted;
            statements = quote!(#adopting #statements);
            quote!(#inline_record.of(#value))
        }
        None => value,
    };
    let (names, words, registered) = (expander.names(), words_name(), expander.registered());
    let mistakes = diagnostics.errors();
    quote!({
        let #words = ::catena::__private::LabelsOf::<__Names>::new();
        let #flow = #start;
        #statements
        #registered
        #names
        #mistakes
        #value
    })
}

fn has_reference(ty: &Type) -> bool {
    quote!(#ty).to_string().contains('&')
}

/// Returns whether a type contains a visible reference or lifetime.
fn borrows(ty: &Type) -> bool {
    quote!(#ty).to_string().contains(['&', '\''])
}

/// Asks a type a question. The method that is found in one of two traits of `flow` is the answer. Its name begins with two
/// underscores, for a trait in scope may have a method of any other name for all types.
fn asked(traits: &TokenStream, question: &TokenStream) -> TokenStream {
    let traits = traits.clone().into_iter().filter(|token| matches!(token, TokenTree::Ident(_)));
    quote!({
        #[allow(unused_imports)]
        use ::catena::flow::{#(#traits as _),*};
        #[allow(clippy::needless_borrow)]
        let __answer = #question;
        __answer
    })
}

/// Ties a step to the flow before it.
///
/// The first and the last token have the span of the step, so that an error shows no other part of the chain. No
/// identifier has that span, because an editor would take it for the step.
fn fit(step_at: Span, flow: &Ident, step: &TokenStream) -> TokenStream {
    let (from, to) = (quote_spanned!(step_at=> ::), quote_spanned!(step_at=> >));
    quote!(#from catena::__private::Runnable::fit::<_, _, _, _, _ #to (#flow, #step))
}

/// The statements that type a chain or step, the flow after it, and the value that runs it.
struct Expanded {
    statements: TokenStream,
    flow: Ident,
    value: TokenStream,
}

/// Properties of the first step of a chain.
#[derive(Clone, Copy, Default)]
struct Begin {
    /// Whether the input is borrowed, as in a branch of a map.
    lent: bool,
    /// Whether the input is declared as a reference.
    input_is_ref: bool,
}

#[derive(Default)]
struct Expander {
    words: Vec<String>,
    locals: usize,
    /// The flows after steps that do not know the type of their output: closures and picks.
    unknown: Vec<Ident>,
}

impl Expander {
    /// Creates a variable that cannot clash with a name of the user.
    fn local(&mut self, name: &str) -> Ident {
        self.locals += 1;
        Ident::new(&format!("__{name}{}", self.locals), Span::mixed_site())
    }

    /// Registers how to serialize the outputs that no step with a type of its own registers.
    ///
    /// The statement stands after the steps, where all types are known.
    fn registered(&self) -> Option<TokenStream> {
        let flows = &self.unknown;
        if flows.is_empty() {
            return None;
        }
        Some(quote! {{
            #[allow(unused_imports)]
            use ::catena::__private::probe::*;
            static __REGISTERED: ::catena::__private::Registered = ::catena::__private::Registered::new();
            ::catena::__private::Registered::register(
                &__REGISTERED,
                &[#((&&&::catena::__private::Probe::of(&#flows)).__registers()),*],
            );
        }})
    }

    /// Declares the labels of the chain as a type.
    ///
    /// The declaration stands after the steps, so that a changed label does not move the tokens that an editor
    /// completes.
    fn names(&self) -> TokenStream {
        let words = &self.words;
        quote! {
            struct __Names;
            #[automatically_derived]
            impl ::catena::__private::Labels for __Names {
                const NAMES: &'static [&'static ::core::primitive::str] = &[#(#words),*];
            }
        }
    }

    /// Converts any record with these fields to an anonymous one.
    fn inline_record(&mut self, fields: &[(Ident, Type)], flow: &Ident) -> Expanded {
        let (names, types): (Vec<Ident>, Vec<&Type>) = fields.iter().map(|(n, t)| (n.clone(), t)).unzip();
        let form = Shape { name: "Input", fields: &names, chunks: false }.form();
        let pairs = names.iter().map(record::name_type);
        let (value, next) = (self.local("input"), self.local("flow"));
        let statements = quote! {
            let _: ::catena::flow::Flow<(), _> = #flow;
            let (#value, #next) = ::catena::flow::inline_record(
                #form,
                ::catena::__private::PhantomData::<(#((#pairs, #types),)*)>,
            );
        };
        Expanded { statements, flow: next, value: quote!(#value) }
    }

    fn chain(&mut self, chain: &Chain, flow: &Ident, begin: Begin) -> Expanded {
        let words_at = self.words.len();
        let mut statements = TokenStream::new();
        let mut values = Vec::new();
        let mut flow = flow.clone();
        self.words.extend(chain.steps.iter().map(label::step));
        for (index, step) in chain.steps.iter().enumerate() {
            let begin = if index == 0 { begin } else { Begin::default() };
            let expanded = self.step(step, &flow, begin);
            if matches!(step, Step::Closure(..) | Step::Pick(_) | Step::SubRecord(_)) {
                self.unknown.push(expanded.flow.clone());
            }
            statements.extend(expanded.statements);
            values.push(expanded.value);
            flow = expanded.flow;
        }
        Expanded { statements, flow, value: Self::sequence(&values, words_at) }
    }

    /// Builds a sequence of at most twelve values, nested if there are more.
    fn sequence(values: &[TokenStream], words_at: usize) -> TokenStream {
        let words = words_name();
        let sequence = |at: usize, values: &[TokenStream]| quote!(::catena::__private::Sequence::<_, _, #at>::at(#words, (#(#values,)*)));
        if values.len() <= 12 {
            return sequence(words_at, values);
        }
        let groups: Vec<TokenStream> =
            values.chunks(12).enumerate().map(|(i, group)| sequence(words_at + i * 12, group)).collect();
        let mut groups = record::tree(groups, &mut |groups| sequence(NO_WORDS, &groups));
        if groups.len() == 1 { groups.remove(0) } else { sequence(NO_WORDS, &groups) }
    }

    fn step(&mut self, step: &Step, flow: &Ident, begin: Begin) -> Expanded {
        let Begin { lent, input_is_ref } = begin;
        match step {
            Step::Map(map) => self.map(map, flow),
            Step::Match(branch) => self.branch(branch, flow),
            Step::Pick(names) => self.pick(names, None, flow, lent),
            Step::HalfPick(names, mistake) => self.pick(names, Some(mistake), flow, lent),
            Step::SubRecord(names) => self.sub_record(names, flow, lent),
            Step::Input(_) => self.through(flow),
            Step::Closure(closure, before) => self.typed(|_| {
                let call = closure::expand(closure, flow, input_is_ref);
                if before.is_empty() { call } else { quote!({ #(#before)* #call }) }
            }),
            Step::Expr(expr) => self.typed(|_| fit(expr.span(), flow, &quote!(#expr))),
            Step::Broken(mistake) => self.broken(mistake, &[], flow),
        }
    }

    /// Puts an error in place of a step. The type of its output is open, so that later steps report no further errors.
    fn broken(&mut self, mistake: &syn::Error, others: &[syn::Error], flow: &Ident) -> Expanded {
        let mistake = mistake.to_compile_error();
        let mut broken = self.typed(|_| fit(Span::call_site(), flow, &mistake));
        broken.statements.extend(others.iter().map(syn::Error::to_compile_error));
        broken
    }

    /// Binds a value and its flow: `let (value, flow) = ..;`.
    fn typed(&mut self, call: impl FnOnce(&mut Self) -> TokenStream) -> Expanded {
        let call = call(self);
        let (value, flow) = (self.local("step"), self.local("flow"));
        // Braces and parentheses that `chain!` needs may look superfluous inside a call.
        let statements =
            quote!(#[allow(unused_braces, unused_parens, clippy::needless_question_mark)] let (#value, #flow) = #call;);
        Expanded { statements, flow, value: quote!(#value) }
    }
}

/// Returns the variable that holds the labels.
fn words_name() -> Ident {
    Ident::new("__words", Span::mixed_site())
}

/// Returns a span at a position of the user's code, for names of the macro.
fn at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}
