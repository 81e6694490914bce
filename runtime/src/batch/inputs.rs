//! The inputs of a batch.

/// The inputs of a [`batch`](crate::RunnableExt::batch) or its like: an [`IntoIterator`] over inputs of the step. `How` is inferred.
///
/// ```
/// use catena::prelude::*;
///
/// #[runnable]
/// fn double(n: u64) -> u64 { n * 2 }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let counts: Vec<u32> = vec![1, 2];
/// assert_eq!(double.try_batch(counts.into_iter().map(u64::from)).await?, [2, 4]);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
// With one impl, the compiler would select it before it knows whether the items fit: a batch over others would have a type, and its use
// would be a second error. The parameter makes room for another impl, so that it looks.
#[diagnostic::on_unimplemented(
    message = "a batch of this step takes inputs of `{In}`: `{Self}` has others",
    label = "takes inputs of `{In}`",
    note = "inputs can be converted on their way: `inputs.into_iter().map(|input| ..)`"
)]
pub trait BatchInputs<In, How> {
    /// The iterator over the inputs.
    type Iter: Iterator<Item = In>;

    /// Begins to iterate over the inputs.
    #[doc(hidden)]
    fn inputs(self) -> Self::Iter;
}

/// By iterating.
pub struct Iterated;

/// No way.
pub struct Impossible;

/// A trait that nothing implements.
pub trait Nothing {}

#[diagnostic::do_not_recommend]
impl<In, I: IntoIterator<Item = In>> BatchInputs<In, Iterated> for I {
    type Iter = I::IntoIter;

    fn inputs(self) -> I::IntoIter {
        self.into_iter()
    }
}

#[diagnostic::do_not_recommend]
impl<In, I: Nothing + Iterator<Item = In>> BatchInputs<In, Impossible> for I {
    type Iter = I;

    fn inputs(self) -> I {
        self
    }
}
