//! A prompt to tokens: a step, with a hidden trait per variable for the sake of its message.

use super::{
    Prompt,
    template::{Template, Variable},
};
use crate::{
    observed,
    record::{name_type, text},
    runnable::whole_stream,
};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

pub(crate) fn expand(prompt: &Prompt) -> TokenStream {
    let templates: Vec<&Template> = match prompt {
        Prompt::Text(template) => vec![template],
        Prompt::Chat(messages) => messages.iter().map(|(_, template)| template).collect(),
    };
    let variables = variables(&templates);
    let needs = variables.iter().map(need);
    let names: Vec<Ident> = variables.iter().map(|variable| trait_name(&variable.name)).collect();
    let record = (!names.is_empty()).then(|| quote!(+ ::catena::__private::Record));
    let (output, render) = match prompt {
        Prompt::Text(template) => (quote!(::std::string::String), format(template)),
        Prompt::Chat(messages) => {
            let messages = messages.iter().map(|(role, template)| {
                let text = format(template);
                quote!(::catena_llm::Message::#role(#text))
            });
            let list = quote!(::core::iter::FromIterator::from_iter([#(#messages),*]));
            (quote!(::catena_llm::Messages), list)
        }
    };
    // What it says is told under the role that says it; roles may come twice.
    let (settings, texts): (Vec<String>, Vec<&syn::LitStr>) = match prompt {
        Prompt::Text(template) => (vec!["template".to_owned()], vec![&template.text]),
        Prompt::Chat(messages) => messages
            .iter()
            .enumerate()
            .map(|(at, (role, template))| (format!("template_{}_{role}", at + 1), &template.text))
            .unzip(),
    };
    let mut whole: Vec<&str> = templates.iter().flat_map(|template| template.whole.iter().copied()).collect();
    whole.sort_unstable();
    whole.dedup();
    let whole = whole.into_iter().map(|name| Ident::new(name, proc_macro2::Span::call_site()));
    let stream = whole_stream(&quote!(__Input));
    let call = quote! {
        let __input = &__input;
        ::core::result::Result::Ok(#render)
    };
    let input = quote!(__Input);
    let call = observed::call(&input, &call);
    let call_ref = observed::call_ref(&input, true, &quote!(::core::result::Result::Ok(#render)));
    let observed = observed::methods(&[&output], &input, &variables_as_json(&variables));
    quote!({
        #(#needs)*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        struct Prompt;
        #[automatically_derived]
        impl ::catena::__private::Step for Prompt {
            const NODE: ::catena::__private::Node =
                ::catena::__private::Node::leaf("", ::catena::__private::Kind::Prompt);

            fn details(&self, details: &mut ::catena::__private::Details) {
                #(details.set(#settings, #texts);)*
            }
        }
        #[automatically_derived]
        impl<__Input> ::catena::__private::Runnable<__Input> for Prompt
        where
            __Input: ::core::marker::Send #record #(+ ::core::fmt::#whole)*,
            #(<__Input as ::catena::__private::Record>::Parts: #names<__Input>,)*
        {
            type Output = #output;
            #stream
            #observed
            #call
            #call_ref
        }
        Prompt
    })
}

/// All variables of all templates, each once.
fn variables(templates: &[&Template]) -> Vec<Variable> {
    let mut all: Vec<Variable> = Vec::new();
    for variable in templates.iter().flat_map(|template| &template.variables) {
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

/// The variables that can be displayed, as a JSON object.
fn variables_as_json(variables: &[Variable]) -> TokenStream {
    let shown = variables.iter().filter(|variable| variable.traits.contains(&"Display")).map(|variable| {
        let (name, need) = (text(&variable.name), trait_name(&variable.name));
        let shown = shown(&need);
        quote!((<::std::string::String as ::core::convert::From<&str>>::from(#name), ::std::string::ToString::to_string(#shown)))
    });
    let shown: Vec<TokenStream> = shown.collect();
    if shown.is_empty() {
        return quote!(::core::option::Option::None);
    }
    quote!(::core::option::Option::Some(<::catena::__private::Value as ::core::iter::FromIterator<_>>::from_iter([#(#shown),*])))
}

/// The trait of the inputs that have the variable.
fn need(variable: &Variable) -> TokenStream {
    let (name, field) = (text(&variable.name), name_type(&variable.name));
    let trait_name = trait_name(&variable.name);
    let traits: Vec<Ident> = variable.traits.iter().map(|name| format_ident!("{name}")).collect();
    let how = if variable.traits == ["Display"] { "can be displayed" } else { "its format can show" };
    let message = format!("this prompt needs a field `{name}` that {how}, which the step before it does not output");
    let label = format!("no field `{name}` to show in `{{__Input}}`");
    let note = "the variables of a prompt are fields of its input: of a parallel map, `record!`, or a struct with \
                `#[derive(Record)]`; `{}` shows the input itself";
    quote! {
        #[allow(non_camel_case_types)]
        #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
        trait #trait_name<__Input> {
            type Shown: #(::core::fmt::#traits)+*;
            fn shown(input: &__Input) -> &Self::Shown;
        }
        #[diagnostic::do_not_recommend]
        impl<__Input, __Parts> #trait_name<__Input> for __Parts
        where
            __Input: ::catena::__private::Record<Parts = __Parts> + ::catena::__private::Field<#field>,
            #(<__Input as ::catena::__private::Field<#field>>::Type: ::core::fmt::#traits,)*
        {
            type Shown = <__Input as ::catena::__private::Field<#field>>::Type;
            fn shown(input: &__Input) -> &Self::Shown {
                ::catena::__private::Field::<#field>::get(input)
            }
        }
    }
}

/// The variable of the input at hand.
fn shown(need: &Ident) -> TokenStream {
    quote!(<<__Input as ::catena::__private::Record>::Parts as #need<__Input>>::shown(__input))
}

fn trait_name(variable: &Ident) -> Ident {
    format_ident!("needs_{}", text(variable))
}

/// `format!` with the variables as named arguments: the compiler checks the specs itself.
fn format(template: &Template) -> TokenStream {
    let literal = &template.text;
    let arguments = template.variables.iter().map(|variable| {
        let (name, need) = (&variable.name, trait_name(&variable.name));
        let shown = shown(&need);
        quote!(#name = #shown)
    });
    let whole = template.whole.iter().map(|_| quote!(__input));
    let arguments = whole.chain(arguments);
    quote!(::std::format!(#literal #(, #arguments)*))
}
