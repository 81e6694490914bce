//! DocumentLists of documents that are made one.

use crate::retrieval::Document;
use catena::{Error, Result};

/// A field with documents. One that is settled, `name?: ..`, and failed, counts as empty.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` has no documents to merge",
    label = "`Fuse` gets a record with a field of type `{Self}`",
    note = "each field is a `Vec<Document>`, or a `Result` of one where it is settled by `name?: ..`; other fields are left out by \
            `.{{a, b}}` before it"
)]
pub trait DocumentList {
    /// The documents.
    ///
    /// # Errors
    /// Why there are none, where the field has failed.
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

/// The fields of a record, each with documents; of one to twelve fields. It is implemented where that holds.
pub trait DocumentLists {
    /// The lists, in the order of the fields.
    ///
    /// # Errors
    /// Where every field has failed: the first failure, with the others attached.
    fn into_lists(self) -> Result<Vec<Vec<Document>>>;
}

/// A failed list is empty, unless all have failed.
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
