//! What the items of a generator add up to.

use crate::{
    Assemble, Concat, Result,
    reflect::{copier::Copier, registry},
};
use serde_json::{Map, Value};

/// An item that a [generator](crate::Generator) takes or yields, with what many of them add up to: the value that goes in
/// or comes out when the step is called, not streamed.
///
/// | items | add up to |
/// |---|---|
/// | `String` | the text of all of them, a `String` |
/// | `Vec<T>` | one list of all their elements, a `Vec<T>` |
/// | numbers, `bool`, `char`, JSON values, pairs, options | a `Vec` of the items |
/// | a type of yours | what its implementation says: for a `Vec` of the items, one line |
///
/// No items add up to an empty text or list, which is no error.
///
/// ```
/// use catena::{Gather, Items};
///
/// struct Token { id: u32 }
///
/// impl Gather for Token {
///     type Assembler = Items<Token>;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "what many `{Self}` add up to is not known",
    label = "the item of a generator",
    note = "items of type `String` add up to a text and `Vec<T>` to one list; for a list of your own items: `impl catena::Gather \
            for {Self} {{ type Assembler = catena::Items<{Self}>; }}`"
)]
pub trait Gather: Sized + Send + 'static {
    /// Puts the items together.
    type Assembler: Assemble<Chunk = Self> + Default;

    /// A fresh assembler.
    #[doc(hidden)]
    fn assembler() -> Self::Assembler {
        Self::Assembler::default()
    }
}

/// What items of this type add up to.
pub type Gathered<T> = <<T as Gather>::Assembler as Assemble>::Output;

#[diagnostic::do_not_recommend]
impl Gather for String {
    type Assembler = Concat;
}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Gather for Vec<T> {
    type Assembler = Append<T>;
}

macro_rules! items {
    ($($T:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Gather for $T {
            type Assembler = Items<$T>;

            fn assembler() -> Items<$T> {
                Items::default().copying(Some(Copier::of::<$T>()))
            }
        }
    )*};
}
items!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64, bool, char, Value, Map<String, Value>);

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Gather for Option<T> {
    type Assembler = Items<Option<T>>;
}

#[diagnostic::do_not_recommend]
impl<A: Send + 'static, B: Send + 'static> Gather for (A, B) {
    type Assembler = Items<(A, B)>;
}

/// Items into a `Vec`.
///
/// ```
/// use catena::{Assemble, Items};
///
/// let mut items = Items::default();
/// items.push(1);
/// items.push(2);
/// assert_eq!(items.finish()?, [1, 2]);
/// # Ok::<(), catena::Error>(())
/// ```
pub struct Items<T> {
    all: Vec<T>,
    copier: Option<Copier>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Items { all: Vec::new(), copier: None }
    }
}

impl<T: Send + 'static> Assemble for Items<T> {
    type Chunk = T;
    type Output = Vec<T>;

    fn push(&mut self, chunk: T) {
        self.all.push(chunk);
    }

    fn finish(self) -> Result<Vec<T>> {
        Ok(self.all)
    }

    fn split(&self, output: Vec<T>, emit: &mut dyn FnMut(T)) {
        output.into_iter().for_each(emit);
    }

    fn duplicate(&self, chunk: &T) -> Option<T> {
        self.copier?.copy(chunk)
    }

    fn duplicates(&self) -> bool {
        self.copier.is_some()
    }

    fn copying(self, copier: Option<Copier>) -> Self {
        Self { copier: copier.or(self.copier), ..self }
    }

    fn known_copy(&self, chunk: &T) -> Option<T> {
        self.duplicate(chunk).or_else(|| registry::copy(chunk))
    }

    fn fork(&self) -> Option<Self> {
        Some(Items { all: Vec::new(), copier: self.copier })
    }
}

/// Lists into one list.
///
/// ```
/// use catena::{Append, Assemble};
///
/// let mut all = Append::default();
/// all.push(vec![1, 2]);
/// all.push(vec![3]);
/// assert_eq!(all.finish()?, [1, 2, 3]);
/// # Ok::<(), catena::Error>(())
/// ```
pub struct Append<T> {
    all: Vec<T>,
    copier: Option<Copier>,
}

impl<T> Default for Append<T> {
    fn default() -> Self {
        Append { all: Vec::new(), copier: None }
    }
}

impl<T: Send + 'static> Assemble for Append<T> {
    type Chunk = Vec<T>;
    type Output = Vec<T>;

    fn push(&mut self, chunk: Vec<T>) {
        if self.all.is_empty() {
            self.all = chunk;
        } else {
            self.all.extend(chunk);
        }
    }

    fn finish(self) -> Result<Vec<T>> {
        Ok(self.all)
    }

    fn split(&self, output: Vec<T>, emit: &mut dyn FnMut(Vec<T>)) {
        emit(output);
    }

    fn duplicate(&self, chunk: &Vec<T>) -> Option<Vec<T>> {
        self.copier?.copy(chunk)
    }

    fn duplicates(&self) -> bool {
        self.copier.is_some()
    }

    fn copying(self, copier: Option<Copier>) -> Self {
        Self { copier: copier.or(self.copier), ..self }
    }

    fn known_copy(&self, chunk: &Vec<T>) -> Option<Vec<T>> {
        self.duplicate(chunk).or_else(|| registry::copy(chunk))
    }

    fn fork(&self) -> Option<Self> {
        Some(Append { all: Vec::new(), copier: self.copier })
    }
}
