//! Lists of documents, the input of a merge.

use crate::retrieval::Document;
use catena::{Error, Result};

/// A field with documents. A settled field, `name?: ..`, that failed counts as an empty list.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` has no documents to merge",
    label = "`Fuse` gets a record with a field of type `{Self}`",
    note = "each field is a `Vec<Document>`, or a `Result` of one where it is settled by `name?: ..`; other fields are left out by \
            `.{{a, b}}` before it"
)]
pub trait DocumentList {
    /// Returns the documents.
    ///
    /// # Errors
    /// The error of a field that failed.
    fn into_list(self) -> Result<Vec<Document>>;
}

impl DocumentList for Vec<Document> {
    fn into_list(self) -> Result<Vec<Document>> {
        Ok(self)
    }
}

impl DocumentList for Result<Vec<Document>> {
    fn into_list(self) -> Result<Vec<Document>> {
        self
    }
}

/// The fields of a record with one to twelve fields, all of which have documents.
pub trait DocumentLists {
    /// Returns the lists, in the order of the fields.
    ///
    /// # Errors
    /// If every field failed: the first error, with the others attached.
    fn into_lists(self) -> Result<Vec<Vec<Document>>>;
}

/// Replaces failed lists by empty ones, unless all have failed.
fn collect(lists: Vec<Result<Vec<Document>>>) -> Result<Vec<Vec<Document>>> {
    if lists.iter().any(Result::is_ok) {
        return Ok(lists.into_iter().map(Result::unwrap_or_default).collect());
    }
    let mut errors = lists.into_iter().filter_map(Result::err);
    match errors.next() {
        None => Ok(Vec::new()),
        Some(first) => {
            let others: Vec<Error> = errors.collect();
            Err(first.with_others(others))
        }
    }
}

macro_rules! lists {
    ($($L:ident $at:tt),*) => {
        impl<$($L: DocumentList),*> DocumentLists for ($(Option<$L>,)*) {
            fn into_lists(self) -> Result<Vec<Vec<Document>>> {
                collect(vec![$(self.$at.map_or_else(|| Ok(Vec::new()), DocumentList::into_list)),*])
            }
        }
    };
}
lists!(A 0);
lists!(A 0, B 1);
lists!(A 0, B 1, C 2);
lists!(A 0, B 1, C 2, D 3);
lists!(A 0, B 1, C 2, D 3, E 4);
lists!(A 0, B 1, C 2, D 3, E 4, F 5);
lists!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
lists!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
lists!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
lists!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
lists!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
lists!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
