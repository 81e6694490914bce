//! `match { .. }` and `match config(..) { .. }`.

use super::{Begin, Expanded, Expander, at, pick::field, words_name};
use crate::{
    chain::{
        ast::{Arm, Chain, Match, Step},
        label,
        pattern::{self, Bound},
        texts,
    },
    record::{Shape, variant},
    shared::diagnostics::Diagnostics,
};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprMacro, spanned::Spanned};

impl Expander {
    pub(super) fn branch(&mut self, branch: &Match, flow: &Ident) -> Expanded {
        let value = Ident::new("__value", at(branch.keyword));
        let words_at = self.words.len();
        self.words.extend(label::arms(&branch.arms));
        let mut statements = TokenStream::new();
        let mut arms = TokenStream::new();
        for (index, arm) in branch.arms.iter().enumerate() {
            let (form, arm) = self.arm(branch, arm, &value, index);
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
                let matched = Self::matched(branch, &quote!(#value));
                let body = quote_spanned!(keyword=> match #matched { #arms });
                quote!(::catena::flow::select(#flow, move |#value| #body))
            }
            // The value of the key chooses the arm, which gets the input unchanged.
            Some(key) => {
                let chosen = Ident::new("__chosen", at(keyword));
                // A text is a condition on a reference of its own.
                let deref = branch.arms.iter().any(|arm| texts::has_any(&arm.pattern)).then(|| quote!(*));
                let body = quote_spanned!(keyword=> match #deref #chosen { #arms });
                // At the key, where the compiler reports that a key of its type cannot choose.
                let settable = quote_spanned!(key.span()=> ::catena::flow::Settable::settable);
                let key = quote_spanned!(key.span()=> &#key);
                quote!(::catena::flow::select_by(#flow, #settable(#key), move |#value, #chosen| #body))
            }
        };
        statements.extend(quote! {
            #[allow(unused_braces)]
            let (#select, #pattern) = #call;
            #nested
        });
        let mut values = Vec::new();
        let mut end: Option<Ident> = None;
        for (arm, flow) in branch.arms.iter().zip(&flows) {
            let chain = match (&end, unfinished(&arm.chain)) {
                (Some(first), Some(call)) => self.unfinished(call, first, flow),
                _ => self.chain(&arm.chain, flow, Begin::default()),
            };
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
        let value = Self::arm_tree(&quote!(#select), &values, words_at);
        Expanded { statements, flow: end.unwrap_or_else(|| flow.clone()), value }
    }

    /// Returns the pattern that takes the flows of the arms apart, and the statements for those of groups.
    fn arm_flows(&mut self, flows: &[Ident]) -> (TokenStream, TokenStream) {
        let mut statements = TokenStream::new();
        let mut patterns = Vec::new();
        for group in flows.chunks(group_size(flows.len())) {
            if let [flow] = group {
                patterns.push(quote!(#flow));
                continue;
            }
            let nested = self.local("flow");
            let (pattern, more) = self.arm_flows(group);
            statements.extend(quote!(let (_, #pattern) = ::catena::flow::nested(#nested); #more));
            patterns.push(quote!(#nested));
        }
        (quote!((#(#patterns,)*)), statements)
    }

    /// Builds a branch over at most twelve arms, each an arm that is written or a group of them.
    fn arm_tree(select: &TokenStream, values: &[TokenStream], words_at: usize) -> TokenStream {
        let size = group_size(values.len());
        let words = words_name();
        let arms = values.chunks(size).enumerate().map(|(number, group)| match group {
            [value] => value.clone(),
            group => Self::arm_tree(&quote!(::catena::flow::chosen()), group, words_at + number * size),
        });
        quote!(::catena::__private::Branch::<_, _, _, #words_at, #size>::at(#words, #select, (#(#arms,)*)))
    }

    /// Expands `todo!()` as an arm, which the compiler suggests for a missing pattern: it ends as the first arm does.
    fn unfinished(&mut self, call: &ExprMacro, first: &Ident, flow: &Ident) -> Expanded {
        self.typed(|_| quote!(::catena::flow::unfinished(#flow, &#first, |_| #call)))
    }

    /// Returns the value that the patterns see. A field stays in the input, or is cloned if a pattern binds a part of it.
    fn matched(branch: &Match, value: &TokenStream) -> TokenStream {
        let Some(last) = branch.of.last() else { return value.clone() };
        let field = field(value, &branch.of);
        let binds = |arm: &Arm| !matches!(pattern::bound(&arm.pattern, &Diagnostics::default()), Bound::Nothing);
        if branch.arms.iter().any(binds) {
            // At the field, where the compiler reports that it is not `Clone`.
            let mut field = Group::new(Delimiter::Brace, quote!(&#field));
            field.set_span(last.span());
            quote_spanned!(last.span()=> ::core::clone::Clone::clone(#field))
        } else {
            field
        }
    }

    /// Expands an arm to `pattern if guard => OneOf3::B(input of the arm)`, and the form of a record that it may need.
    fn arm(&mut self, branch: &Match, arm: &Arm, value: &Ident, index: usize) -> (TokenStream, TokenStream) {
        let of = branch.arms.len();
        let bound = pattern::passed(&branch.of, &arm.pattern, &Diagnostics::default());
        let mut form = TokenStream::new();
        let given = match &bound {
            Bound::Nothing => quote!(#value),
            Bound::Whole(name) | Bound::One(name) => quote!(#name),
            Bound::Several(names) => {
                let form_name = self.local("form");
                let shape = Shape { name: "Bindings", fields: names, chunks: false }.form();
                form = quote!(let #form_name = #shape;);
                // Of a field, the first one is the input.
                let (input, bound) = names.split_at(usize::from(!branch.of.is_empty()));
                let input = input.iter().map(|_| value);
                quote!(#form_name.record((#(#input,)* #(#bound,)*)))
            }
        };
        let mut arms = TokenStream::new();
        for texts::Alternative { pattern, texts } in texts::alternatives(&arm.pattern) {
            let guards = texts.iter().cloned().chain(arm.guard.as_ref().map(|guard| quote!((#guard))));
            let guard = match (&arm.guard, &texts[..]) {
                (None, []) => None,
                (Some(guard), []) => Some(quote!(if #guard)),
                _ => Some(quote!(if #(#guards)&&*)),
            };
            let given = place(index, of, &given, arm.end);
            arms.extend(quote!(#pattern #guard => #given,));
        }
        (form, arms)
    }
}

/// Returns the macro of an arm that only panics.
fn unfinished(chain: &Chain) -> Option<&ExprMacro> {
    let [Step::Expr(Expr::Macro(call))] = &chain.steps[..] else { return None };
    let name = &call.mac.path.segments.last()?.ident;
    ["todo", "unimplemented", "unreachable", "panic"].iter().any(|panics| name == panics).then_some(call)
}

/// Returns how many of so many arms are in each part of a branch, which has at most twelve parts.
///
/// Groups are as deep on all sides. Were each branch to hold the rest of the arms in its last part, the compiler would prove of the
/// last arms once for each level what it proves of the first ones.
const fn group_size(arms: usize) -> usize {
    let mut size = 1;
    while arms > 12 * size {
        size *= 12;
    }
    size
}

/// Wraps the input of an arm in the variant for its position among all arms.
///
/// The first and the last token have the span of the end of the arm, after which the compiler suggests more arms.
fn place(index: usize, of: usize, given: &TokenStream, end: Span) -> TokenStream {
    let size = group_size(of);
    let group = (of - index / size * size).min(size);
    let given = if group == 1 { given.clone() } else { place(index % size, group, given, end) };
    let parts = of.div_ceil(size);
    let (one_of, variant) = variant(parts, index / size);
    let types = std::iter::repeat_n(quote!(_), parts);
    let (from, to) = (quote_spanned!(end=> ::), quote_spanned!(end=> >));
    let mut given = Group::new(Delimiter::Parenthesis, given);
    given.set_span(end);
    quote!(#from catena::__private::#one_of::#variant::<#(#types),* #to #given)
}

/// Returns the position of the last step of a chain.
fn end_span(chain: &Chain) -> Span {
    chain.steps.last().map_or_else(Span::call_site, Step::span)
}
