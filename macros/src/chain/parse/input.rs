//! The input of a chain.

use crate::{
    chain::{ast::Input, lexer::Cursor, mistakes},
    shared::source_text,
};
use proc_macro2::{Group, Ident, TokenStream};
use syn::{Token, Type, parse::Parser, punctuated::Punctuated};

/// Parses `Type =>` or `{ name: Type, .. } =>`.
pub(super) fn input(cursor: &mut Cursor) -> Option<Input> {
    let span = cursor.span();
    let braces = cursor.braces().map(Group::stream);
    let Some(tokens) = cursor.until_fat_arrow() else { return thin_arrow(cursor) };
    if let Some(mistake) = mistakes::value_as_type(&tokens) {
        return Some(Input::Broken(mistake));
    }
    let only_braces = tokens.clone().into_iter().count() == 1;
    Some(match braces {
        Some(fields) if only_braces => match Punctuated::<Field, Token![,]>::parse_terminated.parse2(fields) {
            Ok(fields) if fields.is_empty() => {
                let message = "an input record has fields: `{ question: String, lang: String } => ..`";
                Input::Broken(syn::Error::new(span, message))
            }
            Ok(fields) => Input::Record(fields.into_iter().map(|field| (field.0, field.1)).collect()),
            Err(error) => Input::Broken(error),
        },
        _ => syn::parse2::<Type>(tokens).map_or_else(
            |_| {
                let message = "before `=>` stands the type of the input: `Question => prompt | model`";
                Input::Broken(syn::Error::new(span, message))
            },
            |ty| Input::Type(Box::new(ty)),
        ),
    })
}

/// Parses `Type ->`, which is no input but meant as one.
fn thin_arrow(cursor: &mut Cursor) -> Option<Input> {
    let (at, "->", span) = cursor.wrong_arrow()? else { return None };
    let ty: TokenStream = cursor.between(cursor.at(), at).iter().cloned().collect();
    syn::parse2::<Type>(ty.clone()).ok()?;
    cursor.skip_to(at + 2);
    let message = format!("after the type of the input stands `=>`, not `->`: `{} => ..`", source_text::ty(ty));
    Some(Input::Broken(syn::Error::new(span, message)))
}

struct Field(Ident, Type);

impl syn::parse::Parse for Field {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok(Field(name, input.parse()?))
    }
}
