//! One step after another: the output of each is the input of the next.

use crate::{
    Assemble, Chunks, Context, Error, Node, Result, Runnable, Step,
    error::Segment,
    names::{Names, Words, name_at},
    node::Part,
};
use std::marker::PhantomData;

/// Steps in sequence, as a flat tuple of one to twelve; `chain!` nests tuples past that.
///
/// Flat because a type nested per step makes the compiler give up at some twenty steps, and its future grow with each.
/// `call` allocates nothing. A stream flows through all steps that can work piece by piece; it allocates what the
/// steps allocate.
///
/// `X` and `AT` hold the words the steps are written with, for paths and graphs.
///
/// ```
/// use catena::{prelude::*, sequence};
///
/// #[runnable]
/// fn double(n: u32) -> u32 { n * 2 }
/// #[runnable]
/// fn show(n: u32) -> String { n.to_string() }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(sequence((double, double, show)).invoke(10).await?, "40");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub struct Sequence<T, X = (), const AT: usize = 0> {
    steps: T,
    names: PhantomData<fn() -> X>,
}

/// Steps in sequence, without a macro: a tuple of one to twelve.
pub const fn sequence<T>(steps: T) -> Sequence<T> {
    Sequence { steps, names: PhantomData }
}

impl<T, X, const AT: usize> Sequence<T, X, AT> {
    /// With the words of a `chain!`, from position `AT` on.
    pub const fn at(_: Words<X>, steps: T) -> Self {
        Sequence { steps, names: PhantomData }
    }
}

impl<T: Clone, X, const AT: usize> Clone for Sequence<T, X, AT> {
    fn clone(&self) -> Self {
        Sequence { steps: self.steps.clone(), names: PhantomData }
    }
}

/// The step's own name, else the token it is written as.
fn name_of<'a, S: Step>(step: &'a S, label: &'static str) -> Option<&'a str> {
    step.name().or(if label.is_empty() { None } else { Some(label) })
}

#[cold]
pub(crate) fn locate<S: Step>(error: Error, step: &S, label: &'static str) -> Error {
    match name_of(step, label) {
        Some(name) => error.at(Segment::Step(name.to_owned().into())),
        None => error,
    }
}

