//! Calls inside of a step whose outcomes are kept.

use crate::{Context, Error, Result};
use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{fmt, future::Future, sync::Arc};

/// The keeper of outcomes of calls that a step makes itself, such as those of an agent to its model and its tools.
/// `catena-durable` has one.
pub trait RecordCall: Send + Sync + 'static {
    /// Returns the outcome that was kept for this call, or does the work and keeps its outcome. The call is known by its name and
    /// its [place](Context::place).
    fn record<'a>(
        &'a self,
        name: &'a str,
        input: Value,
        cx: &'a Context,
        work: BoxFuture<'a, Result<Value>>,
    ) -> BoxFuture<'a, Result<Value>>;

    /// Returns the answer that a person gave to this question, as JSON of the type of this name. Without an answer, fails with
    /// [`ErrorKind::Paused`](crate::ErrorKind::Paused), and keeps the question. `None` if this keeper cannot keep questions, which is
    /// the default.
    fn wait<'a>(
        &'a self,
        name: &'a str,
        question: Value,
        answer_type: &'static str,
        cx: &'a Context,
    ) -> BoxFuture<'a, Result<Option<Value>>> {
        let _ = (name, question, answer_type, cx);
        Box::pin(async { Ok(None) })
    }
}

/// A [keeper](RecordCall) in the context of a step: `cx.get::<Recorder>()`.
///
/// ```
/// use catena::{Config, Context, Recorder, RecordCall, prelude::*};
/// use std::{future::Future, pin::Pin};
///
/// struct Nothing;
///
/// impl RecordCall for Nothing {
///     fn record<'a>(
///         &'a self,
///         _name: &'a str,
///         _input: serde_json::Value,
///         _cx: &'a Context,
///         work: Pin<Box<dyn Future<Output = catena::Result<serde_json::Value>> + Send + 'a>>,
///     ) -> Pin<Box<dyn Future<Output = catena::Result<serde_json::Value>> + Send + 'a>> {
///         work
///     }
/// }
///
/// #[runnable]
/// async fn measure(city: String, cx: &Context) -> catena::Result<u32> {
///     let call = async { Ok(city.len() as u32) };
///     match cx.get::<Recorder>() {
///         Some(recorder) => recorder.call("length", &city, cx, call).await,
///         None => call.await,
///     }
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let config = Config::new().with(Recorder::new(Nothing));
/// assert_eq!(measure.invoke_with("Rome".to_owned(), config).await?, 4);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Recorder(Arc<dyn RecordCall>);

impl Recorder {
    /// Creates a recorder of this keeper.
    pub fn new(keeper: impl RecordCall) -> Self {
        Recorder(Arc::new(keeper))
    }

    /// Returns the outcome that was kept for this call, or does the work and keeps its outcome.
    ///
    /// # Errors
    /// That of the work; those of the keeper; and an error if the input or the output cannot be written or read as JSON.
    pub async fn call<I, T>(
        &self,
        name: &str,
        input: &I,
        cx: &Context,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T>
    where
        I: Serialize + Sync + ?Sized,
        T: Serialize + DeserializeOwned + Send,
    {
        let json = |error: serde_json::Error| Error::from(error).while_doing(format!("keeping the call of {name}"));
        let input = serde_json::to_value(input).map_err(json)?;
        let work = Box::pin(async move { serde_json::to_value(work.await?).map_err(json) });
        serde_json::from_value(self.0.record(name, input, cx, work).await?).map_err(json)
    }

    /// Returns the answer to a question, or `None` if the keeper cannot keep questions.
    ///
    /// # Errors
    /// [`ErrorKind::Paused`](crate::ErrorKind::Paused) if there is no answer yet; those of the keeper; and an error if the question
    /// or the answer cannot be written or read as JSON.
    pub async fn wait<Q, T>(&self, name: &str, question: &Q, cx: &Context) -> Result<Option<T>>
    where
        Q: Serialize + Sync + ?Sized,
        T: DeserializeOwned + Send,
    {
        let json = |error: serde_json::Error| Error::from(error).while_doing(format!("keeping the question {name}"));
        let question = serde_json::to_value(question).map_err(json)?;
        let answer = self.0.wait(name, question, std::any::type_name::<T>(), cx).await?;
        answer.map(|answer| serde_json::from_value(answer).map_err(json)).transpose()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}
