//! The attributes of a function that becomes a struct with the function inside it.

use syn::{Attribute, ItemFn};

/// The attributes of a function, by the generated items that they go on.
pub(crate) struct Attributes {
    /// `#[cfg(..)]`, for every item.
    pub(crate) cfg: Vec<Attribute>,
    /// Docs and `#[deprecated]`, for the struct.
    pub(crate) docs: Vec<Attribute>,
    /// All others, for the function inside the struct.
    pub(crate) others: Vec<Attribute>,
}

impl Attributes {
    /// Removes the attributes from a function and sorts them.
    pub(crate) fn take(function: &mut ItemFn) -> Self {
        let mut attributes = Attributes { cfg: Vec::new(), docs: Vec::new(), others: Vec::new() };
        for attribute in std::mem::take(&mut function.attrs) {
            let path = attribute.path();
            let kind = if path.is_ident("cfg") {
                &mut attributes.cfg
            } else if path.is_ident("doc") || path.is_ident("deprecated") {
                &mut attributes.docs
            } else {
                &mut attributes.others
            };
            kind.push(attribute);
        }
        attributes
    }
}
