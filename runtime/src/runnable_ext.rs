//! The ways to run a chain: `invoke`, `invoke_with`, `invoke_blocking`, `batch`, `stream`.

#[cfg(feature = "schema")]
use crate::reflect::registry;
use crate::{
    Batch, BatchInputs, Chunks, Config, Context, Events, Graph, Manifest, Result, Runnable,
    batch::{AllOrError, AsCompleted, InOrder},
    error::path::locate,
    graph, manifest,
    run::{
        blocking,
        deadline::run_until_stopped,
        lifecycle::{begin, end},
        root::{EMPTY, root, stream_to},
    },
    step::{call::called, invoke::invoke, locate::name_of},
};
use futures_core::Stream;
use futures_util::stream::{Iter, iter};
use std::{future::Future, pin::Pin, sync::Arc};

/// The ways to run a step or a chain.
///
/// ```
/// use catena::prelude::*;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let shout = chain!(String => |text| text.to_uppercase());
/// assert_eq!(shout.invoke("hey".to_owned()).await?, "HEY");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub trait RunnableExt<In: Send>: Runnable<In> {
    /// Runs the chain on an input. The call allocates nothing of its own. Dropping its future stops everything that runs
    /// under it.
    ///
    /// # Errors
    /// The error of the step that failed, with its path.
    fn invoke(&self, input: In) -> impl Future<Output = Result<Self::Output>> + Send {
        invoke(self, input)
    }

    /// Runs the chain with settings: tags, a deadline, typed extensions.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    /// use std::time::Duration;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let sleepy = chain!(u32 => |n| { tokio::time::sleep(Duration::from_secs(60)).await; n });
    /// let config = Config::new().run_name("nap").deadline(Duration::from_millis(10));
    /// let error = sleepy.invoke_with(1, config).await.unwrap_err();
    /// assert_eq!(error.to_string(), "nap: the run's deadline of 10ms has passed");
    /// # });
    /// ```
    ///
    /// # Errors
    /// The error of the step that failed, or [`ErrorKind::Deadline`](crate::ErrorKind::Deadline).
    fn invoke_with(&self, input: In, config: Config) -> impl Future<Output = Result<Self::Output>> + Send {
        async move {
            begin(&config, self).await?;
            let cx = root(self, &input, &config);
            let name = config.run_name.as_deref().or_else(|| name_of(self, ""));
            let outcome = run_until_stopped(&EMPTY, &cx, &config, called(self, input, &cx))
                .await
                .map_err(|error| locate(error, name));
            end(&config, outcome.as_ref().err()).await;
            outcome
        }
    }

    /// Runs the step from code that is not async: waits for the output, on a runtime of Catena's own.
    ///
    /// It is for programs without an async runtime, and for threads that may block: those of `#[runnable(blocking)]` steps
    /// and of `tokio::task::spawn_blocking`. It is a run of its own. In a step, use
    /// [`call_blocking`](Self::call_blocking) to go on with the run that the step is in.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// let length = chain!(String => |text| text.len());
    /// assert_eq!(length.invoke_blocking("four".to_owned())?, 4);
    /// # Ok::<(), catena::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `invoke`, and [`ErrorKind::BadInput`](crate::ErrorKind::BadInput) on a thread that polls async code, which it would block.
    fn invoke_blocking(&self, input: In) -> Result<Self::Output> {
        blocking::wait("invoke_blocking", self.invoke(input))
    }

    /// Calls the step from a blocking step, as part of the current run: with its observers, its limits and its settings. The call
    /// ends when the run is cancelled, when its deadline passes, and when the call of the blocking step is dropped.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// async fn ask(question: String) -> String { format!("{question} Yes.") }
    ///
    /// #[runnable(blocking)]
    /// fn convince(question: String, cx: &Context) -> catena::Result<String> {
    ///     // Code that blocks, such as a database client without async, may stand here.
    ///     ask.call_blocking(question, cx)
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(convince.invoke("Ready?".to_owned()).await?, "Ready? Yes.");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Those of [`call`](Runnable::call), and [`ErrorKind::BadInput`](crate::ErrorKind::BadInput) on a thread that polls async code, which it would block.
    fn call_blocking(&self, input: In, cx: &Context) -> Result<Self::Output> {
        blocking::wait("call_blocking", blocking::within(cx, self.call(input, cx)))
    }

    /// Returns the JSON Schema of the output, if its type, or the types of its fields, derive `schemars::JsonSchema` or are of
    /// the standard library. Requires the feature `schema`.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// fn words(text: &str) -> u32 { text.split_whitespace().count() as u32 }
    ///
    /// let chain = chain!(String => <words: words, text: _>);
    /// let schema = chain.output_schema().unwrap();
    /// assert_eq!(schema["properties"]["words"]["format"], "uint32");
    /// assert_eq!(chain.input_schema().unwrap()["type"], "string");
    /// ```
    #[cfg(feature = "schema")]
    fn output_schema(&self) -> Option<serde_json::Value> {
        registry::learn(&mut |types| self.types(types));
        registry::schema_of::<Self::Output>()
    }

    /// Returns the JSON Schema of the input; see [`output_schema`](Self::output_schema).
    #[cfg(feature = "schema")]
    fn input_schema(&self) -> Option<serde_json::Value>
    where
        In: 'static,
    {
        registry::learn(&mut |types| self.types(types));
        registry::schema_of::<In>()
    }

    /// Draws the chain, with the types between the steps, and with the attempts, limits, models and boxed steps that only its
    /// values know. Nothing runs, and [`lazy`](crate::lazy) steps are not built.
    ///
    /// A chain that takes any record, or a step that takes several types, is asked for one of them:
    /// `chain!(Question => chain).graph()`.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// fn words(text: &str) -> usize { text.split_whitespace().count() }
    ///
    /// let chain = chain!(String => words | |n| n * 2);
    /// assert_eq!(chain.graph().text(), "String ─▶ words ─ usize ─▶ |n| ─▶ usize\n");
    /// assert!(chain.graph().mermaid().contains("flowchart LR"));
    /// ```
    fn graph(&self) -> Graph {
        graph::of_chain(self)
    }

    /// Returns the chain as data: the kinds, names and settings of its steps. Secrets are marked and left out. It is meant for
    /// audits, for other languages, and for a [comparison](Manifest::difference) of two versions.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// let json = double.retry(3).manifest().json();
    /// assert_eq!(json["id"][3], "RunnableRetry");
    /// assert_eq!(json["kwargs"]["max_attempt_number"], 3);
    /// assert_eq!(json["kwargs"]["bound"]["name"], "double");
    /// ```
    fn manifest(&self) -> Manifest {
        manifest::of_chain(self)
    }

    /// Returns the events of a run as they occur: starts, chunks, ends and errors of all steps, with inputs and outputs as JSON
    /// if their types are `Serialize`. The run is that of [`stream`](Self::stream).
    ///
    /// ```
    /// use catena::prelude::*;
    /// use futures_util::TryStreamExt;
    ///
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let events: Vec<_> = double.events(21).try_collect().await?;
    /// let names: Vec<_> = events.iter().map(|event| event.event()).collect();
    /// assert_eq!(names, ["on_chain_start", "on_chain_stream", "on_chain_end"]);
    /// assert_eq!(events[2].output(), Some(&42.into()));
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn events<'a>(&'a self, input: In) -> Events<'a>
    where
        In: 'a,
    {
        Events::new(self, input)
    }

    /// Returns the events of a run as JSON Patch operations that build a log of it, like LangChain's `astream_log`; see
    /// [`RunLog`](crate::RunLog). Requires the feature `run-log`.
    #[cfg(feature = "run-log")]
    fn run_log<'a>(&'a self, input: In) -> crate::RunLog<'a>
    where
        In: 'a,
    {
        crate::RunLog::new(self, input)
    }

    /// Returns the [`events`](Self::events) of a run of a shared chain. The stream owns the chain and the input and borrows
    /// nothing, so that it can be the body of an HTTP response: server-sent events of an axum handler, for example.
    ///
    /// Tokens and the starts and ends of steps come from one run, in one stream, in order. The last event of a run is the
    /// end of the chain itself, with the output if its type can be written as JSON. Dropping the stream cancels the run.
    ///
    /// ```
    /// use catena::{Events, prelude::*};
    /// use futures_util::{StreamExt, TryStreamExt};
    /// use std::sync::Arc;
    ///
    /// #[runnable]
    /// async fn answer(question: &str) -> String { format!("{question} Yes.") }
    ///
    /// // What an axum handler returns, inside of `Sse::new(..)`.
    /// fn respond<R: Runnable<String> + 'static>(chain: &Arc<R>, question: String) -> Events<'static> {
    ///     chain.events_owned(question).capacity(16)
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let chain = Arc::new(chain!(String => answer | |text| text.to_uppercase()));
    /// let events: Vec<_> = tokio::spawn(respond(&chain, "Ready?".to_owned()).try_collect()).await.unwrap()?;
    /// let last: &catena::Event = events.last().unwrap();
    /// assert_eq!((last.event(), last.output()), ("on_chain_end", Some(&"READY? YES.".into())));
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn events_owned(self: &Arc<Self>, input: In) -> Events<'static>
    where
        In: 'static,
        Self: 'static,
    {
        Events::owned(Arc::clone(self), input)
    }

    /// Returns the [`events_owned`](Self::events_owned) of a run with settings, as for [`stream_with`](Self::stream_with).
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    /// use futures_util::TryStreamExt;
    /// use std::sync::Arc;
    ///
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let config = Config::new().run_name("request").tag("web");
    /// let mut events = Arc::new(double).events_owned_with(21, config);
    /// let start = events.try_next().await?.unwrap();
    /// assert_eq!((start.event(), start.name(), start.run.has_tag("web")), ("on_chain_start", "request", true));
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn events_owned_with(self: &Arc<Self>, input: In, config: Config) -> Events<'static>
    where
        In: 'static,
        Self: 'static,
    {
        self.events_owned(input).with(config)
    }

    /// Returns the [`run_log`](Self::run_log) of a run of a shared chain. As [`events_owned`](Self::events_owned), the stream
    /// owns the chain and the input and borrows nothing. Requires the feature `run-log`.
    ///
    /// ```
    /// use catena::{RunLog, prelude::*};
    /// use futures_util::TryStreamExt;
    /// use std::sync::Arc;
    ///
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let log: RunLog<'static> = Arc::new(double).run_log_owned(21);
    /// let patches: Vec<_> = tokio::spawn(log.try_collect()).await.unwrap()?;
    /// let mut state = serde_json::Value::Null;
    /// for patch in &patches {
    ///     json_patch::patch(&mut state, patch).unwrap();
    /// }
    /// assert_eq!(state["final_output"], 42);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    #[cfg(feature = "run-log")]
    fn run_log_owned(self: &Arc<Self>, input: In) -> crate::RunLog<'static>
    where
        In: 'static,
        Self: 'static,
    {
        crate::RunLog::owned(Arc::clone(self), input)
    }

    /// Returns the [`run_log_owned`](Self::run_log_owned) of a run with settings. Requires the feature `run-log`.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    /// use futures_util::TryStreamExt;
    /// use std::sync::Arc;
    ///
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut log = Arc::new(double).run_log_owned_with(21, Config::new().run_name("request"));
    /// let mut state = serde_json::Value::Null;
    /// json_patch::patch(&mut state, &log.try_next().await?.unwrap()).unwrap();
    /// assert_eq!(state["name"], "request");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    #[cfg(feature = "run-log")]
    fn run_log_owned_with(self: &Arc<Self>, input: In, config: Config) -> crate::RunLog<'static>
    where
        In: 'static,
        Self: 'static,
    {
        self.run_log_owned(input).with(config)
    }

    /// Runs the chain on many inputs, and returns all results in the order of the inputs. A failed input is an error in its
    /// place, with its index in the path. See [`Batch`] for settings. Without a limit, all inputs run concurrently.
    ///
    /// A panic in one item is a panic of the whole batch, as of any Rust code, and the other results are lost. In a batch of
    /// a [spawned](crate::StepExt::spawned) step it is the error of that item.
    ///
    /// Retries are made per item: `chain.retry(3).batch(inputs)`.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// let parse = chain!(&str => |text| text.parse::<u32>()?);
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let results = parse.batch(["1", "two", "3"]).await;
    /// assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 2);
    /// assert_eq!(results[1].as_ref().unwrap_err().path(), "[1].|text|");
    /// # });
    /// ```
    fn batch<I: BatchInputs<In, How>, How>(&self, inputs: I) -> Batch<'_, Self, In, Iter<I::Iter>, InOrder> {
        Batch::in_order(self, iter(inputs.inputs()))
    }

    /// Runs the chain on many inputs, and returns all outputs in the order of the inputs. The first failure in time stops the
    /// rest and is the error, with the input's index in its path. See [`Batch`] for settings. Without a limit, all inputs run
    /// concurrently.
    ///
    /// A panic in one item is a panic of the whole batch, unless the step is [spawned](crate::StepExt::spawned).
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// let parse = chain!(&str => |text| text.parse::<u32>()?);
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(parse.try_batch(["1", "2"]).max_concurrency(10).await?, [1, 2]);
    /// assert!(parse.try_batch(["1", "two"]).await.is_err());
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn try_batch<I: BatchInputs<In, How>, How>(&self, inputs: I) -> Batch<'_, Self, In, Iter<I::Iter>, AllOrError> {
        Batch::all_or_error(self, iter(inputs.inputs()))
    }

    /// Runs the chain on many inputs, and returns a stream of the results in the order of completion, each with the index of
    /// its input. See [`Batch`] for settings.
    ///
    /// A panic in one item is a panic of the task that reads the stream, unless the step is
    /// [spawned](crate::StepExt::spawned).
    ///
    /// An input is taken only when it can start, so that a million inputs need no memory. Without a limit,
    /// [64](crate::STREAMED_CONCURRENCY) run concurrently.
    ///
    /// The items run only while the stream is read. If the loop that reads it waits for something else, all of them stand still,
    /// their timeouts go on, and a permit of a semaphore that an item holds stays taken. So do not wait for such a permit in
    /// the loop: it would never come. Items of a [spawned](crate::StepExt::spawned) step go on meanwhile.
    ///
    /// ```
    /// use catena::prelude::*;
    /// use futures_util::StreamExt;
    ///
    /// let double = chain!(u32 => |n| n * 2);
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut results = double.batch_as_completed(0..1_000_000).max_concurrency(10).take(1000);
    /// while let Some((index, result)) = results.next().await {
    ///     assert_eq!(result? as usize, index * 2);
    /// }
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn batch_as_completed<I: BatchInputs<In, How>, How>(
        &self,
        inputs: I,
    ) -> Batch<'_, Self, In, Iter<I::Iter>, AsCompleted<'_, Self::Output>> {
        Batch::as_completed(self, iter(inputs.inputs()))
    }

    /// Runs the chain on the inputs of a stream; otherwise like [`batch_as_completed`](RunnableExt::batch_as_completed).
    ///
    /// ```
    /// use catena::prelude::*;
    /// use futures_util::{StreamExt, stream};
    ///
    /// let double = chain!(u32 => |n| n * 2);
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let lines = stream::iter([1, 2, 3]); // such as the lines of a file that is still being read
    /// let results: Vec<_> = double.batch_stream(lines).max_concurrency(1).collect().await;
    /// assert_eq!(results[2].1.as_ref().ok(), Some(&6));
    /// # });
    /// ```
    fn batch_stream<St>(&self, inputs: St) -> Batch<'_, Self, In, Pin<Box<St>>, AsCompleted<'_, Self::Output>>
    where
        St: Stream<Item = In>,
    {
        Batch::as_completed(self, Box::pin(inputs))
    }

    /// Returns the chunks of the output as they arrive. The stream borrows the chain. Dropping it stops everything that runs
    /// under it.
    ///
    /// A step that cannot work on chunks buffers its whole input, and so holds up the stream.
    /// [`assert_streams!`](crate::assert_streams) rejects a chain in which such a step follows one that streams.
    fn stream<'a>(&'a self, input: In) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        self.call_stream(input, &EMPTY).signed(self.name(), None, true)
    }

    /// Returns the chunks of the output as they arrive, with settings as for [`invoke_with`](Self::invoke_with). A deadline is
    /// measured from the first read.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    /// use futures_util::StreamExt;
    ///
    /// #[runnable]
    /// fn tags(_: &(), cx: &Context) -> usize { cx.tags().len() }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut chunks = tags.stream_with((), Config::new().tag("nightly"));
    /// assert_eq!(chunks.next().await.unwrap()?, 1);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn stream_with<'a>(&'a self, input: In, config: Config) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        Chunks::generate(move |out| async move { stream_to(self, input, &config, &out).await })
    }

    /// Returns the chunks of the output of a shared chain as they arrive. The stream owns the chain and borrows nothing, so that
    /// it can be the body of an HTTP response.
    ///
    /// ```
    /// use catena::{Chunks, prelude::*};
    /// use futures_util::StreamExt;
    /// use std::sync::Arc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let shout = Arc::new(chain!(String => |text| text.to_uppercase()));
    /// let chunks: Chunks<'static, String> = shout.stream_owned("hey".to_owned());
    /// drop(shout);
    /// let body = tokio::spawn(chunks.collect::<Vec<_>>());
    /// assert_eq!(body.await.unwrap()[0].as_ref().unwrap(), "HEY");
    /// # });
    /// ```
    fn stream_owned(self: &Arc<Self>, input: In) -> Chunks<'static, Self::Chunk>
    where
        In: 'static,
        Self: 'static,
    {
        let step = Arc::clone(self);
        Chunks::generate(move |out| async move { out.forward(step.stream(input)).await })
    }

    /// Returns the chunks of [`stream_owned`](Self::stream_owned), with settings as for [`stream_with`](Self::stream_with).
    fn stream_owned_with(self: &Arc<Self>, input: In, config: Config) -> Chunks<'static, Self::Chunk>
    where
        In: 'static,
        Self: 'static,
    {
        let step = Arc::clone(self);
        Chunks::generate(move |out| async move { stream_to(&*step, input, &config, &out).await })
    }
}

impl<In: Send, R: Runnable<In>> RunnableExt<In> for R {}
