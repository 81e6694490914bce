//! The generic struct of a parallel map or a sub-record, with one parameter per field.

use super::{name_type, text};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

/// The maximum arity of the runtime's tuple-backed types.
const ARITY: usize = 12;

/// A struct with these fields, declared inside an expansion.
pub(crate) struct Shape<'a> {
    /// The name, as it appears in `Debug` and in the compiler's messages.
    pub(crate) name: &'static str,
    pub(crate) fields: &'a [Ident],
    /// Whether a parallel map fills the struct, so that it has chunks too.
    pub(crate) chunks: bool,
}

/// Groups items until at most twelve are left. `group` makes one item of at most twelve.
pub(crate) fn tree<T>(mut items: Vec<T>, group: &mut dyn FnMut(Vec<T>) -> T) -> Vec<T> {
    while items.len() > ARITY {
        let mut rest = items.into_iter().peekable();
        let mut groups = Vec::new();
        while rest.peek().is_some() {
            groups.push(group(rest.by_ref().take(ARITY).collect()));
        }
        items = groups;
    }
    items
}

/// Returns the nested tuple of the items, as a type, a pattern or an expression.
fn tuple(items: impl Iterator<Item = TokenStream>) -> TokenStream {
    let items = tree(items.collect(), &mut |items| quote!((#(#items,)*)));
    quote!((#(#items,)*))
}

impl Shape<'_> {
    /// Returns an expression of type `Form<..>`. The struct is declared in a block of its own, where it cannot clash
    /// with a name of the user.
    pub(crate) fn form(&self) -> TokenStream {
        let name = Ident::new(self.name, Span::mixed_site());
        let fields = self.fields;
        let params: Vec<Ident> = (0..fields.len()).map(|i| format_ident!("T{i}")).collect();
        let ty = quote!(#name<#(#params),*>);
        let definition = self.definition(&name, &params);
        let types = tuple(params.iter().map(|p| quote!(#p)));
        let locals = locals(fields.len());
        let values = tuple(locals.iter().map(|v| quote!(#v)));
        let units = params.iter().map(|_| quote!(()));
        let marker = quote!(#name<#(#units),*>);
        let chunks = self.chunks.then(|| self.chunk_enum(&params, &marker));
        let texts: Vec<_> = fields.iter().map(text).collect();
        quote!({
            #definition
            #[automatically_derived]
            impl<#(#params: ::core::marker::Send + 'static),*> ::catena::__private::Shape<#types> for #marker {
                type Record = #ty;
                const FIELDS: &'static [&'static ::core::primitive::str] = &[#(#texts),*];
                fn record(#values: #types) -> #ty {
                    #name { #(#fields: #locals),* }
                }
                fn values(__record: #ty) -> #types {
                    let #name { #(#fields: #locals),* } = __record;
                    #values
                }
                fn look(__record: &#ty, __see: &mut dyn ::core::ops::FnMut(&'static ::core::primitive::str, &dyn ::core::any::Any)) {
                    #(__see(#texts, &__record.#fields);)*
                }
            }
            #chunks
            ::catena::__private::Form::<#marker>::new()
        })
    }

    /// Declares the struct, as a record that implements `Debug`, `Clone`, `PartialEq` and `Serialize` if its fields do.
    pub(crate) fn definition(&self, name: &Ident, params: &[Ident]) -> TokenStream {
        let fields = self.fields;
        let (title, len) = (self.name, fields.len());
        let texts = fields.iter().map(text);
        let ty = quote!(#name<#(#params),*>);
        let record = record_impls(&quote!(<#(#params),*>), &ty, &TokenStream::new(), fields, params);
        quote! {
            #[allow(dead_code, missing_docs, non_snake_case, clippy::all, clippy::pedantic)]
            #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
            pub struct #name<#(#params),*> {
                #(pub #fields: #params,)*
            }
            #record
            #[automatically_derived]
            impl<#(#params: ::catena::__private::serde::Serialize),*> ::catena::__private::serde::Serialize for #ty {
                fn serialize<S: ::catena::__private::serde::Serializer>(
                    &self,
                    __serializer: S,
                ) -> ::core::result::Result<S::Ok, S::Error> {
                    use ::catena::__private::serde::ser::SerializeStruct as __Fields;
                    let mut __out = ::catena::__private::serde::Serializer::serialize_struct(__serializer, #title, #len)?;
                    #(__Fields::serialize_field(&mut __out, #texts, &self.#fields)?;)*
                    __Fields::end(__out)
                }
            }
        }
    }

    /// Declares the chunks of a map: an enum with a variant per field. Code that cannot name the enum uses a method per
    /// field.
    fn chunk_enum(&self, params: &[Ident], marker: &TokenStream) -> TokenStream {
        let fields = self.fields;
        let places: Vec<Place> = places(fields.len());
        let wrapped = places.iter().map(|place| place.wrap(&quote!(__chunk)));
        let unwrapped = places.iter().map(|place| place.wrap(&quote!(__chunk)));
        let one = one_of(params);
        let texts = fields.iter().map(text);
        let copy = copy(&quote!(Chunk), fields, params);
        let serialize = serialize_chunk(&Ident::new("Chunk", Span::call_site()), fields, fields, params);
        quote! {
            #[allow(dead_code, missing_docs, non_camel_case_types, clippy::all, clippy::pedantic)]
            #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
            pub enum Chunk<#(#params),*> {
                #(#fields(#params),)*
            }
            #[automatically_derived]
            #[allow(dead_code, missing_docs, non_snake_case, irrefutable_let_patterns, clippy::all, clippy::pedantic)]
            impl<#(#params),*> Chunk<#(#params),*> {
                #(pub fn #fields(self) -> ::core::option::Option<#params> {
                    if let Chunk::#fields(__chunk) = self {
                        ::core::option::Option::Some(__chunk)
                    } else {
                        ::core::option::Option::None
                    }
                })*
            }
            #[automatically_derived]
            impl<#(#params: ::core::marker::Send + 'static),*> ::catena::__private::ChunkShape<#one> for #marker {
                type Chunk = Chunk<#(#params),*>;
                fn chunk(__one: #one) -> Self::Chunk {
                    match __one {
                        #(#wrapped => Chunk::#fields(__chunk),)*
                    }
                }
                fn one(__chunk: Self::Chunk) -> #one {
                    match __chunk {
                        #(Chunk::#fields(__chunk) => #unwrapped,)*
                    }
                }
                #copy
                fn look(
                    __chunk: &Self::Chunk,
                    __see: &mut dyn ::core::ops::FnMut(&'static ::core::primitive::str, &dyn ::core::any::Any),
                ) {
                    match __chunk {
                        #(Chunk::#fields(__chunk) => __see(#texts, __chunk),)*
                    }
                }
            }
            #serialize
        }
    }
}

/// The position of an item in nested `OneOf..` enums, outermost first: (arity, index).
#[derive(Clone)]
struct Place(Vec<(usize, usize)>);

impl Place {
    /// Returns `At<3>`, or `(At<1>, At<3>)` if tuples nest.
    fn ty(&self) -> TokenStream {
        let mut levels = self.0.iter().rev().map(|(_, index)| quote!(::catena::__private::At<#index>));
        let last = levels.next().unwrap_or_default();
        levels.fold(last, |inner, outer| quote!((#outer, #inner)))
    }

    fn wrap(&self, inner: &TokenStream) -> TokenStream {
        self.0.iter().rev().fold(inner.clone(), |inner, (arity, index)| {
            let (one_of, variant) = variant(*arity, *index);
            quote!(::catena::__private::#one_of::#variant(#inner))
        })
    }
}

/// Returns `OneOf3` and `B` for the second of three.
pub(crate) fn variant(arity: usize, index: usize) -> (Ident, Ident) {
    const VARIANTS: [&str; ARITY] = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"];
    (format_ident!("OneOf{arity}"), format_ident!("{}", VARIANTS[index % ARITY]))
}

fn places(len: usize) -> Vec<Place> {
    let items: Vec<Vec<Place>> = (0..len).map(|_| vec![Place(Vec::new())]).collect();
    let level = |items: Vec<Vec<Place>>| -> Vec<Place> {
        let arity = items.len();
        let place = |(index, places): (usize, Vec<Place>)| {
            places.into_iter().map(move |mut place| {
                place.0.insert(0, (arity, index));
                place
            })
        };
        items.into_iter().enumerate().flat_map(place).collect()
    };
    let top = tree(items, &mut |items| level(items));
    level(top)
}

/// Generates the method `copy` for the shape of a map whose chunks are this enum.
pub(crate) fn copy(chunk: &TokenStream, variants: &[Ident], params: &[Ident]) -> TokenStream {
    let places = places(variants.len());
    let paths = places.iter().map(|place| {
        let path = place.0.iter().map(|(_, index)| index);
        quote!(&[#(#path),*])
    });
    quote! {
        fn copy(
            __chunk: &Self::Chunk,
            __copy: &mut ::catena::__private::CopyPart<'_>,
        ) -> ::core::option::Option<Self::Chunk> {
            match __chunk {
                #(#chunk::#variants(__part) => {
                    let mut __copied = ::core::option::Option::<#params>::None;
                    __copy(#paths, __part, &mut __copied);
                    __copied.map(#chunk::#variants)
                })*
            }
        }
    }
}

/// Implements `Serialize` for the chunks of a map: an object with the name of the field, as the whole record has it.
pub(crate) fn serialize_chunk(chunk: &Ident, variants: &[Ident], fields: &[Ident], params: &[Ident]) -> TokenStream {
    let title = text(chunk);
    let texts = fields.iter().map(text);
    let index = (0..fields.len()).map(|index| u32::try_from(index).unwrap_or(u32::MAX));
    quote! {
        #[automatically_derived]
        impl<#(#params: ::catena::__private::serde::Serialize),*> ::catena::__private::serde::Serialize
            for #chunk<#(#params),*>
        {
            fn serialize<__S: ::catena::__private::serde::Serializer>(
                &self,
                __serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                use ::catena::__private::serde::Serializer as __Variants;
                match self {
                    #(#chunk::#variants(__chunk) => {
                        __Variants::serialize_newtype_variant(__serializer, #title, #index, #texts, __chunk)
                    })*
                }
            }
        }
    }
}

/// Returns variables for the values of so many fields. Not the names of the fields, which may be constants in scope.
pub(crate) fn locals(len: usize) -> Vec<Ident> {
    (0..len).map(|i| Ident::new(&format!("__v{i}"), Span::mixed_site())).collect()
}

fn one_of(params: &[Ident]) -> TokenStream {
    let level = |items: Vec<TokenStream>| {
        let one_of = format_ident!("OneOf{}", items.len());
        quote!(::catena::__private::#one_of<#(#items),*>)
    };
    let top = tree(params.iter().map(|p| quote!(#p)).collect(), &mut |items| level(items));
    level(top)
}

/// Implements `Record` and `Field` for a struct.
pub(crate) fn record_impls(
    generics: &TokenStream,
    ty: &TokenStream,
    bounds: &TokenStream,
    fields: &[Ident],
    types: &[impl quote::ToTokens],
) -> TokenStream {
    let names = fields.iter().map(name_type);
    let index = (0..fields.len()).map(syn::Index::from);
    let at = places(fields.len());
    let at = at.iter().map(Place::ty);
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #generics ::catena::__private::Record for #ty #bounds {
            type Parts = (#(::core::option::Option<#types>,)*);
            fn into_parts(self) -> Self::Parts {
                (#(::core::option::Option::Some(self.#fields),)*)
            }
        }
        #(
            #[automatically_derived]
            impl #generics ::catena::__private::Field<#names> for #ty #bounds {
                type Type = #types;
                type At = #at;
                fn get(&self) -> &#types {
                    &self.#fields
                }
                fn take(__parts: &mut Self::Parts) -> #types {
                    ::catena::__private::take_part(&mut __parts.#index)
                }
            }
        )*
    }
}
