//! A prompt to tokens: a step, with a hidden trait per variable for the sake of its error message.

use super::{
    Body, Part, Prompt,
    template::{Piece, Template, Variable},
};
use crate::{
    record::{name_type, text},
    runnable::whole_stream,
    shared::step_methods::{self, Work},
};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{LitStr, spanned::Spanned};

pub(crate) fn expand(prompt: &Prompt) -> TokenStream {
    let templates = prompt.templates();
    let variables = variables(prompt, &templates);
    let fields = fields(prompt);
    let held = Held::of(prompt, &templates);
    let needs = variables.iter().map(need).chain(fields.iter().map(need_messages)).chain(strict(prompt, &variables));
    let strict = prompt.strict.map(|_| format_ident!("uses_all"));
    let names = variables.iter().map(|variable| trait_name(&variable.name));
    let names: Vec<Ident> = names.chain(fields.iter().map(messages_name)).chain(strict).collect();
    let record = (!names.is_empty()).then(|| quote!(+ ::catena::__private::Record));
    let (output, render) = match &prompt.body {
        Body::Text(template) => (quote!(::std::string::String), format(prompt, template)),
        Body::Chat(parts) => (quote!(::catena_llm::Messages), chat(prompt, parts)),
    };
    let Held { declared, generics, bounds, each: held_bounds, made } = &held;
    let (settings, texts) = settings(prompt);
    let pieces = templates.iter().flat_map(|template| &template.pieces);
    let mut whole: Vec<&str> = pieces.flat_map(|piece| piece.whole.iter().copied()).collect();
    whole.sort_unstable();
    whole.dedup();
    let whole = whole.into_iter().map(|name| Ident::new(name, proc_macro2::Span::call_site()));
    let stream = whole_stream(&quote!(__Input));
    let call = quote! {
        let __input = &__input;
        ::core::result::Result::Ok(#render)
    };
    let input = quote!(__Input);
    let start = step_methods::start(&input, &Work::Immediate(call));
    let start_ref =
        step_methods::start_ref(&input, true, &Work::Immediate(quote!(::core::result::Result::Ok(#render))));
    let observed = step_methods::methods(&[&output], &input, &variables_as_json(&variables, &fields));
    quote!({
        #(#needs)*
        #declared
        #[automatically_derived]
        impl #bounds ::catena::__private::Step for Prompt #generics {
            const NODE: ::catena::__private::Node =
                ::catena::__private::Node::leaf("", ::catena::__private::Kind::Prompt);

            fn details(&self, __details: &mut ::catena::__private::Details) {
                #(__details.set(#settings, #texts);)*
            }
        }
        #[automatically_derived]
        impl<__Input, #held_bounds> ::catena::__private::Runnable<__Input> for Prompt #generics
        where
            __Input: ::core::marker::Send #record #(+ ::core::fmt::#whole)*,
            #(<__Input as ::catena::__private::Record>::Parts: #names<__Input>,)*
        {
            type Output = #output;
            #stream
            #observed
            #start
            #start_ref
        }
        #made
    })
}

/// Returns the variables of all templates that are fields, each once.
fn variables(prompt: &Prompt, templates: &[&Template]) -> Vec<Variable> {
    let mut all: Vec<Variable> = Vec::new();
    let variables = templates.iter().flat_map(|template| template.variables());
    for variable in variables.filter(|variable| prompt.given(&variable.name).is_none()) {
        match all.iter_mut().find(|known| known.name == variable.name) {
            Some(known) => {
                known.traits.extend(&variable.traits);
                known.traits.sort_unstable();
                known.traits.dedup();
            }
            None => all.push(variable.clone()),
        }
    }
    all
}

/// Serializes the variables to a JSON object, if all of them are displayed.
fn variables_as_json(variables: &[Variable], fields: &[Ident]) -> TokenStream {
    if !variables.iter().all(|variable| variable.traits.contains(&"Display")) {
        return quote!(::core::option::Option::None);
    }
    let pair = |name: &Ident, shown: &TokenStream| {
        let name = text(name);
        quote!((<::std::string::String as ::core::convert::From<&::core::primitive::str>>::from(#name), #shown))
    };
    let shown = variables.iter().map(|variable| {
        let shown = shown(&trait_name(&variable.name));
        let string = quote!(::std::string::ToString::to_string);
        if variable.optional {
            return pair(&variable.name, &quote!(#shown.map_or_else(::std::string::String::new, #string)));
        }
        pair(&variable.name, &quote!(#string(#shown)))
    });
    let messages = fields.iter().map(|name| {
        let messages = shown_messages(name);
        pair(name, &quote!(::std::string::ToString::to_string(&#messages)))
    });
    let shown: Vec<TokenStream> = shown.chain(messages).collect();
    if shown.is_empty() {
        return quote!(::core::option::Option::None);
    }
    quote!(::core::option::Option::Some(<::catena::__private::Value as ::core::iter::FromIterator<_>>::from_iter([#(#shown),*])))
}

/// Declares the trait of the inputs that have the variable.
fn need(variable: &Variable) -> TokenStream {
    let (name, field) = (text(&variable.name), name_type(&variable.name));
    let trait_name = trait_name(&variable.name);
    let traits: Vec<Ident> = variable.traits.iter().map(|name| format_ident!("{name}")).collect();
    let how = if variable.traits == ["Display"] { "can be displayed" } else { "its format can show" };
    let message = format!("this prompt needs a field `{name}` that {how}, which the step before it does not output");
    let label = format!("no field `{name}` to show in `{{__Input}}`");
    if variable.optional {
        let message = format!(
            "this prompt needs a field `{name}` that is an `Option` of what {how}, which the step before it does not output"
        );
        return need_optional(&trait_name, &field, &traits, &message);
    }
    let note = "the variables of a prompt are fields of its input: of a parallel map, `record!`, or a struct with \
                `#[derive(Record)]`; `{}` shows the input itself, and `{name?}` an `Option`, without which its line is left out";
    quote! {
        #[allow(non_camel_case_types)]
        #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
        trait #trait_name<__Input> {
            type Shown: #(::core::fmt::#traits)+*;
            fn shown(__input: &__Input) -> &Self::Shown;
        }
        #[diagnostic::do_not_recommend]
        impl<__Input, __Parts> #trait_name<__Input> for __Parts
        where
            __Input: ::catena::__private::Record<Parts = __Parts> + ::catena::__private::Field<#field>,
            #(<__Input as ::catena::__private::Field<#field>>::Type: ::core::fmt::#traits,)*
        {
            type Shown = <__Input as ::catena::__private::Field<#field>>::Type;
            fn shown(__input: &__Input) -> &Self::Shown {
                ::catena::__private::Field::<#field>::get(__input)
            }
        }
    }
}

/// Declares the trait of the inputs that have a variable `{name?}`.
fn need_optional(trait_name: &Ident, field: &TokenStream, traits: &[Ident], message: &str) -> TokenStream {
    let note = "`{name?}` leaves its line out where the field is `None`; `{name}` shows a field that is always there";
    quote! {
        #[allow(non_camel_case_types)]
        #[diagnostic::on_unimplemented(message = #message, label = "no such field in `{__Input}`", note = #note)]
        trait #trait_name<__Input> {
            type Shown: #(::core::fmt::#traits)+*;
            fn shown(__input: &__Input) -> ::core::option::Option<&Self::Shown>;
        }
        #[diagnostic::do_not_recommend]
        impl<__Input, __Parts, __Shown> #trait_name<__Input> for __Parts
        where
            __Input: ::catena::__private::Record<Parts = __Parts>
                + ::catena::__private::Field<#field, Type = ::core::option::Option<__Shown>>,
            __Shown: #(::core::fmt::#traits)+*,
        {
            type Shown = __Shown;
            fn shown(__input: &__Input) -> ::core::option::Option<&Self::Shown> {
                ::catena::__private::Field::<#field>::get(__input).as_ref()
            }
        }
    }
}

/// Declares the trait of the inputs that have a field of messages.
fn need_messages(name: &Ident) -> TokenStream {
    let (trait_name, field) = (messages_name(name), name_type(name));
    let name = text(name);
    let message = format!("this prompt needs a field `{name}` of messages, which the step before it does not output");
    let label = format!("no messages in a field `{name}` of `{{__Input}}`");
    let note =
        "`..name` puts in the messages of a field: `Messages`, a list of them, a text, or whatever is `AsPrompt`";
    quote! {
        #[allow(non_camel_case_types)]
        #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
        trait #trait_name<__Input> {
            fn messages(__input: &__Input) -> ::catena_llm::Messages;
        }
        #[diagnostic::do_not_recommend]
        impl<__Input, __Parts> #trait_name<__Input> for __Parts
        where
            __Input: ::catena::__private::Record<Parts = __Parts> + ::catena::__private::Field<#field>,
            <__Input as ::catena::__private::Field<#field>>::Type: ::catena_llm::AsPrompt,
        {
            fn messages(__input: &__Input) -> ::catena_llm::Messages {
                ::catena_llm::AsPrompt::to_messages(::catena::__private::Field::<#field>::get(__input))
            }
        }
    }
}

/// Declares, for a strict prompt, the trait of the inputs without unused fields.
///
/// The parts of a record are a tuple with one element per field.
fn strict(prompt: &Prompt, variables: &[Variable]) -> Option<TokenStream> {
    let span = prompt.strict?;
    let mut names: Vec<String> = variables.iter().map(|variable| text(&variable.name)).collect();
    names.extend(fields(prompt).iter().map(text));
    names.sort_unstable();
    names.dedup();
    let fields = (0..names.len()).map(|at| format_ident!("__Field{at}"));
    let fields: Vec<Ident> = fields.collect();
    let message = format!(
        "this prompt is strict, and does not use all fields of `{{__Input}}`: it uses `{}`",
        names.join("`, `")
    );
    Some(quote_spanned! {span=>
        #[allow(non_camel_case_types)]
        #[diagnostic::on_unimplemented(
            message = #message,
            label = "a field of what this gets is not used",
            note = "use all fields, take those that are needed, `| .{{ question }} |`, or leave out `strict`"
        )]
        trait uses_all<__Input> {}
        #[diagnostic::do_not_recommend]
        impl<__Input, #(#fields),*> uses_all<__Input> for (#(::core::option::Option<#fields>,)*) {}
    })
}

/// Returns the fields of messages, each once.
fn fields(prompt: &Prompt) -> Vec<Ident> {
    let mut fields: Vec<Ident> = Vec::new();
    for part in prompt.parts() {
        if let Part::Field(name) = part
            && !fields.contains(name)
        {
            fields.push(name.clone());
        }
    }
    fields
}

/// The values inside a prompt: those given beside its text, and the messages that exist when it is built.
struct Held {
    /// The declaration of the struct.
    declared: TokenStream,
    /// `<__V0>`
    generics: TokenStream,
    /// `<__V0: Display + ..>`
    bounds: TokenStream,
    /// The bounds without the brackets.
    each: TokenStream,
    /// The expression that creates the struct.
    made: TokenStream,
}

impl Held {
    fn of(prompt: &Prompt, templates: &[&Template]) -> Self {
        let given = prompt.parts().iter().filter_map(|part| match part {
            Part::Given(messages) => {
                Some(quote_spanned!(messages.span()=> ::catena_llm::AsPrompt::to_messages(&(#messages))))
            }
            Part::Said { .. } | Part::Field(_) => None,
        });
        let given: Vec<TokenStream> = given.collect();
        if prompt.values.is_empty() && given.is_empty() {
            let declared = quote! {
                #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
                struct Prompt;
            };
            let nothing = TokenStream::new();
            return Held {
                declared,
                generics: nothing.clone(),
                bounds: nothing.clone(),
                each: nothing,
                made: quote!(Prompt),
            };
        }
        let types: Vec<Ident> = (0..prompt.values.len()).map(|at| format_ident!("__Value{at}")).collect();
        let bounds: Vec<TokenStream> = prompt.values.iter().map(|(name, _)| value_bounds(name, templates)).collect();
        let messages = given.iter().map(|_| quote!(::catena_llm::Messages));
        // `impl Trait` hides the type of each value. One that cannot be formatted is then one error, here.
        let values = prompt.values.iter().zip(&bounds).map(|((_, value), bounds)| {
            quote_spanned! {value.span()=> {
                fn __hidden(__value: impl #bounds) -> impl #bounds { __value }
                __hidden(#value)
            }}
        });
        let each = quote!(#(#types: #bounds),*);
        let generics = if types.is_empty() { quote!() } else { quote!(<#(#types),*>) };
        Held {
            declared: quote! {
                #[derive(::core::clone::Clone)]
                struct Prompt #generics (#(#types,)* #(#messages,)*);
                #[automatically_derived]
                impl #generics ::core::fmt::Debug for Prompt #generics {
                    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        __f.write_str("Prompt")
                    }
                }
            },
            bounds: if types.is_empty() { quote!() } else { quote!(<#each>) },
            generics,
            each,
            made: quote!(Prompt(#(#values,)* #(#given,)*)),
        }
    }
}

/// Returns the bounds of a value: the traits of its formats, and those of a part of a step.
fn value_bounds(name: &Ident, templates: &[&Template]) -> TokenStream {
    let variables = templates.iter().flat_map(|template| template.variables());
    let mut traits: Vec<&str> = variables
        .filter(|variable| variable.name == *name)
        .flat_map(|variable| variable.traits.iter().copied())
        .collect();
    traits.sort_unstable();
    traits.dedup();
    let traits = traits.into_iter().map(|name| Ident::new(name, proc_macro2::Span::call_site()));
    quote!(#(::core::fmt::#traits +)* ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync)
}

/// Returns the texts of a prompt by their keys. The keys are numbered, because roles may repeat.
fn settings(prompt: &Prompt) -> (Vec<String>, Vec<LitStr>) {
    let parts = match &prompt.body {
        Body::Text(template) => return (vec!["template".to_owned()], vec![template.text.clone()]),
        Body::Chat(parts) => parts,
    };
    let setting = |(at, part): (usize, &Part)| match part {
        Part::Said { role, template } => Some((format!("template_{}_{role}", at + 1), template.text.clone())),
        Part::Field(name) => Some((format!("messages_{}", at + 1), LitStr::new(&text(name), name.span()))),
        Part::Given(_) => None,
    };
    parts.iter().enumerate().filter_map(setting).unzip()
}

/// Builds the list of messages.
fn chat(prompt: &Prompt, parts: &[Part]) -> TokenStream {
    let is_plain =
        |part: &Part| matches!(part, Part::Said { template, .. } if !template.pieces.iter().any(Piece::is_optional));
    if parts.iter().all(is_plain) {
        let messages = parts.iter().filter_map(|part| match part {
            Part::Said { role, template } => {
                let text = format(prompt, template);
                Some(quote!(::catena_llm::Message::#role(#text)))
            }
            Part::Field(_) | Part::Given(_) => None,
        });
        return quote!(::core::iter::FromIterator::from_iter([#(#messages),*]));
    }
    let mut given = prompt.values.len();
    let pushed = parts.iter().map(|part| match part {
        Part::Said { role, template } => {
            let text = format(prompt, template);
            let push = quote!(::catena_llm::Messages::push(&mut __messages, ::catena_llm::Message::#role(__text)););
            // All lines of this message may be left out.
            if template.pieces.iter().all(Piece::is_optional) {
                return quote!({ let __text = #text; if !__text.is_empty() { #push } });
            }
            quote!({ let __text = #text; #push })
        }
        Part::Field(name) => {
            let messages = shown_messages(name);
            quote!(::core::iter::Extend::extend(&mut __messages, #messages);)
        }
        Part::Given(_) => {
            let at = syn::Index::from(given);
            given += 1;
            quote!(::core::iter::Extend::extend(&mut __messages, ::core::clone::Clone::clone(&self.#at));)
        }
    });
    quote!({
        let mut __messages = ::catena_llm::Messages::new();
        #(#pushed)*
        __messages
    })
}

/// Returns a variable of the current input.
fn shown(need: &Ident) -> TokenStream {
    quote!(<<__Input as ::catena::__private::Record>::Parts as #need<__Input>>::shown(__input))
}

/// Returns the messages in a field of the current input.
fn shown_messages(name: &Ident) -> TokenStream {
    let need = messages_name(name);
    quote!(<<__Input as ::catena::__private::Record>::Parts as #need<__Input>>::messages(__input))
}

fn trait_name(variable: &Ident) -> Ident {
    format_ident!("needs_{}", text(variable))
}

fn messages_name(field: &Ident) -> Ident {
    format_ident!("needs_messages_in_{}", text(field))
}

/// Returns a variable for the value of a field. Not the name of the field, which may be a constant in scope.
fn local(field: &Ident) -> Ident {
    format_ident!("__shown_{}", text(field), span = proc_macro2::Span::mixed_site())
}

/// Formats the text with its variables.
fn format(prompt: &Prompt, template: &Template) -> TokenStream {
    if let [piece] = &*template.pieces
        && !piece.is_optional()
    {
        return format_piece(prompt, piece);
    }
    let pieces = template.pieces.iter().map(|piece| {
        let text = format_piece(prompt, piece);
        let add = quote! {
            if !::core::mem::replace(&mut __first, false) {
                __whole.push('\n');
            }
            __whole.push_str(&#text);
        };
        let optional = piece.variables.iter().filter(|variable| variable.optional);
        let (names, shown): (Vec<Ident>, Vec<TokenStream>) =
            optional.map(|variable| (local(&variable.name), shown(&trait_name(&variable.name)))).unzip();
        if names.is_empty() {
            return add;
        }
        quote!(if let (#(::core::option::Option::Some(#names),)*) = (#(#shown,)*) { #add })
    });
    quote!({
        let (mut __whole, mut __first) = (::std::string::String::new(), true);
        #(#pieces)*
        __whole
    })
}

/// Expands to `format!` with the variables as named arguments, so that the compiler checks the format specs.
fn format_piece(prompt: &Prompt, piece: &Piece) -> TokenStream {
    let literal = &piece.text;
    let arguments = piece.variables.iter().map(|variable| {
        let name = &variable.name;
        if let Some(at) = prompt.given(name) {
            let at = syn::Index::from(at);
            return quote!(#name = &self.#at);
        }
        if variable.optional {
            let local = local(name);
            return quote!(#name = #local);
        }
        let shown = shown(&trait_name(name));
        quote!(#name = #shown)
    });
    let whole = piece.whole.iter().map(|_| quote!(__input));
    let arguments = whole.chain(arguments);
    quote!(::std::format!(#literal #(, #arguments)*))
}
