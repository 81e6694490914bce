//! Picks and `_`: steps that pass on fields of their input, or all of it.

use super::{Expanded, Expander, asked};
use crate::record::{self, Shape};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

impl Expander {
    /// Expands `.name`, or `.name.of_that`: the field is moved out of the input, or cloned if the input is borrowed. A
    /// mistake stands in place of the last name.
    pub(super) fn pick(&mut self, names: &[Ident], mistake: Option<&syn::Error>, flow: &Ident, lent: bool) -> Expanded {
        let value = Ident::new("__record", Span::mixed_site());
        let mut field = field(&quote!(#value), names);
        if let Some(mistake) = mistake {
            let mistake = mistake.to_compile_error();
            field = quote!(#field[#mistake]);
        }
        let field = if lent { quote!(::core::clone::Clone::clone(&#field)) } else { field };
        let kinds = names.iter().rev().map(|name| {
            let name = record::name_type(name);
            quote!(::catena::__private::FieldOf<#name>)
        });
        let kind = kinds.reduce(|rest, first| quote!((#first, #rest))).filter(|_| mistake.is_none());
        let kind = kind.unwrap_or_else(|| quote!(()));
        let ask = quote!(::catena::flow::Ask::<#kind, _, _>::of(&#flow));
        self.picked(lent, flow, &ask, &quote!(|#value| ::core::result::Result::Ok(#field)))
    }

    /// Expands a pick by this function. It passes on chunks if the flow is known to come in chunks.
    fn picked(&mut self, lent: bool, flow: &Ident, ask: &TokenStream, function: &TokenStream) -> Expanded {
        let (method, types) =
            if lent { (quote!(__look), quote!(look_at)) } else { (quote!(__pick), quote!(take_from)) };
        // Before the kind, whose length is that of the names: so an editor finds the record when it completes a name.
        let function = quote!(::catena::flow::#types(&#flow, #function));
        let picked = quote!({ let __function = #function; (&#ask).#method(__function) });
        self.typed(|_| asked(&quote!(InPieces, InOne), &picked))
    }

    /// Expands `.{a, b}`.
    pub(super) fn sub_record(&mut self, names: &[Ident], flow: &Ident, lent: bool) -> Expanded {
        // The runtime picks from the chunks of at most twelve fields.
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
        let expanded = self.picked(lent, flow, &ask, &function);
        let statements = expanded.statements;
        Expanded { statements: quote!(let #form_name = #form; #statements), ..expanded }
    }

    /// Expands `_`, the input itself.
    pub(super) fn through(&mut self, flow: &Ident) -> Expanded {
        let kind = quote!(::catena::__private::All);
        let ask = quote!((&::catena::flow::Ask::<#kind, _, _>::of(&#flow)).__through());
        let through = asked(&quote!(ThroughPieces, ThroughOne), &ask);
        let step = self.local("through");
        let expanded = self.typed(|_| quote!(::catena::__private::Runnable::fit(#flow, #step)));
        let statements = expanded.statements;
        Expanded { statements: quote!(let #step = #through; #statements), ..expanded }
    }
}

/// Returns the field of these names.
pub(super) fn field(value: &TokenStream, names: &[Ident]) -> TokenStream {
    names.iter().fold(value.clone(), |value, name| quote_spanned!(name.span()=> #value.#name))
}
