//! A pause until a time.

use crate::{
    error::JournalError,
    run::{
        active::Active,
        names::{self, Named},
    },
};
use catena::{Chunks, Component, Context, Kind, Node, Result, Runnable, Running, Step, Whole};
use serde_json::Value;
use std::{
    borrow::Cow,
    fmt,
    time::{Duration, SystemTime},
};

/// Returns a step that waits until this time, and passes its input on. Before it the run ends, with an error of the kind
/// [`Paused`](catena::ErrorKind::Paused); the first invocation after it goes on. [`Journal::ready`](crate::Journal::ready) lists the
/// runs whose time has come.
///
/// The time is kept when a run first comes to the timer, and stays.
///
/// ```
/// use catena::{Config, ErrorKind, prelude::*};
/// use catena_durable::{ConfigExt, Journal, sleep_for};
/// use std::{sync::{Arc, Mutex}, time::{Duration, SystemTime}};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("journal.db");
/// let now = Arc::new(Mutex::new(SystemTime::now()));
/// let clock = Arc::clone(&now);
/// let journal = Journal::builder().clock(move || *clock.lock().unwrap()).sqlite(&path).await?;
/// let chain = chain!(String => sleep_for("reminder", Duration::from_hours(1)) | |text| text + "!");
///
/// let config = || Config::new().durable(journal.run("order-42"));
/// let error = chain.invoke_with("Pay".to_owned(), config()).await.unwrap_err();
/// assert_eq!(error.kind(), &ErrorKind::Paused);
/// *now.lock().unwrap() += Duration::from_secs(3601);
/// assert_eq!(journal.ready().await?, ["order-42"]);
/// assert_eq!(chain.invoke_with("Pay".to_owned(), config()).await?, "Pay!");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub fn sleep_until(name: impl Into<Cow<'static, str>>, time: SystemTime) -> Sleep<At> {
    Sleep { name: name.into(), time: At(time) }
}

/// Returns a step that waits so long after the run has first come to it; see [`sleep_until`].
pub fn sleep_for(name: impl Into<Cow<'static, str>>, time: Duration) -> Sleep<After> {
    Sleep { name: name.into(), time: After(time) }
}

/// Returns a step that waits until a time in its input; see [`sleep_until`].
///
/// ```
/// use catena::prelude::*;
/// use catena_durable::sleep_until_with;
/// use std::time::SystemTime;
///
/// #[derive(Clone)]
/// struct Order { due: SystemTime }
///
/// let chain = chain!(Order => sleep_until_with("due", |order: &Order| order.due) | |order| order.due);
/// # let _ = chain;
/// ```
pub fn sleep_until_with<In, F>(name: impl Into<Cow<'static, str>>, time: F) -> Sleep<By<F>>
where
    F: Fn(&In) -> SystemTime + Send + Sync,
{
    Sleep { name: name.into(), time: By(time) }
}

/// The time that a [timer](sleep_until) waits for.
pub trait WakeTime<In>: Send + Sync {
    /// Returns the time, of a run that comes to the timer now.
    fn time(&self, input: &In, now: SystemTime) -> SystemTime;
}

/// A fixed time.
#[derive(Clone, Copy, Debug)]
pub struct At(SystemTime);

/// So long after now.
#[derive(Clone, Copy, Debug)]
pub struct After(Duration);

/// A time in the input.
#[derive(Clone, Copy)]
pub struct By<F>(F);

impl<In> WakeTime<In> for At {
    fn time(&self, _input: &In, _now: SystemTime) -> SystemTime {
        self.0
    }
}

impl<In> WakeTime<In> for After {
    fn time(&self, _input: &In, now: SystemTime) -> SystemTime {
        now.checked_add(self.0).unwrap_or(now)
    }
}

impl<In, F: Fn(&In) -> SystemTime + Send + Sync> WakeTime<In> for By<F> {
    fn time(&self, input: &In, _now: SystemTime) -> SystemTime {
        (self.0)(input)
    }
}

/// A step that waits for a time; created by [`sleep_until`].
#[derive(Clone)]
pub struct Sleep<W> {
    name: Cow<'static, str>,
    time: W,
}

impl<W> fmt::Debug for Sleep<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sleep").field(&self.name).finish()
    }
}

impl<W: Send + Sync> Step for Sleep<W> {
    const NODE: Node = Node::leaf("sleep", Kind::Function);

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl<In: Send + Sync + 'static, W: WakeTime<In>> Runnable<In> for Sleep<W> {
    type Output = In;
    type Chunk = In;
    type Assembler = Whole<In>;

    fn assembler(&self) -> Whole<In> {
        Whole::default()
    }

    fn component(&self) -> Component {
        let mut component = Component::of::<In, Self>(self);
        names::add(&mut component, Named::Step(&self.name));
        component
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, In>
    where
        In: 'a,
    {
        catena::__private::stream_whole(self, input, cx)
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<In> {
        // One run, for those who observe.
        let run = Running::begin(self, &input, cx);
        let inside = run.context(cx);
        run.drive(self.wait(input, inside)).await
    }
}

impl<W> Sleep<W> {
    async fn wait<In>(&self, input: In, cx: &Context) -> Result<In>
    where
        W: WakeTime<In>,
    {
        let Some(active) = Active::of(cx) else {
            return Err(JournalError::NoJournal { name: self.name.clone().into_owned() }.into());
        };
        let until = self.time.time(&input, (active.run().core.clock)());
        active.wait(&self.name, cx, "", Ok(Value::Null), Some(until)).await?;
        Ok(input)
    }
}
