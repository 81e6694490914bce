//! Records: values with named fields, of which a step takes the ones that it needs.

/// The letter `X` of a field name; a name is a tuple of them: `(C<'g'>, C<'p'>, C<'t'>)`.
///
/// Stable Rust has no strings in types. This way a name is the same type in every crate, and matching names costs
/// nothing at run time.
pub struct C<const X: char>;

/// A value with named fields. Parallel maps and [`record!`](crate::record) create records. `#[derive(Record)]` makes a struct of
/// yours a record.
///
/// ```
/// use catena::prelude::*;
///
/// #[derive(Clone, Record)]
/// struct Question { text: String, lang: String }
///
/// #[runnable]
/// fn phrase(lang: &str, text: &str) -> String { format!("[{lang}] {text}") }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let question = Question { text: "why?".into(), lang: "en".into() };
/// assert_eq!(phrase.invoke(question).await?, "[en] why?");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a record, and so has no fields that a step could take by name",
    label = "this step takes fields by name",
    note = "records are what parallel maps and `record!` give, and structs with `#[derive(Record)]`"
)]
pub trait Record: Sized {
    /// The fields, each of which can be taken.
    type Parts;
    /// Returns the fields.
    fn into_parts(self) -> Self::Parts;
}

/// One field of a [`Record`], by its name as a type.
pub trait Field<Name>: Record {
    /// The type of the field.
    type Type;
    /// The position among the fields: [`At`].
    type At;
    /// Returns a reference to the field.
    fn get(&self) -> &Self::Type;
    /// Takes the field out of the parts. A field can be taken once.
    fn take(parts: &mut Self::Parts) -> Self::Type;
}

/// A position in a tuple. Past twelve fields, tuples are nested, and a position is a pair of positions.
pub struct At<const AT: usize>;

/// Take a part. Generated code asks for each name once, which the macros check.
///
/// # Panics
/// The second time.
#[track_caller]
pub fn take_part<T>(part: &mut Option<T>) -> T {
    part.take().expect("a field is taken out of a record once")
}
