//! A tool to tokens: the struct, the function inside it, the description for a model, and the step.

use super::{
    options::{Options, is_name},
    parameters::{Parameters, documentation},
};
use crate::{
    record::text,
    runnable::{
        output::{self, Output},
        shadowing,
    },
    shared::{
        attributes::Attributes,
        diagnostics::Diagnostics,
        option_list::duration_tokens,
        plain_function,
        respan::respan,
        step_methods::{self, Work},
    },
};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{ItemFn, spanned::Spanned};

pub(super) fn expand(options: &Options, mut function: ItemFn, diagnostics: &Diagnostics) -> TokenStream {
    check(options, &function, diagnostics);
    let parameters = Parameters::of(&mut function, diagnostics);
    if function.sig.receiver().is_some() {
        // A struct cannot stand among methods, so the method stays as it was.
        return quote!(#function);
    }
    let described = options.description.clone().unwrap_or_else(|| documentation(&function.attrs));
    if described.is_empty() {
        let message = "a tool needs a doc comment, or `description = \"..\"`: by it the model knows what the tool does, \
                       and when to call it";
        diagnostics.error(function.sig.ident.span(), message);
    }
    let attributes = Attributes::take(&mut function);
    let sound = diagnostics.is_empty();
    Tool { options, function, parameters, described, attributes, sound }.expand()
}

fn check(options: &Options, function: &ItemFn, diagnostics: &Diagnostics) {
    let sig = &function.sig;
    let wrong = |span, message: &str| diagnostics.error(span, message);
    plain_function::check("a tool", sig, diagnostics);
    if !sig.generics.params.is_empty() {
        let message = "a tool has no parameters of types, constants or lifetimes: a model writes JSON, by one schema";
        wrong(sig.generics.span(), message);
    }
    plain_function::check_blocking(options.blocking, sig, diagnostics);
    if let Some((span, _)) = options.timeout
        && !options.blocking
        && sig.asyncness.is_none()
    {
        let message =
            "a function that is not `async` cannot be left before its end: add `blocking`, or make it `async`";
        wrong(span, message);
    }
    if options.name.is_none() && !is_name(&text(&sig.ident)) {
        let message =
            "providers take 1 to 64 letters, digits, `_` and `-` as the name of a tool: say one, `name = \"..\"`";
        wrong(sig.ident.span(), message);
    }
    if let Some(borrow) = output::borrow(&sig.output) {
        wrong(borrow, "a tool returns an owned value of a type with a name: its arguments are gone by then");
    }
}

struct Tool<'a> {
    options: &'a Options,
    function: ItemFn,
    parameters: Parameters,
    described: String,
    attributes: Attributes,
    /// Whether the function has no errors. Otherwise the tool has no parameters and is never called.
    sound: bool,
}

