//! Closures as try-blocks: the value is wrapped in `Ok`, `?` works, and `.await` makes the closure async.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Block, Expr, ExprAsync, ExprClosure, ReturnType, Stmt, spanned::Spanned};

/// Expands to a call of the function in `flow` that takes this kind of closure.
pub(crate) fn expand(closure: &ExprClosure, flow: &Ident, input_is_ref: bool) -> TokenStream {
    let pattern = &closure.inputs[0];
    let capture = &closure.capture;
    let function = |kind: TokenStream, body: TokenStream, output: Option<TokenStream>| {
        let output = output.map(|output| quote!(-> #output));
        // Errors in the closure are shown at its body, not at the whole chain.
        let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#flow, #capture |#pattern| #output #body));
        arguments.set_span(closure.body.span());
        quote!(#kind #arguments)
    };
    let declared = match &closure.output {
        ReturnType::Default => quote!(_),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    if closure.asyncness.is_some() {
        let body = &closure.body;
        return function(asynchronous(), future(&quote!(#body), &declared), None);
    }
    match &*closure.body {
        Expr::Async(block) => function(asynchronous(), future(&async_body(block), &declared), None),
        Expr::Block(block) if ends_async(&block.block).is_some() => {
            let (before, last) = ends_async(&block.block).unwrap_or_default();
            let body = last.map(|last| future(&async_body(last), &declared));
            function(asynchronous(), quote!({ #(#before)* #body }), None)
        }
        body if awaits(&quote!(#body)) => function(asynchronous(), future(&quote!(#body), &declared), None),
        body => {
            let kind = if input_is_ref {
                quote!(::catena::flow::closure_of_ref)
            } else {
                // At the body, where the compiler reports an output that is not `Send`.
                quote_spanned!(body.span()=> ::catena::flow::Sendable::closure)
            };
            let body = quote_spanned!(body.span()=> { ::core::result::Result::Ok(#body) });
            function(kind, body, Some(quote!(::catena::__private::Result<#declared>)))
        }
    }
}

fn asynchronous() -> TokenStream {
    quote!(::catena::flow::async_closure)
}

fn async_body(block: &ExprAsync) -> TokenStream {
    let block = &block.block;
    quote!(#block)
}

fn future(body: &TokenStream, declared: &TokenStream) -> TokenStream {
    quote!(async move { ::core::result::Result::<#declared, ::catena::__private::Error>::Ok(#body) })
}

/// Returns the statements before the final `async` block of a block, and that block.
fn ends_async(block: &Block) -> Option<(&[Stmt], Option<&ExprAsync>)> {
    match block.stmts.split_last()? {
        (Stmt::Expr(Expr::Async(last), None), before) => Some((before, Some(last))),
        _ => None,
    }
}

/// Returns whether the closure itself contains an `.await`, outside of `async` blocks inside it.
fn awaits(tokens: &TokenStream) -> bool {
    let mut after_dot = false;
    let mut in_async = false;
    for token in tokens.clone() {
        match &token {
            TokenTree::Ident(word) if after_dot && word == "await" => return true,
            TokenTree::Ident(word) => {
                in_async = word == "async" || (in_async && word == "move");
            }
            TokenTree::Group(group) => {
                if !(in_async && group.delimiter() == Delimiter::Brace) && awaits(&group.stream()) {
                    return true;
                }
                in_async = false;
            }
            _ => in_async = false,
        }
        after_dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
    }
    false
}
