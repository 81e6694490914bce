//! One step after another: the output of each is the input of the next.
//!
//! | file | contents |
//! |---|---|
//! | [`call`] | the steps of a call, polled in place |

mod call;

use crate::{
    Assemble, Chunks, Component, Context, Error, Node, Result, Runnable, Running, Step, Types,
    error::{Segment, path::Locate},
    node::Part,
    observe::instrument::boxed,
    step::{
        call::{Call, Started, future_of, future_of_ref},
        locate::{Named, name_of},
        outcome::{MapOutcome, mapped},
        runnable::Delegate,
    },
    stream::typed::Piped,
    util::labels::{Labels, LabelsOf, name_at},
};
use serde_json::Value;
use std::{any::Any, marker::PhantomData};

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

/// Steps in sequence, without a macro: a tuple of one to twelve. [`sequence_of`](crate::sequence_of) takes a `Vec` of boxed
/// steps.
pub const fn sequence<T>(steps: T) -> Sequence<T> {
    Sequence { steps, names: PhantomData }
}

impl<T, X, const AT: usize> Sequence<T, X, AT> {
    /// With the words of a `chain!`, from position `AT` on.
    pub const fn at(_: LabelsOf<X>, steps: T) -> Self {
        Sequence { steps, names: PhantomData }
    }
}

/// The position of the words of a sequence whose steps are groups of the steps that are written.
const NO_WORDS: usize = 1 << 20;

/// How many of the steps that are written are in a group, or in a group of groups.
fn steps_of_group(node: &Node) -> usize {
    match node {
        Node::Sequence(parts) if parts.iter().all(|part| part.label.is_empty()) => {
            parts.iter().map(|part| steps_of_group(&part.node)).sum()
        }
        Node::Sequence(parts) => parts.len(),
        _ => 1,
    }
}

/// What it does under observation.
impl<T, X, const AT: usize> Sequence<T, X, AT> {
    /// Its run. A sequence of one step is that step, and a part of a longer one is part of its run.
    fn begin<I: Send>(&self, input: &I, cx: &Context) -> Running
    where
        Self: Runnable<I>,
    {
        if Self::is_part(cx) { Running::none() } else { Running::around(self, input, cx) }
    }

    fn begin_stream<I: Send>(&self, cx: &Context) -> Running
    where
        Self: Runnable<I>,
    {
        if Self::is_part(cx) { Running::none() } else { Running::around_stream(self, cx) }
    }

    fn is_part(cx: &Context) -> bool
    where
        Self: Step,
    {
        matches!(Self::NODE, Node::Sequence([_])) || cx.is_inline()
    }

