//! A tree to tokens: one call of `catena::flow` per step, which types it; then the combinator that runs them.

mod closure;

use super::{
    ast::{Arm, Chain, Input, Map, Match, Root, Step},
    label,
    pattern::{self, Bound},
};
use crate::{
    record::{self, Shape, variant},
    shared::{diagnostics::Diagnostics, step_methods, turbofish::turbofish},
};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Type, TypePath, spanned::Spanned};

/// Past the end of every table of words.
const NO_WORDS: usize = 1 << 20;

/// The mistakes that have no place of their own come last: what an editor completes stands where it does without them.
pub(crate) fn root(root: &Root, diagnostics: Diagnostics) -> TokenStream {
    let mut expander = Expander::default();
    let flow = expander.local("flow");
    let start = match &root.input {
        // What is asked of the type holds for types that borrow nothing.
        Some(Input::Type(ty)) if !borrows(ty) => {
            asked(&quote!(StartText, StartWhole), &quote!((&::catena::flow::Start::<#ty>::new()).start()))
        }
        Some(Input::Type(ty)) => quote!(::catena::flow::start::<#ty>()),
        Some(Input::Broken(mistake)) => mistake.to_compile_error(),
        Some(Input::Record(_)) | None => quote!(::catena::flow::start::<_>()),
    };
    let adopted = match &root.input {
        Some(Input::Record(fields)) => Some(expander.adopt(fields, &flow)),
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
    let value = match &root.input {
        // A reference may be of any lifetime: it cannot be pinned down here.
        Some(Input::Type(ty)) if !has_reference(ty) => step_methods::typed(&quote!(#ty), &value),
        _ => value,
    };
    let value = match adopted {
        Some(adopted) => {
            let Expanded { statements: adopting, value: adopt, .. } = adopted;
            statements = quote!(#adopting #statements);
            quote!(#adopt.of(#value))
        }
        None => value,
    };
    let (names, words, registered) = (expander.names(), words_name(), expander.registered());
    let mistakes = diagnostics.errors();
    quote!({
        let #words = ::catena::__private::Words::<__Names>::new();
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

/// Whether there is a reference or a lifetime to be seen in a type.
fn borrows(ty: &Type) -> bool {
    quote!(#ty).to_string().contains(['&', '\''])
}

/// A question to a type, whose answer is the method that is found in one of two traits of `flow`.
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

/// A step tied to what comes to it. From the step to the step, so that an error shows no more of the chain than that; but no
/// word of it is there, or an editor would take the step for it.
fn fit(step_at: Span, flow: &Ident, step: &TokenStream) -> TokenStream {
    let (from, to) = (quote_spanned!(step_at=> ::), quote_spanned!(step_at=> >));
    quote!(#from catena::__private::Runnable::fit::<_, _, _, _, _ #to (#flow, #step))
}

/// The statements that type a chain or step, the flow behind it, and the value that runs it.
struct Expanded {
    statements: TokenStream,
    flow: Ident,
    value: TokenStream,
}

/// What is special about the first step of a chain.
#[derive(Clone, Copy, Default)]
struct Begin {
    /// Its input is only lent: a branch of a map.
    lent: bool,
    /// Its input is written down as a reference.
    input_is_ref: bool,
}

#[derive(Default)]
struct Expander {
    words: Vec<String>,
    locals: usize,
    /// The flows behind the steps that know nothing of their output's type themselves: closures and picks.
    unknown: Vec<Ident>,
}

impl Expander {
    /// A variable that no user's can clash with.
    fn local(&mut self, name: &str) -> Ident {
        self.locals += 1;
        Ident::new(&format!("__{name}{}", self.locals), Span::mixed_site())
    }

    /// Registers how the outputs are written that no step of a type of its own registers. It stands behind the steps, where all
    /// types are known.
    fn registered(&self) -> Option<TokenStream> {
        let flows = &self.unknown;
        if flows.is_empty() {
            return None;
        }
        Some(quote! {{
            #[allow(unused_imports)]
            use ::catena::__private::probe::*;
            static __REGISTERED: ::catena::__private::Registered = ::catena::__private::Registered::new();
            __REGISTERED.register(&[#((&&&::catena::__private::Probe::of(&#flows)).registers()),*]);
        }})
    }

    /// The words of the chain, as a type. It stands behind the steps: a word is the last thing of theirs that changes.
    fn names(&self) -> TokenStream {
        let words = &self.words;
        quote! {
            struct __Names;
            #[automatically_derived]
            impl ::catena::__private::Names for __Names {
                const NAMES: &'static [&'static str] = &[#(#words),*];
            }
        }
    }

    /// The fields of any record as an anonymous one.
    fn adopt(&mut self, fields: &[(Ident, Type)], flow: &Ident) -> Expanded {
        let (names, types): (Vec<Ident>, Vec<&Type>) = fields.iter().map(|(n, t)| (n.clone(), t)).unzip();
        let form = Shape { name: "Input", fields: &names, chunks: false }.form();
        let pairs = names.iter().map(record::name_type);
        let (value, next) = (self.local("input"), self.local("flow"));
        let statements = quote! {
            let _: ::catena::flow::Flow<(), _> = #flow;
            let (#value, #next) = ::catena::flow::adopt(
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
            if matches!(step, Step::Closure(_) | Step::Pick(_) | Step::SubRecord(_)) {
                self.unknown.push(expanded.flow.clone());
            }
            statements.extend(expanded.statements);
            values.push(expanded.value);
            flow = expanded.flow;
        }
        Expanded { statements, flow, value: Self::sequence(&values, words_at) }
    }

    /// Flat tuples of at most twelve, in sequence.
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
            Step::Pick(name) => {
                let value = Ident::new("__record", Span::mixed_site());
                let field = record::name_type(name);
                let kind = quote!(::catena::__private::FieldOf<#field>);
                self.pick(flow, lent, &kind, &quote_spanned!(name.span()=> #value.#name))
            }
            Step::SubRecord(names) => self.sub_record(names, flow, lent),
            Step::Input(_) => {
                let kind = quote!(::catena::__private::All);
                let ask = quote!((&::catena::flow::Ask::<#kind, _, _>::of(&#flow)).through());
                let through = asked(&quote!(ThroughPieces, ThroughOne), &ask);
                let step = self.local("through");
                let expanded = self.typed(|_| quote!(::catena::__private::Runnable::fit(#flow, #step)));
                let statements = expanded.statements;
                Expanded { statements: quote!(let #step = #through; #statements), ..expanded }
            }
            Step::Closure(closure) => self.typed(|_| closure::expand(closure, flow, input_is_ref)),
            Step::Expr(expr) => self.typed(|_| fit(expr.span(), flow, &quote!(#expr))),
            Step::Broken(mistake) => self.broken(mistake, &[], flow),
        }
    }

    /// A mistake in place of a step: what it gives is not known, which is no error of what comes after.
    fn broken(&mut self, mistake: &syn::Error, others: &[syn::Error], flow: &Ident) -> Expanded {
        let mistake = mistake.to_compile_error();
        let mut broken = self.typed(|_| fit(Span::call_site(), flow, &mistake));
        broken.statements.extend(others.iter().map(syn::Error::to_compile_error));
        broken
    }

    /// `let (value, flow) = ..;`
    fn typed(&mut self, call: impl FnOnce(&mut Self) -> TokenStream) -> Expanded {
        let call = call(self);
        let (value, flow) = (self.local("step"), self.local("flow"));
        // Braces and parentheses that `chain!` needs may look superfluous once they are in a call.
        let statements =
            quote!(#[allow(unused_braces, unused_parens, clippy::needless_question_mark)] let (#value, #flow) = #call;);
        Expanded { statements, flow, value: quote!(#value) }
    }

    /// A field moved out of the input; copied, where the input is only lent.
    fn pick(&mut self, flow: &Ident, lent: bool, kind: &TokenStream, field: &TokenStream) -> Expanded {
        let value = Ident::new("__record", Span::mixed_site());
        let field = if lent { quote!(::core::clone::Clone::clone(&#field)) } else { field.clone() };
        let ask = quote!(::catena::flow::Ask::<#kind, _, _>::of(&#flow));
        self.picked(lent, &ask, &quote!(|#value| ::core::result::Result::Ok(#field)))
    }

    /// A pick by this function, which passes on pieces where the flow is known to come in them.
    fn picked(&mut self, lent: bool, ask: &TokenStream, function: &TokenStream) -> Expanded {
        let method = if lent { quote!(look) } else { quote!(pick) };
        self.typed(|_| asked(&quote!(InPieces, InOne), &quote!((&#ask).#method(#function))))
    }

    fn sub_record(&mut self, names: &[Ident], flow: &Ident, lent: bool) -> Expanded {
        // As many as the runtime knows what to do with.
        let chunks = names.len() <= 12;
        let form = Shape { name: "Record", fields: names, chunks }.form();
        let form_name = self.local("form");
        let record = Ident::new("__record", Span::mixed_site());
        let fields = names.iter().map(|name| {
            let field = quote_spanned!(name.span()=> #record.#name);
            if lent { quote!(::core::clone::Clone::clone(&#field)) } else { field }
        });
        let fields = record::tree(fields.collect(), &mut |fields| quote!((#(#fields,)*)));
        let types = names.iter().map(record::name_type);
        let function = quote!(move |#record| ::core::result::Result::Ok(#form_name.record((#(#fields,)*))));
        let ask = if chunks {
            let kind = quote!(::catena::__private::FieldsOf<(#(#types,)*), _>);
            quote!(::catena::flow::Ask::<#kind, _, _>::of_form(&#flow, #form_name))
        } else {
            quote!(::catena::flow::Ask::<(), _, _>::of(&#flow))
        };
        let expanded = self.picked(lent, &ask, &function);
        let statements = expanded.statements;
        Expanded { statements: quote!(let #form_name = #form; #statements), ..expanded }
    }

    fn map(&mut self, map: &Map, flow: &Ident) -> Expanded {
        if let (Some((mistake, others)), []) = (map.broken.split_first(), &map.fields[..]) {
            return self.broken(mistake, others, flow);
        }
        let words = words_name();
        let names: Vec<Ident> = map.fields.iter().map(|field| field.name.clone()).collect();
        let form = Shape { name: "Parallel", fields: &names, chunks: true }.form();
        let (form_name, next) = (self.local("form"), self.local("flow"));
        let mut statements = quote!(let #form_name = #form;);
        let (mut values, mut flows) = (Vec::new(), Vec::new());
        for field in &map.fields {
            let lent = self.local("flow");
            statements.extend(quote!(let #lent = ::catena::flow::fork(&#flow);));
            let at = self.words.len();
            self.words.push(record::text(&field.name));
            let branch = self.chain(&field.chain, &lent, Begin { lent: true, input_is_ref: false });
            statements.extend(branch.statements);
            let (value, end) = (branch.value, branch.flow);
            let value = quote!(::catena::__private::Labelled::<_, _, #at>::at(#words, #value));
            if field.settled {
                values.push(quote!(::catena::__private::Settled::new(#value)));
                flows.push(quote!(::catena::flow::settle(#end)));
            } else {
                values.push(value);
                flows.push(quote!(#end));
            }
        }
        if let Some((mistake, others)) = map.broken.split_first() {
            let broken = self.broken(mistake, others, flow);
            let (after, value) = (broken.statements, broken.value);
            return Expanded { statements: quote!(#statements #after), flow: broken.flow, value };
        }
        let plain = quote!(::catena::__private::Form::<::catena::__private::Tuple>::new());
        let flows = record::tree(flows, &mut |flows| quote!(::catena::flow::join(#plain, (#(#flows,)*))));
        let values =
            record::tree(values, &mut |values| quote!(::catena::__private::Parallel::of(#plain, (#(#values,)*))));
        statements.extend(quote!(let #next = ::catena::flow::join(#form_name, (#(#flows,)*));));
        let map_value = self.local("map");
        // On the `<` of the user's, where a map over an input that cannot be lent is reported.
        let open = at(map.open);
        let copier = self.local("copier");
        let kind = quote!(::catena::__private::All);
        let ask = quote!(&::catena::flow::Ask::<#kind, _, _>::of(&#flow));
        let question = quote!(((#ask).lends(), (#ask).copier()));
        let answer = asked(&quote!(Lends, Keeps, Copied, NotCopied), &question);
        let lends = self.local("lends");
        statements.extend(quote!(let (#lends, #copier) = #answer;));
        let (lends, lent) = (Ident::new(&lends.to_string(), open), Ident::new(&flow.to_string(), open));
        let call = quote_spanned!(open=> ::catena::flow::Lent::parallel);
        let mut branches = Group::new(Delimiter::Parenthesis, quote!(#(#values,)*));
        branches.set_span(open);
        statements.extend(quote!(let #map_value = #call(#lends, #lent, #form_name, #branches, #copier);));
        let value = quote!(#map_value);
        match &map.target {
            None => Expanded { statements, flow: next, value },
            Some(target) => self.as_struct(target, &names, &next, Expanded { statements, flow: next.clone(), value }),
        }
    }

    /// `as Struct`: a struct literal, so that a missing, extra or mistyped field is rustc's own error.
    fn as_struct(&mut self, target: &Type, names: &[Ident], flow: &Ident, map: Expanded) -> Expanded {
        let record = Ident::new("__record", Span::mixed_site());
        let literal = literal_path(target);
        // Each value at its field's name, where one of another type is reported.
        let fields = names.iter().map(|name| {
            let record = Ident::new("__record", at(name.span()));
            quote_spanned!(name.span()=> #name: #record.#name)
        });
        let (fill, next) = (self.local("fill"), self.local("flow"));
        let (statements, value) = (map.statements, map.value);
        let types: Vec<TokenStream> = names.iter().map(record::name_type).collect();
        // More than the runtime knows how to put into another order come in one.
        let types = if types.len() > 12 { quote!(()) } else { quote!((#(#types,)*)) };
        let whole = self.local("flow");
        let tell = step_methods::tell(&quote!(#target));
        let ask =
            quote!((&::catena::flow::AskStruct::<#types, _, _, _>::of(&#flow, &#whole)).fill(#value, #fill, #tell));
        let answer = asked(&quote!(AsPieces, AsOne), &ask);
        let step = self.local("step");
        Expanded {
            statements: quote! {
                #statements
                let (#fill, #whole) = ::catena::flow::as_struct(&#flow, |#record| #literal { #(#fields),* });
                let (#step, #next) = #answer;
            },
            flow: next,
            value: quote!(#step),
        }
    }

    fn branch(&mut self, branch: &Match, flow: &Ident) -> Expanded {
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
        // In place of the arms that cannot be read, so that none of them is missing.
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
            // The arms are chosen by the key's value, and get the input as it is.
            Some(key) => {
                let chosen = Ident::new("__chosen", at(keyword));
                let body = quote_spanned!(keyword=> match #chosen { #arms });
                // On the key itself, for the error where it cannot choose.
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

    /// The pattern that takes the arms' flows apart, and the statements for those past the eleventh.
    fn arm_flows(&mut self, flows: &[Ident]) -> (TokenStream, TokenStream) {
        if flows.len() <= 12 {
            return (quote!((#(#flows,)*)), TokenStream::new());
        }
        let (here, rest) = flows.split_at(11);
        let nested = self.local("flow");
        let (pattern, more) = self.arm_flows(rest);
        (quote!((#(#here,)* #nested)), quote!(let (_, #pattern) = ::catena::flow::nested(#nested); #more))
    }

    /// A branch over twelve arms at most; what is more goes into its last one.
    fn arm_tree(select: &TokenStream, mut values: Vec<TokenStream>, words_at: usize) -> TokenStream {
        if values.len() > 12 {
            let rest = values.split_off(11);
            let select = quote!(::catena::flow::chosen());
            values.push(Self::arm_tree(&select, rest, words_at + 11));
        }
        let words = words_name();
        quote!(::catena::__private::Branch::<_, _, _, #words_at>::at(#words, #select, (#(#values,)*)))
    }

    /// `pattern if guard => OneOf3::B(what the arm gets)`, and the form of a record that it may need.
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

/// What the arm gets, in its place among all arms.
fn place(index: usize, of: usize, given: TokenStream) -> TokenStream {
    if of > 12 && index >= 11 {
        let inner = place(index - 11, of - 11, given);
        return quote!(::catena::__private::OneOf12::L(#inner));
    }
    let (one_of, variant) = variant(of.min(12), index);
    quote!(::catena::__private::#one_of::#variant(#given))
}

/// The variable that holds the words.
fn words_name() -> Ident {
    Ident::new("__words", Span::mixed_site())
}

/// A place of the user's, for names that are not the user's.
fn at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Where the last step of a chain is written.
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

/// A type as it is written in a struct literal: `Answers::<T>`.
fn literal_path(ty: &Type) -> TokenStream {
    let Type::Path(path) = ty else { return quote!(#ty) };
    let path = TypePath { path: turbofish(&path.path), ..path.clone() };
    quote!(#path)
}
