//! `match { .. }` and `match config(..) { .. }`.

use super::{Begin, Expanded, Expander, at, words_name};
use crate::{
    chain::{
        ast::{Arm, Chain, Match, Step},
        label,
        pattern::{self, Bound},
    },
    record::{Shape, variant},
    shared::diagnostics::Diagnostics,
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

impl Expander {
    pub(super) fn branch(&mut self, branch: &Match, flow: &Ident) -> Expanded {
        let value = Ident::new("__value", at(branch.keyword));
        let words_at = self.words.len();
        self.words.extend(label::arms(&branch.arms));
        let mut statements = TokenStream::new();
        let mut arms = TokenStream::new();
        for (index, arm) in branch.arms.iter().enumerate() {
            if branch.key.is_some() {
                let (pattern, guard) = (&arm.pattern, arm.guard.as_ref().map(|guard| quote!(if #guard)));
                let given = place(index, branch.arms.len(), quote!(#value));
                arms.extend(quote!(#pattern #guard => #given,));
                continue;
            }
            let (form, arm) = self.arm(arm, &value, index, branch.arms.len());
            statements.extend(form);
            arms.extend(arm);
        }
        if let (Some((mistake, others)), []) = (branch.broken.split_first(), &branch.arms[..]) {
            return self.broken(mistake, others, flow);
        }
        // Errors stand in place of the arms that cannot be parsed, so that the compiler does not report missing
        // patterns.
        for mistake in &branch.broken {
            let mistake = mistake.to_compile_error();
            arms.extend(quote!(#[allow(unreachable_patterns)] _ => #mistake,));
        }
        let select = self.local("select");
        let flows: Vec<Ident> = branch.arms.iter().map(|_| self.local("flow")).collect();
        let (pattern, nested) = self.arm_flows(&flows);
        let keyword = branch.keyword;
        let call = match &branch.key {
            None => {
                let body = quote_spanned!(keyword=> match #value { #arms });
                quote!(::catena::flow::select(#flow, move |#value| #body))
            }
            // The value of the key chooses the arm, which gets the input unchanged.
            Some(key) => {
                let chosen = Ident::new("__chosen", at(keyword));
                let body = quote_spanned!(keyword=> match #chosen { #arms });
                // At the key, where the compiler reports that a key of its type cannot choose.
                let settable = quote_spanned!(key.span()=> ::catena::flow::Settable::settable);
                let key = quote_spanned!(key.span()=> &#key);
                quote!(::catena::flow::select_by(#flow, #settable(#key), move |#value, #chosen| #body))
            }
        };
        statements.extend(quote! {
            let (#select, #pattern) = #call;
            #nested
        });
        let mut values = Vec::new();
        let mut end: Option<Ident> = None;
        for (arm, flow) in branch.arms.iter().zip(&flows) {
            let chain = self.chain(&arm.chain, flow, Begin::default());
            statements.extend(chain.statements);
            values.push(chain.value);
            let this = chain.flow;
            match &end {
                None => end = Some(this),
                Some(first) => {
                    let last = at(end_span(&arm.chain));
                    let this = Ident::new(&this.to_string(), last);
                    statements.extend(quote_spanned!(last=> ::catena::flow::SameAs::same_end(&#first, #this);));
                }
            }
        }
        let value = Self::arm_tree(&quote!(#select), values, words_at);
        Expanded { statements, flow: end.unwrap_or_else(|| flow.clone()), value }
    }

    /// Returns the pattern that takes the flows of the arms apart, and the statements for those past the eleventh.
    fn arm_flows(&mut self, flows: &[Ident]) -> (TokenStream, TokenStream) {
        if flows.len() <= 12 {
            return (quote!((#(#flows,)*)), TokenStream::new());
        }
        let (here, rest) = flows.split_at(11);
        let nested = self.local("flow");
        let (pattern, more) = self.arm_flows(rest);
        (quote!((#(#here,)* #nested)), quote!(let (_, #pattern) = ::catena::flow::nested(#nested); #more))
    }

    /// Builds a branch over at most twelve arms. The last one holds those past the eleventh.
    fn arm_tree(select: &TokenStream, mut values: Vec<TokenStream>, words_at: usize) -> TokenStream {
        if values.len() > 12 {
            let rest = values.split_off(11);
            let select = quote!(::catena::flow::chosen());
            values.push(Self::arm_tree(&select, rest, words_at + 11));
        }
        let words = words_name();
        quote!(::catena::__private::Branch::<_, _, _, #words_at>::at(#words, #select, (#(#values,)*)))
    }

    /// Expands an arm to `pattern if guard => OneOf3::B(input of the arm)`, and the form of a record that it may need.
    fn arm(&mut self, arm: &Arm, value: &Ident, index: usize, of: usize) -> (TokenStream, TokenStream) {
        let Arm { pattern, guard, .. } = arm;
        let guard = guard.as_ref().map(|guard| quote!(if #guard));
        let mut form = TokenStream::new();
        let (pattern, given) = match pattern::bound(pattern, &Diagnostics::default()) {
            Bound::Nothing if matches!(pattern, syn::Pat::Wild(_)) => {
                let value = Ident::new("__value", at(pattern.span()));
                (quote!(#value), quote!(#value))
            }
            Bound::Nothing => (quote!(#value @ (#pattern)), quote!(#value)),
            Bound::Whole(name) | Bound::One(name) => (quote!(#pattern), quote!(#name)),
            Bound::Several(names) => {
                let form_name = self.local("form");
                let shape = Shape { name: "Bindings", fields: &names, chunks: false }.form();
                form = quote!(let #form_name = #shape;);
                (quote!(#pattern), quote!(#form_name.record((#(#names,)*))))
            }
        };
        let given = place(index, of, given);
        (form, quote!(#pattern #guard => #given,))
    }
}

/// Wraps the input of an arm in the variant for its position among all arms.
fn place(index: usize, of: usize, given: TokenStream) -> TokenStream {
    if of > 12 && index >= 11 {
        let inner = place(index - 11, of - 11, given);
        return quote!(::catena::__private::OneOf12::L(#inner));
    }
    let (one_of, variant) = variant(of.min(12), index);
    quote!(::catena::__private::#one_of::#variant(#given))
}

/// Returns the position of the last step of a chain.
fn end_span(chain: &Chain) -> Span {
    match chain.steps.last() {
        Some(Step::Map(map)) => map.open,
        Some(Step::Match(branch)) => branch.keyword,
        Some(Step::Pick(name)) => name.span(),
        Some(Step::SubRecord(names)) => names.first().map_or_else(Span::call_site, Ident::span),
        Some(Step::Input(span)) => *span,
        Some(Step::Closure(closure)) => closure.span(),
        Some(Step::Expr(expr)) => expr.span(),
        Some(Step::Broken(mistake)) => mistake.span(),
        None => Span::call_site(),
    }
}
