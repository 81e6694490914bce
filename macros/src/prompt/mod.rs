//! stub
pub(crate) fn expand(i: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    i
}
