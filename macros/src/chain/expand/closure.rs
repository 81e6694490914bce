//! Closures as try-blocks: the value is wrapped in `Ok`, `?` works, and `.await` makes the closure async.

use super::{asked, at};
use crate::runnable::output;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Block, Expr, ExprAsync, ExprClosure, Pat, ReturnType, Stmt, Token, Type, spanned::Spanned};

/// Expands to a call of the function in `flow` that takes this kind of closure.
pub(crate) fn expand(closure: &ExprClosure, flow: &Ident, input_is_ref: bool) -> TokenStream {
    let result = Returns::of(closure);
    // The closure's own bars, so that the compiler shows the closure, and suggests `move` before it.
    let (from, to) = (&closure.inputs_begin, &closure.inputs_end);
    let pattern = &closure.inputs[0];
    let (taken, declared) = parameter(pattern);
    let parameter = quote!(#from #taken #to);
    // Errors in the closure are shown at its body, not at the whole chain.
    let at_body = |arguments: TokenStream| {
        let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
        arguments.set_span(closure.body.span());
        arguments
    };
    let reads = !input_is_ref && is_reference(pattern);
    if let Some((body, moves)) = async_body(closure, reads) {
        let (output, body) = (&result.ty, result.wrapped(&body));
        let body = quote_spanned!(closure.body.span()=> { #declared #body });
        let asyncness = closure.asyncness.unwrap_or_else(|| Token![async](from.span()));
        let function = quote!(#asyncness #moves #parameter -> #output #body);
        return asynchronous(flow, &function, at_body, reads);
    }
    let capture = &closure.capture;
    if let Expr::Block(block) = &*closure.body
        && let Some((before, last)) = ends_async(&block.block)
    {
        let (output, block) = (&result.ty, &last.block);
        let body = result.wrapped(&quote!(#block));
        let body = quote!(::core::convert::identity::<#output>(#body));
        let body = quote_spanned!(last.async_token.span()=> async move { #body });
        let arguments = at_body(quote!(#flow, #capture #parameter { #declared #(#before)* #body }));
        return quote!(::catena::flow::async_closure #arguments);
    }
    let (output, body) = (&result.ty, &closure.body);
    let body = result.wrapped(&quote!(#body));
    let body = quote_spanned!(closure.body.span()=> { #declared #body });
    let function = quote!(#capture #parameter -> #output #body);
    if input_is_ref {
        let arguments = at_body(quote!(#flow, #function));
        quote!(::catena::flow::closure_of_ref #arguments)
    } else if is_reference(pattern) {
        let arguments = at_body(function);
        asked(&quote!(ReadsValue), &quote!(::catena::flow::Reading::of(&#flow).closure #arguments))
    } else {
        // At the body, where the compiler reports an output that is not `Send`.
        let kind = quote_spanned!(closure.body.span()=> ::catena::flow::Sendable::closure);
        let arguments = at_body(quote!(#flow, #function));
        quote!(#kind #arguments)
    }
}

/// Expands an async closure. Its calls share it: the future of a call may live longer than a borrow of the closure, and
/// whether it is `Send` can be seen only where its type is known, which is here.
fn asynchronous(
    flow: &Ident,
    function: &TokenStream,
    at_body: impl Fn(TokenStream) -> Group,
    reads: bool,
) -> TokenStream {
    let arguments_at = at_body(TokenStream::new()).span();
    let name = |name: &str| Ident::new(name, Span::mixed_site());
    let (shared, input, reading) = (name("__shared"), name("__input"), name("__reading"));
    let (typed, given) = if reads {
        let arguments = at_body(function.clone());
        (quote!(#reading.async_fn #arguments), quote!(#reading.lend(&#input)))
    } else {
        let arguments = at_body(quote!(&#flow, #function));
        (quote!(::catena::flow::async_fn #arguments), quote!(#input))
    };
    let reading = reads.then(|| {
        quote! {
            #[allow(unused_imports)]
            use ::catena::flow::ReadsValue as _;
            let #reading = ::catena::flow::Reading::of(&#flow);
        }
    });
    // At the closure, where the compiler reports a future that is not `Send`.
    let call = quote_spanned! {arguments_at=>
        move |#input| {
            let #shared = ::core::clone::Clone::clone(&#shared);
            async move { (*#shared)(#given).await }
        }
    };
    let from = quote_spanned!(arguments_at=> ::);
    let arguments = at_body(quote!(#flow, #call));
    quote!({
        #reading
        let #shared = ::catena::flow::Shared::new(#typed);
        #from catena::flow::async_closure #arguments
    })
}

/// The `Result` that a closure returns.
struct Returns {
    ty: TokenStream,
    /// Whether the body is the value inside.
    wraps: bool,
}

impl Returns {
    fn of(closure: &ExprClosure) -> Self {
        let failure = quote!(::catena::__private::Failure);
        // The last token of what the compiler takes for the head of the closure.
        let end = quote_spanned!(closure.inputs_end.span()=> >);
        match &closure.output {
            ReturnType::Type(_, ty) if output::result(ty).is_some() => Returns { ty: quote!(#ty), wraps: false },
            ReturnType::Type(_, ty) => Returns { ty: quote!(::core::result::Result<#ty, #failure #end), wraps: true },
            ReturnType::Default => {
                Returns { ty: quote!(::core::result::Result<_, #failure #end), wraps: !is_result(&closure.body) }
            }
        }
    }

    fn wrapped(&self, body: &TokenStream) -> TokenStream {
        if self.wraps { quote!(::core::result::Result::Ok(#body)) } else { body.clone() }
    }
}

/// Returns whether the value of an expression is written as `Ok(..)` or `Err(..)`.
fn is_result(body: &Expr) -> bool {
    let block_is = |block: &Block| matches!(block.stmts.last(), Some(Stmt::Expr(last, None)) if is_result(last));
    match body {
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return false };
            path.path.is_ident("Ok") || path.path.is_ident("Err")
        }
        Expr::Block(block) => block_is(&block.block),
        Expr::Async(block) => block_is(&block.block),
        Expr::Paren(inner) => is_result(&inner.expr),
        Expr::If(branch) => {
            block_is(&branch.then_branch) || branch.else_branch.as_ref().is_some_and(|(_, other)| is_result(other))
        }
        Expr::Match(branch) => branch.arms.iter().any(|arm| is_result(&arm.body)),
        _ => false,
    }
}

/// Returns the pattern of the parameter, and the statement that declares its type, if the user does.
///
/// The closure itself takes whatever comes, so that another type is one error, at the declared one.
fn parameter(pattern: &Pat) -> (TokenStream, Option<TokenStream>) {
    let Pat::Type(typed) = pattern else { return (quote!(#pattern), None) };
    let input = Ident::new("__input", at(typed.pat.span()));
    let (pattern, ty) = (&typed.pat, &typed.ty);
    (quote!(#input), Some(quote!(let #pattern: #ty = #input;)))
}

/// Returns whether a parameter is declared as a reference.
fn is_reference(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Type(typed) if matches!(&*typed.ty, Type::Reference(ty) if ty.mutability.is_none()))
}

/// Returns the body of an async closure: `async |x| body`, `|x| async { body }`, or a body with an `.await` in it. Also
/// whether it takes what it uses.
///
/// The statements before a final `async` block run in the future, too, if the closure reads its input: only an async
/// closure can borrow it for as long as its future lives.
fn async_body(closure: &ExprClosure, reads: bool) -> Option<(TokenStream, Option<Token![move]>)> {
    let body = &closure.body;
    match &**body {
        _ if closure.asyncness.is_some() => Some((quote!(#body), closure.capture)),
        Expr::Async(inner) => {
            let block = &inner.block;
            Some((quote!(#block), closure.capture.or(inner.capture)))
        }
        Expr::Block(block) if let Some((before, last)) = ends_async(&block.block) => {
            let block = &last.block;
            reads.then(|| (quote!({ #(#before)* #block }), closure.capture))
        }
        body if awaits(&quote!(#body)) => Some((quote!(#body), closure.capture)),
        _ => None,
    }
}

/// Returns the statements before the final `async` block of a block, and that block.
fn ends_async(block: &Block) -> Option<(&[Stmt], &ExprAsync)> {
    match block.stmts.split_last()? {
        (Stmt::Expr(Expr::Async(last), None), before) => Some((before, last)),
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