    /// Makes `child`, the context of the step before, that of one of its steps.
    fn context(child: &mut Context, cx: &Context, step: usize, of: usize, label: &'static str, input: Option<&dyn Any>)
    where
        Self: Step,
    {
        if AT == NO_WORDS {
            *child = cx.at_group(Self::steps_before(step)).unwrap_or_default();
        } else if of == 1 && !cx.is_inline() {
            *child = cx.labelled(label).unwrap_or_default();
        } else {
            cx.at_step(child, step + 1, label, input);
        }
    }

    /// How many steps there are in the groups before this one.
    fn steps_before(group: usize) -> usize
    where
        Self: Step,
    {
        let Node::Sequence(groups) = Self::NODE else { return 0 };
        groups.iter().take(group).map(|group| steps_of_group(&group.node)).sum()
    }

    /// The contexts of all its steps, in a stream.
    fn contexts<const N: usize>(labels: [&'static str; N], cx: &Context) -> [Context; N]
    where
        Self: Step,
    {
        if AT == NO_WORDS {
            let mut group = 0..;
            return labels.map(|_| {
                let before = group.next().map_or(0, Self::steps_before);
                cx.at_group(before).unwrap_or_default()
            });
        }
        if N == 1 && !cx.is_inline() {
            return labels.map(|label| cx.labelled(label).unwrap_or_default());
        }
        cx.at_steps(labels)
    }
}

impl<T: Clone, X, const AT: usize> Clone for Sequence<T, X, AT> {
    fn clone(&self) -> Self {
        Sequence { steps: self.steps.clone(), names: PhantomData }
    }
}

/// Puts the step at this place of a sequence into the path of its error, with a number if a step before has the same name.
///
/// `groups` is the structure of a sequence whose steps are groups of the steps that are written.
#[cold]
pub(super) fn located_in(error: Error, steps: &[Named<'_>], at: usize, groups: Option<&'static Node>) -> Error {
    if let Some(Node::Sequence(groups)) = groups {
        return in_group(error, groups, at);
    }
    let Some(name) = steps[at].name() else { return error };
    match steps[..at].iter().filter(|step| step.name() == Some(name)).count() {
        0 => steps[at].locate(error),
        before => error.at(Segment::Step(format!("{name}#{}", before + 1).into())),
    }
}

/// How many steps of this name are written in a group, or in a group of groups. Names that are given when it runs do not
/// count.
#[cold]
fn written(node: &Node, name: &str) -> usize {
    match node {
        Node::Sequence(parts) if parts.iter().all(|part| part.label.is_empty()) => {
            parts.iter().map(|part| written(&part.node, name)).sum()
        }
        Node::Sequence(parts) => parts.iter().filter(|part| part.node.name().unwrap_or(part.label) == name).count(),
        _ => 0,
    }
}

/// The error of a step of a group, which has a number if a step of that name stands in a group before.
#[cold]
fn in_group(error: Error, groups: &[Part], at: usize) -> Error {
    let Some(Segment::Step(step)) = error.segments().next() else { return error };
    let (name, number) = match step.rsplit_once('#') {
        Some((name, number)) => (name, number.parse().unwrap_or(1)),
        None => (&**step, 1),
    };
    match groups.iter().take(at).map(|group| written(&group.node, name)).sum::<usize>() {
        0 => error,
        before => {
            let segment = Segment::Step(format!("{name}#{}", number + before).into());
            error.with_outermost(segment)
        }
    }
}

/// A sequence of one step is that step.
impl<A: Step, X: Labels, const AT: usize> Sequence<(A,), X, AT> {
    /// Returns the context of its step, if that is another one.
    fn alone(&self, cx: &Context) -> Option<Context> {
        if !cx.is_observed() {
            return None;
        }
        if AT == NO_WORDS {
            return cx.at_group(0);
        }
        let label = name_at::<X>(AT);
        if cx.is_inline() {
            let mut child = Context::new();
            cx.at_step(&mut child, 1, label, None);
            return Some(child);
        }
        // One that knows its name needs nothing around it.
        if const { A::NODE.name().is_some() } || self.steps.0.name().is_some() { None } else { cx.labelled(label) }
    }
}

impl<A, X, const AT: usize> Delegate for Sequence<(A,), X, AT> {
    type To = A;
    fn inner(&self) -> &A {
        &self.steps.0
    }
}

impl<A: Step, X: Labels, const AT: usize, O> MapOutcome<O> for Sequence<(A,), X, AT> {
    type Mapped = O;

    #[inline]
    fn map_outcome(&self, outcome: Result<O>) -> Result<O> {
        outcome.map_err(|error| self.located(error, 0))
    }
}

/// The output of a step.
type Out<S, In> = <S as Runnable<In>>::Output;

macro_rules! impl_sequence {
    // Writes the input of each step as a type: the output of the step before. Outputs are no parameters of the impl, for the compiler
    // makes new parameters each time that it selects an impl. Until the input is inferred, it would select the impls of nested
    // sequences again for each parameter, which is twice as often with each level.
    ($module:ident; $A:ident $($S:ident)*; $($rest:tt)*) => { impl_sequence!(@inputs $module [] [$A [I] 0] [$($S)*] [1 2 3 4 5 6 7 8 9 10 11]; $($rest)*); };
    // As tokens: an editor does not take a type that was matched as one for a single token.
    (@inputs $module:ident [$($before:tt)*] [$A:ident [$($In:tt)*] $at:tt] [$B:ident $($S:ident)*] [$next:tt $($then:tt)*]; $($rest:tt)*) => {
        impl_sequence!(@inputs $module [$($before)* $A [$($In)*] $at,] [$B [Out<$A, $($In)*>] $next] [$($S)*] [$($then)*]; $($rest)*);
    };
    (@inputs $module:ident [$($before:tt)*] [$Last:ident [$($LastIn:tt)*] $at:tt] [] $then:tt; $($rest:tt)*) => {
        impl_sequence!(@impl $module; $($before)* $Last [$($LastIn)*] $at; $Last [$($LastIn)*]; $($rest)*);
    };

    (@impl $module:ident; $($Step:ident [$($In:tt)*] $at:tt),* ; $Last:ident [$($LastIn:tt)*]; $($rest:tt)*) => {
        impl<$($Step: Step,)* X: Labels, const AT: usize> Step for Sequence<($($Step,)*), X, AT> {
            const NODE: Node =
                Node::Sequence(&[$(Part { label: name_at::<X>(AT + $at), node: $Step::NODE }),*]);

            fn keys(&self, keys: &mut crate::Keys) {
                $(self.steps.$at.keys(keys);)*
            }
        }

        impl<$($Step: Step,)* X: Labels, const AT: usize> Locate for Sequence<($($Step,)*), X, AT> {
            #[cold]
            fn located(&self, error: Error, at: usize) -> Error {
                let groups = if AT == NO_WORDS { Some(const { &Self::NODE }) } else { None };
                located_in(error, &[$(Named::new(&self.steps.$at, name_at::<X>(AT + $at))),*], at, groups)
            }
        }

        impl<I: Send, $($Step,)* X: Labels, const AT: usize> Runnable<I>
            for Sequence<($($Step,)*), X, AT>
        where
            $($Step: Runnable<$($In)*>,)*
        {
            type Output = <$Last as Runnable<$($LastIn)*>>::Output;
            type Chunk = <$Last as Runnable<$($LastIn)*>>::Chunk;
            type Assembler = <$Last as Runnable<$($LastIn)*>>::Assembler;

            fn assembler(&self) -> Self::Assembler {
                impl_sequence!(@last_assembler self $($Step [$($In)*] $at),*)
            }

            fn types(&self, types: &mut Types) {
                $(Runnable::<$($In)*>::types(&self.steps.$at, types);)*
            }

            fn component(&self) -> Component {
                let steps = [$((name_at::<X>(AT + $at), Runnable::<$($In)*>::component(&self.steps.$at))),*];
                Component::sequence(steps, AT == NO_WORDS)
            }

            fn input_json(&self, input: &I) -> Option<Value> {
                Runnable::<I>::input_json(&self.steps.0, input)
            }

            async fn call<'a>(&'a self, input: I, cx: &'a Context) -> Result<Self::Output> {
                impl_sequence!(@call self call future_of input (&input) cx [$($at),*] $($rest)*)
            }

            async fn call_ref<'a>(&'a self, input: &'a I, cx: &'a Context) -> Result<Self::Output>
            where
                I: Clone + Sync,
            {
                impl_sequence!(@call self call_ref future_of_ref input (input) cx [$($at),*] $($rest)*)
            }

            #[inline]
            fn start<'a>(
                &'a self,
                input: I,
                cx: &'a Context,
            ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
                impl_sequence!(@start self start input cx $module $($rest)*)
            }

            #[inline]
            fn start_ref<'a>(
                &'a self,
                input: &'a I,
                cx: &'a Context,
            ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
            where
                I: Clone + Sync,
            {
                impl_sequence!(@start self start_ref input cx $module $($rest)*)
            }

            fn call_stream<'a>(&'a self, input: I, cx: &'a Context) -> Chunks<'a, Self::Chunk>
            where
                I: 'a,
            {
                if cx.is_observed() {
                    return Chunks::generate(move |out| async move {
                        let run = self.begin(&input, cx);
                        let contexts = Self::contexts([$(name_at::<X>(AT + $at)),*], run.context(cx));
                        let at = |step: usize| &contexts[step];
                        let chunks = impl_sequence!(@stream [call_stream transform] self input at $($Step [$($In)*] $at),*);
                        run.forward(chunks, Runnable::<I>::assembler(self), &out).await
                    });
                }
                let at = |_| cx;
                impl_sequence!(@stream [stream_unobserved transform_unobserved] self input at $($Step [$($In)*] $at),*)
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
                if cx.is_observed() {
                    return Chunks::generate(move |out| async move {
                        let chunks = chunks.begun().await;
                        let run = self.begin_stream(cx);
                        let contexts = Self::contexts([$(name_at::<X>(AT + $at)),*], run.context(cx));
                        let at = |step: usize| &contexts[step];
                        let chunks = impl_sequence!(@transform [transform] self chunks assembler at $($Step [$($In)*] $at),*);
                        run.forward(chunks, Runnable::<I>::assembler(self), &out).await
                    });
                }
                let at = |_| cx;
                impl_sequence!(@transform [transform_unobserved] self chunks assembler at $($Step [$($In)*] $at),*)
            }
        }
    };

    (@call $self:ident $call:ident $future_of:ident $input:ident ($looked_at:expr) $cx:ident [$at:tt] alone) => {{
        let child = $self.alone($cx);
        match $self.steps.0.$call($input, child.as_ref().unwrap_or($cx)).await {
            Ok(output) => Ok(output),
            Err(error) => Err($self.located(error, 0)),
        }
    }};
    (@call $self:ident $call:ident $future_of:ident $input:ident ($looked_at:expr) $cx:ident [$($at:tt),*]) => {{
        if !$cx.is_observed() {
            return $future_of($self, $input, $cx).await;
        }
        // Boxed for the reason that `observed_call` gives.
        boxed(move || async move {
            let run = $self.begin($looked_at, $cx);
            let $cx = run.context($cx);
            run.drive(async move { impl_sequence!(@observed $self $call $input $cx $($at),*) }).await
        })
        .await
    }};

    (@observed $self:ident $call:ident $input:ident $cx:ident $first:tt $(, $at:tt)*) => {{
        const STEPS: usize = [$first $(, $at)*].len();
        let label = name_at::<X>(AT + $first);
        let mut child = Context::new();
        Self::context(&mut child, $cx, $first, STEPS, label, None);
        let input = match $self.steps.$first.$call($input, &child).await {
            Ok(output) => output,
            Err(error) => return Err($self.located(error, $first)),
        };
        $(
            let label = name_at::<X>(AT + $at);
            Self::context(&mut child, $cx, $at, STEPS, label, Some(&input));
            let input = match $self.steps.$at.call(input, &child).await {
                Ok(output) => output,
                Err(error) => return Err($self.located(error, $at)),
            };
        )*
        Ok(input)
    }};

    (@last_assembler $self:ident $S:ident [$($In:tt)*] $at:tt) => { Runnable::<$($In)*>::assembler(&$self.steps.$at) };
    (@last_assembler $self:ident $S:ident [$($In:tt)*] $at:tt, $($rest:tt)*) => { impl_sequence!(@last_assembler $self $($rest)*) };

    // A step alone needs nothing but its place in errors.
    (@start $self:ident $start:ident $input:ident $cx:ident $module:ident alone) => {
        mapped($self, $self.steps.0.$start($input, $cx))
    };
    (@start $self:ident $start:ident $input:ident $cx:ident $module:ident) => {
        call::$module::start($self, $self.steps.0.$start($input, $cx), $cx)
    };

    (@stream [$stream:ident $transform:ident] $self:ident $input:ident $cx:ident $S:ident [$($In:tt)*] $first:tt $(, $($rest:tt)*)?) => {{
        let step = &$self.steps.$first;
        let chunks = Runnable::<$($In)*>::$stream(step, $input, $cx($first));
        impl_sequence!(@pipe $transform $self chunks $cx step [$S [$($In)*] $first] $($($rest)*)?)
    }};
    (@transform [$transform:ident] $self:ident $chunks:ident $assembler:ident $cx:ident $S:ident [$($In:tt)*] $first:tt $(, $($rest:tt)*)?) => {{
        let step = &$self.steps.$first;
        let chunks = Runnable::<$($In)*>::$transform(step, $chunks, $assembler, $cx($first));
        impl_sequence!(@pipe $transform $self chunks $cx step [$S [$($In)*] $first] $($($rest)*)?)
    }};
    // The last step's errors go up to the level above; the others' must not be signed by the steps they pass through.
    (@pipe $transform:ident $self:ident $chunks:ident $cx:ident $step:ident [$S:ident [$($In:tt)*] $at:tt]) => {
        $chunks.signed(name_of($step, name_at::<X>(AT + $at)), Some(($self, $at)), true).chunks()
    };
    (@pipe $transform:ident $self:ident $chunks:ident $cx:ident $step:ident [$P:ident [$($PIn:tt)*] $pat:tt] $S:ident [$($In:tt)*] $at:tt $(, $($rest:tt)*)?) => {{
        let chunks = $chunks.signed(name_of($step, name_at::<X>(AT + $pat)), Some(($self, $pat)), false);
        let chunks = impl_sequence!(@pause $pat chunks);
        let assembler = Runnable::<$($PIn)*>::assembler($step);
        let step = &$self.steps.$at;
        let chunks = Runnable::<$($In)*>::$transform(step, chunks, assembler, $cx($at));
        impl_sequence!(@pipe $transform $self chunks $cx step [$S [$($In)*] $at] $($($rest)*)?)
    }};

    // A pointer after every fourth step, so that the types of long sequences stay as short as the compiler wants them.
    (@pause 3 $chunks:ident) => { $chunks.chunks() };
    (@pause 7 $chunks:ident) => { $chunks.chunks() };
    (@pause $at:tt $chunks:ident) => { $chunks };
}

impl_sequence!(one; A; alone);
impl_sequence!(two; A B;);
impl_sequence!(three; A B C;);
impl_sequence!(four; A B C D;);
impl_sequence!(five; A B C D E;);
impl_sequence!(six; A B C D E F;);
impl_sequence!(seven; A B C D E F G;);
impl_sequence!(eight; A B C D E F G H;);
impl_sequence!(nine; A B C D E F G H J;);
impl_sequence!(ten; A B C D E F G H J K;);
impl_sequence!(eleven; A B C D E F G H J K L;);
impl_sequence!(twelve; A B C D E F G H J K L M;);
