//! A parallel map into a struct of the user's: `<..> as Answers`.

use crate::{Context, Node, Result, Runnable, Step, runnable::whole};

/// A parallel map whose record fills another struct.
///
/// # Streaming
/// Gives the struct as one chunk, when all its fields are there.
#[derive(Clone, Copy, Debug)]
pub struct AsStruct<S, F> {
    step: S,
    fill: F,
}

impl<S, F> AsStruct<S, F> {
    /// From the function that `chain!` writes, field by field.
    pub const fn new(step: S, fill: F) -> Self {
        AsStruct { step, fill }
    }
}

impl<S: Step, F: Send + Sync> Step for AsStruct<S, F> {
    const NODE: Node = S::NODE;

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In, S, F, T> Runnable<In> for AsStruct<S, F>
where
    In: Send,
    S: Runnable<In>,
    T: Send + 'static,
    F: Fn(S::Output) -> T + Send + Sync,
{
    type Output = T;
    whole!(In);

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<T> {
        self.step.call(input, cx).await.map(&self.fill)
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<T>
    where
        In: Clone + Sync,
    {
        self.step.call_ref(input, cx).await.map(&self.fill)
    }
}