macro_rules! impl_sequence {
    ($($Step:ident $Out:ident $In:ident $at:tt),* ; $Last:ident $LastIn:ident $LastOut:ident ; $($rest:tt)*) => {
        impl<$($Step: Step,)* X: Names, const AT: usize> Step for Sequence<($($Step,)*), X, AT> {
            const NODE: Node =
                Node::Sequence(&[$(Part { label: name_at::<X>(AT + $at), node: $Step::NODE }),*]);
        }

        impl<I: Send, $($Out: Send + 'static,)* $($Step,)* X: Names, const AT: usize> Runnable<I>
            for Sequence<($($Step,)*), X, AT>
        where
            $($Step: Runnable<$In, Output = $Out>,)*
        {
            type Output = $LastOut;
            type Chunk = <$Last as Runnable<$LastIn>>::Chunk;
            type Assembler = <$Last as Runnable<$LastIn>>::Assembler;

            fn assembler(&self) -> Self::Assembler {
                impl_sequence!(@last_assembler self $($Step $In $at),*)
            }

            async fn call<'a>(&'a self, input: I, cx: &'a Context) -> Result<Self::Output> {
                $(let input = match self.steps.$at.call(input, cx).await {
                    Ok(output) => output,
                    Err(error) => return Err(locate(error, &self.steps.$at, name_at::<X>(AT + $at))),
                };)*
                Ok(input)
            }

            async fn call_ref<'a>(&'a self, input: &'a I, cx: &'a Context) -> Result<Self::Output>
            where
                I: Clone + Sync,
            {
                impl_sequence!(@call_ref self input cx $($at),*)
            }

            fn call_stream<'a>(&'a self, input: I, cx: &'a Context) -> Chunks<'a, Self::Chunk>
            where
                I: 'a,
            {
                impl_sequence!(@stream self input cx $($Step $In $at),*)
            }

            fn transform<'a, Up>(
                &'a self,
                chunks: Chunks<'a, Up::Chunk>,
                assembler: Up,
                cx: &'a Context,
            ) -> Chunks<'a, Self::Chunk>
            where
                Up: Assemble<Output = I>,
                I: 'a,
            {
                let chunks = chunks.entering();
                impl_sequence!(@transform self chunks assembler cx [] $($Step $In $at),*)
            }
        }
    };

    (@last_assembler $self:ident $S:ident $In:ident $at:tt) => { Runnable::<$In>::assembler(&$self.steps.$at) };
    (@last_assembler $self:ident $S:ident $In:ident $at:tt, $($rest:tt)*) => { impl_sequence!(@last_assembler $self $($rest)*) };

    (@call_ref $self:ident $input:ident $cx:ident $first:tt $(, $at:tt)*) => {{
        let input = match $self.steps.$first.call_ref($input, $cx).await {
            Ok(output) => output,
            Err(error) => return Err(locate(error, &$self.steps.$first, name_at::<X>(AT + $first))),
        };
        $(let input = match $self.steps.$at.call(input, $cx).await {
            Ok(output) => output,
            Err(error) => return Err(locate(error, &$self.steps.$at, name_at::<X>(AT + $at))),
        };)*
        Ok(input)
    }};

    (@stream $self:ident $input:ident $cx:ident $S:ident $In:ident $first:tt $(, $($rest:tt)*)?) => {{
        let step = &$self.steps.$first;
        let chunks = Runnable::<$In>::call_stream(step, $input, $cx);
        impl_sequence!(@pipe $self chunks $cx step [$S $In $first] $($($rest)*)?)
    }};
    (@transform $self:ident $chunks:ident $assembler:ident $cx:ident [] $S:ident $In:ident $first:tt $(, $($rest:tt)*)?) => {{
        let step = &$self.steps.$first;
        let chunks = Runnable::<$In>::transform(step, $chunks, $assembler, $cx);
        impl_sequence!(@pipe $self chunks $cx step [$S $In $first] $($($rest)*)?)
    }};
    // The last step's errors go up to the level above; the others' must not be signed by the steps they pass through.
    (@pipe $self:ident $chunks:ident $cx:ident $step:ident [$S:ident $In:ident $at:tt]) => {
        $chunks.signed(name_of($step, name_at::<X>(AT + $at)), true)
    };
    (@pipe $self:ident $chunks:ident $cx:ident $step:ident [$P:ident $PIn:ident $pat:tt] $S:ident $In:ident $at:tt $(, $($rest:tt)*)?) => {{
        let chunks = $chunks.signed(name_of($step, name_at::<X>(AT + $pat)), false);
        let assembler = Runnable::<$PIn>::assembler($step);
        let step = &$self.steps.$at;
        let chunks = Runnable::<$In>::transform(step, chunks, assembler, $cx);
        impl_sequence!(@pipe $self chunks $cx step [$S $In $at] $($($rest)*)?)
    }};
}

impl_sequence!(A OA I 0; A I OA;);
impl_sequence!(A OA I 0, B OB OA 1; B OA OB;);
impl_sequence!(A OA I 0, B OB OA 1, C OC OB 2; C OB OC;);
impl_sequence!(A OA I 0, B OB OA 1, C OC OB 2, D OD OC 3; D OC OD;);
impl_sequence!(A OA I 0, B OB OA 1, C OC OB 2, D OD OC 3, E OE OD 4; E OD OE;);
impl_sequence!(A OA I 0, B OB OA 1, C OC OB 2, D OD OC 3, E OE OD 4, F OF OE 5; F OE OF;);
impl_sequence!(A OA I 0, B OB OA 1, C OC OB 2, D OD OC 3, E OE OD 4, F OF OE 5, G OG OF 6; G OF OG;);
impl_sequence!(A OA I 0, B OB OA 1, C OC OB 2, D OD OC 3, E OE OD 4, F OF OE 5, G OG OF 6, H OH OG 7; H OG OH;);
impl_sequence!(A OA I 0, B OB OA 1, C OC OB 2, D OD OC 3, E OE OD 4, F OF OE 5, G OG OF 6, H OH OG 7, J OJ OH 8; J OH OJ;);
impl_sequence!(A OA I 0, B OB OA 1, C OC OB 2, D OD OC 3, E OE OD 4, F OF OE 5, G OG OF 6, H OH OG 7, J OJ OH 8, K OK OJ 9; K OJ OK;);
impl_sequence!(A OA I 0, B OB OA 1, C OC OB 2, D OD OC 3, E OE OD 4, F OF OE 5, G OG OF 6, H OH OG 7, J OJ OH 8, K OK OJ 9, L OL OK 10; L OK OL;);
impl_sequence!(A OA I 0, B OB OA 1, C OC OB 2, D OD OC 3, E OE OD 4, F OF OE 5, G OG OF 6, H OH OG 7, J OJ OH 8, K OK OJ 9, L OL OK 10, M OM OL 11; M OL OM;);
