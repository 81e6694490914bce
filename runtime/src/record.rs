//! Records: values whose fields are known by name, so that steps can take what they need of them.

/// The letter `X` of a field name; a name is a tuple of them: `(C<'g'>, C<'p'>, C<'t'>)`.
///
/// Stable Rust has no strings in types. This way a name is the same type in every crate, and matching names costs
/// nothing at run time.
pub struct C<const X: char>;

/// A value with named fields. Parallel maps and [`record!`](crate::record) make them; a struct of yours becomes one by
/// `#[derive(Record)]`.
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
    /// The fields, to be taken one by one.
    type Parts;
    /// Take it apart.
    fn into_parts(self) -> Self::Parts;
}

/// One field of a [`Record`], by its name as a type.
pub trait Field<Name>: Record {
    /// The field's type.
    type Type;
    /// Where it stands among the fields: [`At`].
    type At;
    /// Look at it.
    fn get(&self) -> &Self::Type;
    /// Take it out of the parts; a field can be taken once.
    fn take(parts: &mut Self::Parts) -> Self::Type;
}

/// A place in a tuple; past twelve, where tuples nest, a place is a pair of places.
pub struct At<const AT: usize>;

/// Take a part. Generated code asks for each name once, which the macros check.
///
/// # Panics
/// The second time.
#[track_caller]
pub fn take_part<T>(part: &mut Option<T>) -> T {
    part.take().expect("a field is taken out of a record once")
}