impl Tool<'_> {
    fn expand(&self) -> TokenStream {
        let Attributes { cfg, docs, .. } = &self.attributes;
        let (vis, name) = (&self.function.vis, &self.function.sig.ident);
        let function = self.sound.then(|| self.inner_function());
        let struct_ = quote_spanned!(name.span()=> struct #name;);
        let (tool, step) = (self.tool(), self.step());
        quote! {
            #(#cfg)*
            #(#docs)*
            #[allow(deprecated, non_camel_case_types, clippy::items_after_statements)]
            #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::default::Default)]
            #vis #struct_
            #(#cfg)*
            #function
            #(#cfg)*
            #[allow(deprecated, non_camel_case_types, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
            const _: () = {
                #tool
                #step
            };
        }
    }

    fn title(&self) -> String {
        self.options.name.as_ref().map_or_else(|| text(&self.function.sig.ident), syn::LitStr::value)
    }

    /// Generates the function as it was written, as an associated function of the struct.
    fn inner_function(&self) -> TokenStream {
        let (name, attributes) = (&self.function.sig.ident, &self.attributes.others);
        let mut function = self.function.clone();
        function.sig.ident = format_ident!("function", span = name.span());
        let vis = &function.vis;
        let vis = if matches!(vis, syn::Visibility::Inherited) { quote!(pub(self)) } else { quote!(#vis) };
        let (sig, block) = (&function.sig, &function.block);
        let doc = format!("The function behind the tool `{name}`, to be called directly.");
        let hiding = shadowing::hiding(&self.function);
        quote! {
            const _: () = {
                #hiding
                #[allow(dead_code, deprecated)]
                impl #name {
                    #[doc = #doc]
                    #(#attributes)*
                    #vis #sig #block
                }
            };
        }
    }

    /// Implements `Tool`: the description for a model, and the call.
    fn tool(&self) -> TokenStream {
        let (name, title, described) = (&self.function.sig.ident, self.title(), &self.described);
        let written = if self.sound { &*self.parameters.written } else { &[] };
        let schema = written.iter().map(|parameter| {
            let (ty, name, description) = (&parameter.ty, &parameter.name, &parameter.description);
            // At the type, where the compiler reports that it cannot be a parameter.
            let parameter = quote_spanned!(ty.span()=> <#ty as ::catena_llm::ToolParameter>::PARAMETER);
            quote!(.with(&#parameter, #name, #description))
        });
        let timeout = self.options.timeout.map(|(_, limit)| {
            let limit = duration_tokens(limit);
            quote! {
                fn timeout(&self) -> ::core::option::Option<::catena::__private::Duration> {
                    ::core::option::Option::Some(#limit)
                }
            }
        });
        let idempotent = self.options.idempotent.then(|| {
            quote! {
                fn idempotent(&self) -> ::core::primitive::bool {
                    true
                }
            }
        });
        let limit = self.options.output_limit.map(|limit| {
            quote! {
                fn output_limit(&self) -> ::core::primitive::usize {
                    #limit
                }
            }
        });
        let body = if self.sound { self.body() } else { quote!(::core::unreachable!()) };
        quote! {
            #[automatically_derived]
            impl ::catena_llm::__private::Tool for #name {
                fn name(&self) -> &::core::primitive::str {
                    #title
                }
                fn description(&self) -> &::core::primitive::str {
                    #described
                }
                fn schema(&self) -> ::catena::__private::Value {
                    ::catena_llm::__private::Parameters::new() #(#schema)* .schema()
                }
                #timeout
                #idempotent
                #limit
                #[allow(unused_variables, unused_mut)]
                fn call<'__a>(
                    &'__a self,
                    __arguments: ::catena::__private::Value,
                    __cx: &'__a ::catena::__private::Context,
                ) -> impl ::catena::__private::Future<Output = ::catena::__private::Result<::catena_llm::__private::ToolContent>>
                    + ::core::marker::Send
                    + '__a {
                    async move { #body }
                }
            }
        }
    }

    /// Reads the arguments, calls the function, and writes its output.
    fn body(&self) -> TokenStream {
        let locals: Vec<TokenStream> = (0..self.parameters.written.len())
            .map(|index| {
                let local = format_ident!("__argument{index}");
                quote!(#local)
            })
            .collect();
        let read = self.parameters.written.iter().map(|parameter| {
            let (ty, name) = (&parameter.ty, &parameter.name);
            let parameter = quote_spanned!(ty.span()=> <#ty as ::catena_llm::ToolParameter>::PARAMETER);
            quote!(::catena_llm::__private::Arguments::take(&mut __arguments, &#parameter, #name))
        });
        let call = self.call(&self.parameters.arguments(&locals));
        let call = if self.options.blocking {
            quote! {
                {
                    let __cx = ::core::clone::Clone::clone(__cx);
                    ::catena::__private::blocking(move || {
                        let __cx = &__cx;
                        let __outcome: ::catena::__private::Result<_> = #call;
                        __outcome
                    })
                    .await?
                }
            }
        } else {
            call
        };
        let ty = &self.function.sig.output;
        // At the return type, where the compiler reports that it cannot be written.
        let content = quote_spanned!(ty.span()=> ::catena_llm::ToolOutput::content(&__output));
        quote! {
            let mut __arguments = ::catena_llm::__private::Arguments::new(__arguments);
            let (#(#locals,)*) = (#(#read,)*);
            ::catena_llm::__private::Arguments::finish(__arguments)?;
            let (#(::core::option::Option::Some(#locals),)*) = (#(#locals,)*) else {
                return ::core::result::Result::Err(::catena::__private::Error::msg("an argument is missing"));
            };
            let __outcome: ::catena::__private::Result<_> = #call;
            let __output = __outcome?;
            #content
        }
    }

    /// Calls the function, as a `catena::Result`.
    fn call(&self, arguments: &TokenStream) -> TokenStream {
        let name: &Ident = &self.function.sig.ident;
        let call = respan(quote!(#name::function), name.span());
        let call = quote_spanned!(name.span()=> #call(#arguments));
        let awaited = if self.function.sig.asyncness.is_some() {
            quote_spanned!(name.span()=> ::catena::__private::sent(#call).await)
        } else {
            call
        };
        Output::of(&self.function.sig.output).wrap(&awaited)
    }

    fn step(&self) -> TokenStream {
        let (name, title) = (&self.function.sig.ident, self.title());
        let idempotent = self.options.idempotent.then(|| quote!(.idempotent()));
        let input = quote!(::catena_llm::__private::ToolCall);
        let output = quote!(::catena_llm::__private::Message);
        let whole = crate::runnable::whole_stream(&input);
        let json = quote!(::core::option::Option::Some(::catena_llm::__private::input_json(__input)));
        let observed = step_methods::methods(&[&output, &input], &input, &json);
        let run = quote!(::catena_llm::__private::run(self, __input, __cx));
        let start = step_methods::start(&input, &Work::Future(TokenStream::new(), run, name.span()));
        quote! {
            #[automatically_derived]
            impl ::catena::__private::Step for #name {
                const NODE: ::catena::__private::Node =
                    ::catena::__private::Node::leaf(#title, ::catena::__private::Kind::Tool) #idempotent;
            }
            #[automatically_derived]
            impl ::catena::__private::Runnable<#input> for #name {
                type Output = #output;
                #whole
                #observed
                #start
            }
        }
    }
}
