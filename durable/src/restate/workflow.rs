//! The workflow that Restate calls.

use super::{
    attempt::Attempt,
    chain::AnyChain,
    event::{Event, Failed},
    records::Records,
};
use crate::{journal::check_id, record::key, step::OnChange};
use catena::Config;
use restate_sdk::{
    context::{
        ContextPromises, ContextReadState, ContextSideEffects, ContextTimers, ContextWriteState,
        DurableFuturesUnordered, RunFuture, SharedWorkflowContext, WorkflowContext,
    },
    discovery::ServiceName,
    endpoint::{self, ContextInternal},
    errors::{HandlerError, TerminalError},
    serde::Json,
    service::{
        Discoverable, IntoServiceDefinition, Service, ServiceDefinition,
        macro_support::{ServiceBoxFuture, service_definition},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// The state that has the pauses that wait.
const WAITS: &str = "waits";

/// A chain as a workflow: its key is the id of the run.
pub(super) struct Workflow {
    pub(super) chain: Arc<dyn AnyChain>,
    pub(super) config: Config,
    pub(super) on_change: OnChange,
}

/// A pause that waits, as the handler `waits` gives it.
#[derive(Serialize, Deserialize)]
struct Open {
    key: String,
    /// The name of the type of the answer.
    expects: String,
    input: Value,
    /// The promise of the answer.
    promise: String,
}

/// An answer, as the handler `answer` takes it.
#[derive(Serialize, Deserialize)]
struct Answer {
    name: String,
    answer: Value,
}

/// The pauses that wait.
fn open(records: &Records, unread: &BTreeMap<String, u32>) -> Vec<Open> {
    let open = records.open().into_iter().map(|wait| Open {
        promise: format!("{}#{}", wait.key, unread.get(&wait.key).copied().unwrap_or_default() + 1),
        input: serde_json::from_str(&wait.input).unwrap_or_default(),
        key: wait.key,
        expects: wait.expects,
    });
    open.collect()
}

fn terminal(code: u16, message: impl Into<String>) -> HandlerError {
    TerminalError::new_with_code(code, message).into()
}

/// The handlers, of which the macro writes the description for Restate.
#[restate_sdk::workflow]
impl Workflow {
    /// Runs the chain.
    ///
    /// All that happens is one list of events: the side effects here are one after the other, and each gives the events that
    /// came next. Which step of several finished first is thus a part of what is kept, and a replay has the same order.
    #[handler]
    async fn run(&self, ctx: WorkflowContext<'_>, input: Json<Value>) -> Result<Json<Value>, HandlerError> {
        let run = ctx.key().to_owned();
        check_id(&run).map_err(|error| terminal(400, error.to_string()))?;
        let (chain, config) = (Arc::clone(&self.chain), self.config.clone());
        let attempt = Arc::new(Attempt::new(chain, config, self.on_change, run, input.into_inner()));
        let records = &attempt.records;
        // How often an answer could not be read: a promise has one answer.
        let mut unread: BTreeMap<String, u32> = BTreeMap::new();
        let mut has_waits = false;
        loop {
            let next = Arc::clone(&attempt);
            let events = ctx.run(move || async move { Ok(Json(next.events().await?)) }).name("steps").await?;
            for event in events.into_inner() {
                match event {
                    Event::Step(step) => records.keep_step(step.into()),
                    Event::Wait(wait) => records.keep_wait(wait),
                    Event::Unanswered(key) => {
                        records.change_wait(&key, |wait| (wait.answer, wait.answered) = (None, None));
                        *unread.entry(key).or_default() += 1;
                    }
                    Event::Again => {}
                    Event::Paused(key) => {
                        let open = open(records, &unread);
                        let promises: Vec<(String, String)> =
                            open.iter().map(|open| (open.key.clone(), open.promise.clone())).collect();
                        if has_waits || !open.is_empty() {
                            ctx.set(WAITS, Json(open));
                            has_waits = true;
                        }
                        if let Some(until) = records.wait_of(&key).and_then(|wait| wait.until) {
                            ctx.sleep(until_then(until)).await?;
                            // It is over, by whichever clock the next look is.
                            records.change_wait(&key, |wait| wait.until = Some(i64::MIN));
                            continue;
                        }
                        // Of several pauses in a map, whichever has its answer first.
                        let mut answers: DurableFuturesUnordered<_> =
                            promises.iter().map(|(_, promise)| ctx.promise::<Json<Value>>(promise)).collect();
                        if let Some((index, answer)) = answers.next().await?
                            && let Some((key, _)) = promises.get(index)
                        {
                            let answer = answer?.into_inner().to_string();
                            records.change_wait(key, |wait| wait.answer = Some(answer));
                        }
                        ctx.set(WAITS, Json(self::open(records, &unread)));
                    }
                    Event::Output(output) => {
                        if has_waits {
                            ctx.clear(WAITS);
                        }
                        return Ok(Json(output));
                    }
                    Event::Failed(Failed { code, message }) => {
                        if has_waits {
                            ctx.clear(WAITS);
                        }
                        return Err(terminal(code, message));
                    }
                }
            }
            attempt.confirm();
        }
    }

    /// Answers a pause.
    #[handler]
    async fn answer(&self, ctx: SharedWorkflowContext<'_>, answer: Json<Answer>) -> Result<(), HandlerError> {
        let Answer { name, answer } = answer.into_inner();
        let open = ctx.get::<Json<Vec<Open>>>(WAITS).await?.map(Json::into_inner).unwrap_or_default();
        let exact = open.iter().find(|open| open.key == name);
        let mut named = open.iter().filter(|open| key::is_of(&open.key, &name));
        let found = exact.or_else(|| named.next().filter(|_| named.next().is_none()));
        let Some(found) = found else {
            let keys: Vec<&str> = open.iter().map(|open| &*open.key).collect();
            let waiting =
                if keys.is_empty() { "none waits".to_owned() } else { format!("these wait: {}", keys.join(", ")) };
            return Err(terminal(404, format!("the run `{}` has no pause `{name}` that waits; {waiting}", ctx.key())));
        };
        if ctx.peek_promise::<Json<Value>>(&found.promise).await?.is_some() {
            return Err(terminal(409, format!("the pause `{}` has an answer", found.key)));
        }
        ctx.resolve_promise(&found.promise, Json(answer));
        Ok(())
    }

    /// Lists the pauses that wait for an answer.
    #[handler]
    async fn waits(&self, ctx: SharedWorkflowContext<'_>) -> Result<Json<Value>, HandlerError> {
        Ok(ctx.get::<Json<Value>>(WAITS).await?.unwrap_or_else(|| Json(Value::Array(Vec::new()))))
    }
}

/// A workflow under a name that is known at run time.
pub(super) struct Named {
    pub(super) name: ServiceName,
    pub(super) workflow: Arc<Workflow>,
}

// Restate's macro gives a service its name at compile time, so the calls are handed on here.
impl Service for Named {
    type Future = ServiceBoxFuture;

    fn handle(&self, cx: ContextInternal) -> Self::Future {
        let workflow = Arc::clone(&self.workflow);
        Box::pin(async move {
            match cx.handler_name() {
                "run" => {
                    let (input, metadata) = cx.input().await;
                    let outcome = workflow.run((&cx, metadata).into(), input).await;
                    cx.handle_handler_result(outcome);
                }
                "answer" => {
                    let (answer, metadata) = cx.input().await;
                    let outcome = workflow.answer((&cx, metadata).into(), answer).await;
                    cx.handle_handler_result(outcome);
                }
                "waits" => {
                    let ((), metadata) = cx.input().await;
                    let outcome = workflow.waits((&cx, metadata).into()).await;
                    cx.handle_handler_result(outcome);
                }
                other => return Err(endpoint::Error::unknown_handler(cx.service_name(), other)),
            }
            cx.end();
            Ok(())
        })
    }
}

impl IntoServiceDefinition for Named {
    fn into_service_definition(self) -> ServiceDefinition {
        let mut description = Workflow::discover();
        description.name = self.name.clone();
        service_definition(self, description)
    }
}

/// The time until a time in milliseconds since 1970.
fn until_then(until: i64) -> Duration {
    let until = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(until).unwrap_or_default());
    until.duration_since(SystemTime::now()).unwrap_or_default()
}
