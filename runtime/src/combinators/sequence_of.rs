//! A sequence of steps that are known only at run time.

use crate::{
    Assemble, BoxAssembler, BoxRunnable, Chunks, Component, Context, Error, Keys, Node, Result, Runnable, Running,
    Step, Types, Whole,
    combinators::sequence::located_in,
    error::path::Locate,
    observe::instrument::boxed,
    reflect::registry,
    step::{
        call::{Call, Started, future_of, waits},
        locate::{Named, name_of},
    },
    util::cast::same,
};
use serde_json::Value;
use std::future::ready;

/// Boxed steps in sequence, as many as there are at run time; made by [`sequence_of`].
///
/// # Streaming
/// As the steps do: chunks pass through every step that [`boxed_stream`](crate::StepExt::boxed_stream) made. A step that
/// [`boxed`](crate::StepExt::boxed) made waits for its whole input and gives one chunk. The compiler sees no steps in it, so
/// [`assert_streams!`](crate::assert_streams) and the [policies](crate::policy) treat it as one box.
pub struct SequenceOf<T> {
    steps: Vec<BoxRunnable<T, T>>,
}

/// Creates one step of a list of steps: for a chain whose length is known only at run time.
///
/// Each step takes the output of the step before it, so all of them take and give one type. A list of no steps passes its
/// input on. Names, events, graphs and the paths of errors are those of a [`sequence`](crate::sequence()); of several steps of one
/// name, the second is called `name#2`.
///
/// A `Vec` holds values of one type, and each chain has a type of its own, so each step is [`boxed`](crate::StepExt::boxed):
///
/// ```
/// use catena::{BoxRunnable, prelude::*, sequence_of};
///
/// #[runnable]
/// fn trim(text: String) -> String { text.trim().to_owned() }
///
/// let mut steps: Vec<BoxRunnable<String, String>> = vec![trim.boxed()];
/// for mark in ["!", "?"] {
///     steps.push(chain!(String => move |text| format!("{text}{mark}")).boxed());
/// }
/// let all = chain!(String => sequence_of(steps) | |text| text.to_uppercase());
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(all.invoke(" what ".to_owned()).await?, "WHAT!?");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub fn sequence_of<T: Send + 'static>(steps: Vec<BoxRunnable<T, T>>) -> SequenceOf<T> {
    SequenceOf { steps }
}

/// The structure of its run, of which the compiler knows no step.
static SEQUENCE: Node = Node::Sequence(&[]);

impl<T> Clone for SequenceOf<T> {
    fn clone(&self) -> Self {
        SequenceOf { steps: self.steps.clone() }
    }
}

impl<T: Send + 'static> FromIterator<BoxRunnable<T, T>> for SequenceOf<T> {
    fn from_iter<I: IntoIterator<Item = BoxRunnable<T, T>>>(steps: I) -> Self {
        sequence_of(steps.into_iter().collect())
    }
}

impl<T: Send + 'static> SequenceOf<T> {
    /// Its run under observation. A sequence of one step is that step.
    fn begin(&self, input: Option<&T>, cx: &Context) -> Running {
        if self.steps.len() == 1 { Running::none() } else { Running::as_node(&SEQUENCE, self, input, cx) }
    }

    /// The contexts of all steps, in a stream under observation.
    fn contexts(&self, cx: &Context) -> Vec<Context> {
        match &*self.steps {
            [_] => vec![cx.clone()],
            steps => {
                let mut each = cx.each_step(steps.len());
                steps.iter().map(|_| each("")).collect()
            }
        }
    }

    async fn steps_observed(&self, mut input: T, cx: &Context) -> Result<T> {
        let mut child = Context::new();
        for (at, step) in self.steps.iter().enumerate() {
            match self.steps.len() {
                1 => child = cx.clone(),
                _ => cx.at_step(&mut child, at + 1, "", (at > 0).then_some(&input as _)),
            }
            input = step.call(input, &child).await.map_err(|error| self.located(error, at))?;
        }
        Ok(input)
    }

    /// The chunks of the last step, if the first one gives these.
    fn through<'a>(&'a self, mut chunks: Chunks<'a, T>, cx: impl Fn(usize) -> &'a Context) -> Chunks<'a, T> {
        let last = self.steps.len() - 1;
        for (at, step) in self.steps.iter().enumerate() {
            chunks = chunks.signed(name_of(step, ""), Some((self, at)), at == last);
            if let Some(next) = self.steps.get(at + 1) {
                chunks = next.transform_in_row(chunks, step.assembler(), cx(at + 1));
            }
        }
        chunks
    }

    fn stream_steps<'a>(&'a self, input: T, cx: impl Fn(usize) -> &'a Context) -> Chunks<'a, T> {
        match self.steps.first() {
            None => Chunks::once(ready(Ok(input))),
            Some(first) => self.through(first.call_stream(input, cx(0)), cx),
        }
    }

    fn transform_steps<'a, Up: Assemble<Output = T>>(
        &'a self,
        chunks: Chunks<'a, Up::Chunk>,
        assembler: Up,
        cx: impl Fn(usize) -> &'a Context,
    ) -> Chunks<'a, T> {
        let Some(first) = self.steps.first() else { return Chunks::once(chunks.assemble(assembler)) };
        let of_its_type = same::<BoxAssembler<T, Up::Chunk>, BoxAssembler<T, T>>();
        let chunks = match (chunks.of(), of_its_type) {
            (Ok(chunks), Some(same)) => first.transform_in_row(chunks, same(BoxAssembler::new(assembler)), cx(0)),
            (Ok(_), None) => unreachable!("a stream of chunks of a type has an assembler of that type"),
            (Err(chunks), _) => {
                let cx = cx(0);
                Chunks::open(async move { Ok(first.call_stream(chunks.assemble(assembler).await?, cx)) })
            }
        };
        self.through(chunks, cx)
    }
}

