//! A pause until there is an answer.

use crate::{
    error::JournalError,
    journal::type_name,
    record::outcome,
    run::{
        active::Active,
        names::{self, Named},
    },
    step::{Input, Output},
};
use catena::{Chunks, Component, Context, Kind, Node, Result, Runnable, Running, Step, Types, Whole};
use std::{borrow::Cow, fmt, marker::PhantomData};

/// Returns a step that waits for an answer of the type `T`. The run ends, with an error of the kind
/// [`Paused`](catena::ErrorKind::Paused), and its state is kept. After [`Journal::answer`](crate::Journal::answer), days later and in
/// another process, the next invocation goes on with the answer.
///
/// The input is kept, too: it is what the answer is about ([`Journal::inspect`](crate::Journal::inspect)). An answer to another
/// input is not used.
///
/// No retry, fallback or settled field takes the pause for a failure. In a parallel map the other branches are stopped as by an
/// error; what of them has finished is kept.
///
/// ```
/// use catena::prelude::*;
/// use catena_durable::{DurableExt, pause};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Approval { by: String, granted: bool }
///
/// #[runnable]
/// async fn draft(order: String) -> String { format!("Dear Sir, {order}") }
/// #[runnable]
/// async fn send(letter: String, approval: Approval) -> String {
///     if approval.granted { format!("sent: {letter}") } else { format!("refused by {}", approval.by) }
/// }
///
/// let chain = chain!(String => draft.durable("draft/1")
///     | <letter: _, approval: pause::<Approval>("manager")>
///     | send.durable("send/1"));
/// # let _ = chain;
/// ```
pub fn pause<T: Output + Send + 'static>(name: impl Into<Cow<'static, str>>) -> Pause<T> {
    Pause { name: name.into(), answer: PhantomData }
}

/// A step that waits for an answer; created by [`pause`].
pub struct Pause<T> {
    name: Cow<'static, str>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for Pause<T> {
    fn clone(&self) -> Self {
        Pause { name: self.name.clone(), answer: PhantomData }
    }
}

impl<T> fmt::Debug for Pause<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pause").field(&self.name).finish()
    }
}

impl<T> Step for Pause<T> {
    const NODE: Node = Node::leaf("pause", Kind::Function);

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl<In: Input + Send, T: Output + Send + 'static> Runnable<In> for Pause<T> {
    type Output = T;
    type Chunk = T;
    type Assembler = Whole<T>;

    fn assembler(&self) -> Whole<T> {
        Whole::default()
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<T>();
    }

    fn component(&self) -> Component {
        let mut component = Component::of::<In, Self>(self);
        names::add(&mut component, Named::Step(&self.name));
        component
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<T> {
        let run = Running::begin(self, &input, cx);
        let inside = run.context(cx);
        run.drive(self.wait(input, inside)).await
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, T>
    where
        In: 'a,
    {
        catena::__private::stream_whole(self, input, cx)
    }
}

impl<T: Output> Pause<T> {
    async fn wait<In: Input>(&self, input: In, cx: &Context) -> Result<T> {
        let Some(active) = Active::of(cx) else {
            return Err(JournalError::NoJournal { name: self.name.clone().into_owned() }.into());
        };
        let json = serde_json::to_value(&input);
        drop(input);
        let (key, answer) = active.wait(&self.name, cx, &type_name::of::<T>(), json, None).await?;
        match serde_json::from_str(&answer) {
            Ok(answer) => Ok(answer),
            Err(error) => {
                // Of a type that has changed since: it is asked again.
                active.unanswer(&key).await?;
                Err(outcome::unreadable(&key, &error))
            }
        }
    }
}
