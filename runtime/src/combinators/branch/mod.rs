//! One of several arms: `match { pattern => chain, .. }`.
//!
//! | file | contents |
//! |---|---|
//! | [`call`] | the chosen arm of a call, polled in place |

mod call;

use crate::{
    Chunks, Component, ConfigKey, Context, Keys, Node, Result, Runnable, Running, Step, Types,
    combinators::fallback::chunks_like,
    node::Part,
    observe::{event::Position, instrument::observed_call},
    step::call::{Call, Started, future_of},
    util::{
        labels::{Labels, LabelsOf, name_at},
        one_of::{OneOf1, OneOf2, OneOf3, OneOf4, OneOf5, OneOf6, OneOf7, OneOf8, OneOf9, OneOf10, OneOf11, OneOf12},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// Runs the arm that a function chooses for the input; `chain!` makes it of a `match`, whose exhaustiveness the
/// compiler checks. Arms, one to twelve, may take different inputs and all give the same output.
///
/// A call allocates nothing of its own.
///
/// ```
/// use catena::prelude::*;
///
/// enum Intent { Add(i64, i64), Negate(i64), Nothing }
///
/// let chain = chain!(Intent => match {
///     Intent::Add(a, b) => |both| both.a + both.b,
///     Intent::Negate(n) if n != 0 => |n| -n,
///     _ => |_| 0,
/// });
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(chain.invoke(Intent::Add(2, 3)).await?, 5);
/// assert_eq!(chain.invoke(Intent::Negate(4)).await?, -4);
/// assert_eq!(chain.invoke(Intent::Nothing).await?, 0);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// The chosen arm's chunks, as chunks of the first arm's type: they come as they are where the chosen arm streams
/// alike, else its whole output is cut up. Waits for its whole input.
pub struct Branch<F, T, X = (), const AT: usize = 0, const SIZE: usize = 1> {
    select: F,
    arms: T,
    names: PhantomData<fn() -> X>,
}

impl<F, T, X, const AT: usize, const SIZE: usize> Branch<F, T, X, AT, SIZE> {
    /// From the function that chooses and the tuple of arms; patterns are named from position `AT` on. Past twelve arms, each part of
    /// the tuple is a branch over a group of so many.
    pub const fn at(_: LabelsOf<X>, select: F, arms: T) -> Self {
        Branch { select, arms, names: PhantomData }
    }
}

impl<F, T, X: Labels, const AT: usize, const SIZE: usize> Branch<F, T, X, AT, SIZE> {
    /// The context of an arm.
    #[inline]
    fn child(cx: &Context, arm: usize) -> Option<Context> {
        let label = name_at::<X>(AT + arm * SIZE);
        cx.part(if label == "_" { Position::Default } else { Position::Arm(arm + 1) })
    }
}

impl<F: Clone, T: Clone, X, const AT: usize, const SIZE: usize> Clone for Branch<F, T, X, AT, SIZE> {
    fn clone(&self) -> Self {
        Branch { select: self.select.clone(), arms: self.arms.clone(), names: PhantomData }
    }
}

/// Chooses the arm.
pub trait Selector: Send + Sync {
    /// The key that it chooses by, if it does.
    fn keys(&self, _keys: &mut Keys) {}

    /// What a branch by it says of itself.
    fn describe(&self, branch: Component) -> Component {
        branch
    }
}

/// Chooses the arm for an input.
pub trait Select<In>: Selector {
    /// What the arms get: one of them its part of the input.
    type Chosen;
    /// Choose.
    fn select(&self, input: In, cx: &Context) -> Self::Chosen;
}

/// By the input itself.
#[derive(Clone, Copy, Debug)]
pub struct ByInput<F>(pub(crate) F);

/// By the value of a key.
pub struct ByKey<T: 'static, F> {
    pub(crate) key: &'static ConfigKey<T>,
    pub(crate) choose: F,
}

impl<T, F: Clone> Clone for ByKey<T, F> {
    fn clone(&self) -> Self {
        ByKey { key: self.key, choose: self.choose.clone() }
    }
}

impl<F: Send + Sync> Selector for ByInput<F> {}

impl<In, C, F: Fn(In) -> C + Send + Sync> Select<In> for ByInput<F> {
    type Chosen = C;
    fn select(&self, input: In, _cx: &Context) -> C {
        (self.0)(input)
    }
}

impl<T, F: Send + Sync> Selector for ByKey<T, F>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    fn keys(&self, keys: &mut Keys) {
        keys.add(self.key);
    }

    fn describe(&self, branch: Component) -> Component {
        branch.with("key", self.key.id()).with("default", self.key.default_json())
    }
}

impl<In, C, T, F> Select<In> for ByKey<T, F>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Fn(In, &T) -> C + Send + Sync,
{
    type Chosen = C;
    fn select(&self, input: In, cx: &Context) -> C {
        (self.choose)(input, cx.value(self.key))
    }
}