impl<T: Send + 'static> Step for SequenceOf<T> {
    const NODE: Node = Node::Opaque;

    fn keys(&self, keys: &mut Keys) {
        self.steps.iter().for_each(|step| step.keys(keys));
    }
}

impl<T: Send + 'static> Locate for SequenceOf<T> {
    #[cold]
    fn located(&self, error: Error, at: usize) -> Error {
        let steps: Vec<_> = self.steps.iter().map(|step| Named::new(step, "")).collect();
        located_in(error, &steps, at, None)
    }
}

impl<T: Send + 'static> Runnable<T> for SequenceOf<T> {
    type Output = T;
    type Chunk = T;
    type Assembler = BoxAssembler<T, T>;

    fn assembler(&self) -> Self::Assembler {
        match self.steps.last() {
            Some(last) => last.assembler(),
            None => BoxAssembler::new(Whole::default()),
        }
    }

    fn types(&self, types: &mut Types) {
        self.steps.iter().for_each(|step| step.types(types));
    }

    fn component(&self) -> Component {
        let sequence =
            Component::sequence(self.steps.iter().map(|step| ("", step.component_in_row())).collect::<Vec<_>>(), false);
        sequence.giving::<T>()
    }

    fn input_json(&self, input: &T) -> Option<Value> {
        match self.steps.first() {
            Some(first) => first.input_json(input),
            None => registry::json(input),
        }
    }

    async fn call<'a>(&'a self, input: T, cx: &'a Context) -> Result<T> {
        if !cx.is_observed() {
            return future_of(self, input, cx).await;
        }
        boxed(move || async move {
            let run = self.begin(Some(&input), cx);
            let cx = run.context(cx);
            run.drive(self.steps_observed(input, cx)).await
        })
        .await
    }

    fn start<'a>(&'a self, mut input: T, cx: &'a Context) -> Started<impl Call<'a, Self, T>, T> {
        waits(async move {
            for (at, step) in self.steps.iter().enumerate() {
                input = future_of(step, input, cx).await.map_err(|error| self.located(error, at))?;
            }
            Ok(input)
        })
    }

    fn call_stream<'a>(&'a self, input: T, cx: &'a Context) -> Chunks<'a, T>
    where
        T: 'a,
    {
        if cx.is_observed() {
            return Chunks::generate(move |out| async move {
                let run = self.begin(Some(&input), cx);
                let contexts = self.contexts(run.context(cx));
                run.forward(self.stream_steps(input, |at| &contexts[at]), self.assembler(), &out).await
            });
        }
        self.stream_steps(input, |_| cx)
    }

    fn transform<'a, Up>(
        &'a self,
        chunks: Chunks<'a, Up::Chunk>,
        assembler: Up,
        cx: &'a Context,
    ) -> Chunks<'a, Self::Chunk>
    where
        Up: Assemble<Output = T>,
        T: 'a,
    {
        let chunks = chunks.entering();
        if cx.is_observed() {
            return Chunks::generate(move |out| async move {
                let chunks = chunks.begun().await;
                let run = self.begin(None, cx);
                let contexts = self.contexts(run.context(cx));
                let chunks = self.transform_steps(chunks, assembler, |at| &contexts[at]);
                run.forward(chunks, self.assembler(), &out).await
            });
        }
        self.transform_steps(chunks, assembler, |_| cx)
    }
}
