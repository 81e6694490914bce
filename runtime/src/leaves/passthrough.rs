//! The input itself: `_`.

use crate::{
    Context, Kind, Node, Runnable, Step,
    step::{
        call::{Call, Started, ready},
        runnable::whole,
    },
};

/// Gives its input back: the step `_`, to keep the input beside what is made of it.
///
/// ```
/// use catena::prelude::*;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let chain = chain!(String => <text: _, length: |t| t.len()>);
/// let both = chain.invoke("four".into()).await?;
/// assert_eq!((both.text.as_str(), both.length), ("four", 4));
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// Waits for its whole input. Where `chain!` knows how the step before streams, it is inside a
/// [`Projected`](crate::Projected), and the chunks go on as they come: of text, of messages, of parallel maps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passthrough;

impl Step for Passthrough {
    const NODE: Node = Node::leaf("", Kind::Passthrough);
}

impl<In: Send + 'static> Runnable<In> for Passthrough {
    type Output = In;
    whole!(In);

    #[inline]
    fn start<'a>(&'a self, input: In, _cx: &'a Context) -> Started<impl Call<'a, Self, In>, In> {
        ready(Ok(input))
    }

    fn input_json(&self, input: &In) -> Option<serde_json::Value> {
        crate::reflect::registry::json(input)
    }
}