macro_rules! impl_branch {
    ($module:ident $OneOf:ident; $(($Arm:ident $In:ident $at:tt)),*) => {
        impl<Choose: Selector, $($Arm: Step,)* X: Labels, const AT: usize, const SIZE: usize> Step
            for Branch<Choose, ($($Arm,)*), X, AT, SIZE>
        {
            const NODE: Node = Node::Branch(&[$(Part { label: name_at::<X>(AT + $at * SIZE), node: $Arm::NODE }),*]);

            fn keys(&self, keys: &mut Keys) {
                self.select.keys(keys);
                $(self.arms.$at.keys(keys);)*
            }
        }

        impl<In: Send, Choose, $($In: Send, $Arm,)* O: Send + 'static, X: Labels, const AT: usize, const SIZE: usize>
            Runnable<In> for Branch<Choose, ($($Arm,)*), X, AT, SIZE>
        where
            Choose: Select<In, Chosen = $OneOf<$($In),*>>,
            $($Arm: Runnable<$In, Output = O>,)*
        {
            type Output = O;
            type Chunk = <A as Runnable<InA>>::Chunk;
            type Assembler = <A as Runnable<InA>>::Assembler;

            fn assembler(&self) -> Self::Assembler {
                Runnable::<InA>::assembler(&self.arms.0)
            }

            async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<O> {
                if !cx.is_observed() {
                    return future_of(self, input, cx).await;
                }
                observed_call!(self, &input, cx => match self.select.select(input, cx) {
                    $($OneOf::$Arm(input) => {
                        let child = Self::child(cx, $at);
                        self.arms.$at.call(input, child.as_ref().unwrap_or(cx)).await
                    })*
                })
            }

            #[inline]
            fn start<'a>(&'a self, input: In, cx: &'a Context) -> Started<impl Call<'a, Self, O>, O> {
                match self.select.select(input, cx) {
                    $($OneOf::$Arm(input) => match self.arms.$at.start(input, cx) {
                        Started::Ready(outcome) => Started::Ready(outcome),
                        Started::Waiting(call) => Started::Waiting(call::$module::ArmCall::$Arm { call }),
                    },)*
                }
            }

            fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
            where
                In: 'a,
            {
                // The arm's input may live shorter than the step: the stream that uses it is made inside.
                Chunks::generate(move |out| async move {
                    let run = Running::around(self, &input, cx);
                    let cx = run.context(cx);
                    match self.select.select(input, cx) {
                        $($OneOf::$Arm(input) => {
                            let arm = &self.arms.$at;
                            let child = Self::child(cx, $at);
                            let chunks = arm.call_stream(input, child.as_ref().unwrap_or(cx));
                            let like = Runnable::<InA>::assembler(&self.arms.0);
                            let chunks = chunks_like(like, chunks, Runnable::<$In>::assembler(arm));
                            run.forward(chunks, Runnable::<InA>::assembler(&self.arms.0), &out).await
                        })*
                    }
                })
            }

            fn component(&self) -> Component {
                let arms = [$((name_at::<X>(AT + $at * SIZE), self.arms.$at.component())),*];
                self.select.describe(Component::branch(arms))
            }

            fn types(&self, types: &mut Types) {
                $(self.arms.$at.types(types);)*
            }
        }
    };
}
impl_branch!(one OneOf1; (A InA 0));
impl_branch!(two OneOf2; (A InA 0), (B InB 1));
impl_branch!(three OneOf3; (A InA 0), (B InB 1), (C InC 2));
impl_branch!(four OneOf4; (A InA 0), (B InB 1), (C InC 2), (D InD 3));
impl_branch!(five OneOf5; (A InA 0), (B InB 1), (C InC 2), (D InD 3), (E InE 4));
impl_branch!(six OneOf6; (A InA 0), (B InB 1), (C InC 2), (D InD 3), (E InE 4), (F InF 5));
impl_branch!(seven OneOf7; (A InA 0), (B InB 1), (C InC 2), (D InD 3), (E InE 4), (F InF 5), (G InG 6));
impl_branch!(eight OneOf8; (A InA 0), (B InB 1), (C InC 2), (D InD 3), (E InE 4), (F InF 5), (G InG 6), (H InH 7));
impl_branch!(nine OneOf9; (A InA 0), (B InB 1), (C InC 2), (D InD 3), (E InE 4), (F InF 5), (G InG 6), (H InH 7), (I InI 8));
impl_branch!(ten OneOf10; (A InA 0), (B InB 1), (C InC 2), (D InD 3), (E InE 4), (F InF 5), (G InG 6), (H InH 7), (I InI 8), (J InJ 9));
impl_branch!(eleven OneOf11; (A InA 0), (B InB 1), (C InC 2), (D InD 3), (E InE 4), (F InF 5), (G InG 6), (H InH 7), (I InI 8), (J InJ 9), (K InK 10));
impl_branch!(twelve OneOf12; (A InA 0), (B InB 1), (C InC 2), (D InD 3), (E InE 4), (F InF 5), (G InG 6), (H InH 7), (I InI 8), (J InJ 9), (K InK 10), (L InL 11));
