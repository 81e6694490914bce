//! Parallel maps: a branch for each field, and the struct that `as` fills.

use super::{Begin, Expanded, Expander, asked, at, words_name};
use crate::{
    chain::ast::Map,
    record::{self, Shape},
    shared::{step_methods, turbofish::turbofish},
};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Type, TypePath};

impl Expander {
    pub(super) fn map(&mut self, map: &Map, flow: &Ident) -> Expanded {
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
            let value = quote!(::catena::__private::NamedBranch::<_, _, #at>::at(#words, #value));
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
        // At the `<`, where the compiler reports an input that the branches cannot share.
        let open = at(map.open);
        let copier = self.local("copier");
        let kind = quote!(::catena::__private::All);
        let ask = quote!(&::catena::flow::Ask::<#kind, _, _>::of(&#flow));
        let question = quote!(((#ask).__lends(), (#ask).__copier()));
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

    /// Expands `as Struct` to a struct literal, so that rustc itself reports missing, extra and mistyped fields.
    fn as_struct(&mut self, target: &Type, names: &[Ident], flow: &Ident, map: Expanded) -> Expanded {
        let record = Ident::new("__record", Span::mixed_site());
        let literal = literal_path(target);
        // Each value at the name of its field, where the compiler reports a wrong type.
        let fields = names.iter().map(|name| {
            let record = Ident::new("__record", at(name.span()));
            quote_spanned!(name.span()=> #name: #record.#name)
        });
        let (fill, next) = (self.local("fill"), self.local("flow"));
        let (statements, value) = (map.statements, map.value);
        let types: Vec<TokenStream> = names.iter().map(record::name_type).collect();
        // The runtime reorders the chunks of at most twelve fields; the output of more is buffered.
        let types = if types.len() > 12 { quote!(()) } else { quote!((#(#types,)*)) };
        let whole = self.local("flow");
        let tell = step_methods::tell(&quote!(#target));
        let ask =
            quote!((&::catena::flow::AskStruct::<#types, _, _, _>::of(&#flow, &#whole)).__fill(#value, #fill, #tell));
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
}

/// Returns a type as a struct literal names it: `Answers::<T>`.
fn literal_path(ty: &Type) -> TokenStream {
    let Type::Path(path) = ty else { return quote!(#ty) };
    let path = TypePath { path: turbofish(&path.path), ..path.clone() };
    quote!(#path)
}
