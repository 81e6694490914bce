//! The items and scopes that a call is in.

use crate::{Context, Segment};

impl Context {
    /// Returns the items of lists ([`map`](crate::StepExt::map), a batch) and the [scopes](Self::within) that the call is in,
    /// outermost first. Known only in a run under a [lifecycle](crate::Lifecycle); otherwise empty.
    ///
    /// With it, calls of one step in one run can be told apart in whichever order they occur.
    pub fn place(&self) -> &[Segment] {
        self.tracked_place().map_or(&[], |place| place)
    }

    /// Returns this context inside of a scope, for a step that calls others several times: a turn of a loop, a page of a book.
    /// The scope enters the [place](Self::place) of the calls. Without a [lifecycle](crate::Lifecycle), it is the same context.
    ///
    /// ```
    /// use catena::{Segment, prelude::*};
    ///
    /// #[runnable]
    /// async fn ask(question: String) -> String { question + "?" }
    ///
    /// #[runnable]
    /// async fn twice(question: String, cx: &Context) -> catena::Result<String> {
    ///     let first = ask.call(question, &cx.within(Segment::Index(0))).await?;
    ///     ask.call(first, &cx.within(Segment::Index(1))).await
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(twice.invoke("So".to_owned()).await?, "So??");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn within(&self, scope: Segment) -> Context {
        match self.tracked_place() {
            None => self.clone(),
            Some(place) => self.at_place(place.iter().cloned().chain([scope]).collect()),
        }
    }

    /// For an item of a list, if the run keeps track of its place.
    #[inline]
    pub(crate) fn item(&self, index: usize) -> Option<Context> {
        self.tracked_place()?;
        Some(self.within(Segment::Index(index)))
    }
}
