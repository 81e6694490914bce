//! Functions that build one of two chains. Each `chain!` has a type of its own, and a function returns one type.

use crate::shared::{diagnostics::Diagnostics, source_text};
use proc_macro2::Span;
use quote::ToTokens;
use syn::{
    AngleBracketedGenericArguments, AssocType, Block, Expr, ExprAsync, ExprClosure, ExprReturn, GenericArgument, Item,
    ItemFn, Macro, PathArguments, Stmt, StmtMacro, TypeImplTrait, TypeParamBound, spanned::Spanned,
    visit_mut::VisitMut,
};

/// Reports the second of the chains that a function returns as they are. In place of all but the first stands nothing, so
/// that there is one error.
pub(crate) fn check(function: &mut ItemFn, built: Option<&TypeImplTrait>, diagnostics: &Diagnostics) {
    // Of chains under conditions of the compiler, there may be one.
    if function.block.to_token_stream().to_string().replace(' ', "").contains("#[cfg") {
        return;
    }
    let mut chains = Chains { seen: 0, second: None };
    chains.visit_block_mut(&mut function.block);
    chains.block(&mut function.block);
    let Some(second) = chains.second else { return };
    let made = built
        .and_then(ends)
        .map_or_else(String::new, |(input, output)| format!(", which makes a `BoxRunnable<{input}, {output}>` of it"));
    let message = format!(
        "each `chain!` has a type of its own, and a function returns values of one type: end each in `.boxed()`{made}"
    );
    diagnostics.error(second, message);
}

/// The chains that a function returns as they are.
struct Chains {
    seen: usize,
    /// The position of the second one.
    second: Option<Span>,
}

impl Chains {
    /// The value of a block, which is its last statement.
    fn block(&mut self, block: &mut Block) {
        match block.stmts.last_mut() {
            Some(Stmt::Expr(value, None)) => self.value(value),
            Some(last) => {
                if let Stmt::Macro(StmtMacro { mac, semi_token: None, .. }) = last
                    && self.is_another(mac)
                {
                    *last = Stmt::Expr(nothing(), None);
                }
            }
            None => {}
        }
    }

    fn value(&mut self, value: &mut Expr) {
        match value {
            Expr::Macro(call) if self.is_another(&call.mac) => *value = nothing(),
            Expr::If(branch) => {
                self.block(&mut branch.then_branch);
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.value(otherwise);
                }
            }
            Expr::Match(branch) => branch.arms.iter_mut().for_each(|arm| self.value(&mut arm.body)),
            Expr::Block(block) => self.block(&mut block.block),
            Expr::Paren(inside) => self.value(&mut inside.expr),
            Expr::Call(call) if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Ok")) => {
                call.args.iter_mut().for_each(|argument| self.value(argument));
            }
            _ => {}
        }
    }

    /// Returns whether this is a chain, and not the first one.
    fn is_another(&mut self, call: &Macro) -> bool {
        if call.path.segments.last().is_none_or(|last| last.ident != "chain") {
            return false;
        }
        self.seen += 1;
        if self.seen == 2 {
            self.second = Some(call.path.span());
        }
        self.seen > 1
    }
}

impl VisitMut for Chains {
    fn visit_expr_return_mut(&mut self, returned: &mut ExprReturn) {
        if let Some(value) = &mut returned.expr {
            self.value(value);
        }
    }

    // A return from these is none from the function.
    fn visit_expr_closure_mut(&mut self, _: &mut ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut ExprAsync) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

/// An expression of any type.
fn nothing() -> Expr {
    syn::parse_quote!(::core::unreachable!())
}

/// Returns the input and the output of `impl Runnable<In, Output = Out>` as they are written.
fn ends(built: &TypeImplTrait) -> Option<(String, String)> {
    let arguments = built.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => match &bound.path.segments.last()?.arguments {
            PathArguments::AngleBracketed(arguments) => Some(arguments),
            _ => None,
        },
        _ => None,
    })?;
    let AngleBracketedGenericArguments { args, .. } = arguments;
    let input = args.iter().find_map(|argument| match argument {
        GenericArgument::Type(input) => Some(source_text::ty(input.to_token_stream())),
        _ => None,
    })?;
    let output = args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(AssocType { ident, ty, .. }) if ident == "Output" => {
            Some(source_text::ty(ty.to_token_stream()))
        }
        _ => None,
    })?;
    Some((input, output))
}
