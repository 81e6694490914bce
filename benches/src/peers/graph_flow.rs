//! `graph-flow`: tasks of a graph, which read and write a context of `serde_json::Value`s under names. A session is run without
//! storage: what its runner does more, to store it, is left out.

use super::{cannot, list, question};
use crate::{
    case::{Case, kept},
    steps::{add, first, length, long_text, mix, model, parse, prompt, spaces, triple, wait},
};
use async_trait::async_trait;
use catena::{Error, Result};
use futures_util::TryFutureExt;
use graph_flow::{Context, FanOutTask, Graph, GraphBuilder, GraphError, NextAction, Session, Task, TaskResult};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt::Display, future::ready, hint::black_box, marker::PhantomData, sync::Arc, time::Duration};

const WHO: &str = list::GRAPH_FLOW.who;

fn error(error: impl Display) -> GraphError {
    GraphError::TaskExecutionFailed(error.to_string())
}

/// A task that reads one value and writes another.
struct Step<F, I> {
    id: String,
    reads: &'static str,
    writes: &'static str,
    function: F,
    input: PhantomData<fn(I)>,
}

#[async_trait]
impl<I, O, F, Fut> Task for Step<F, I>
where
    I: DeserializeOwned + Send + 'static,
    O: Serialize + Send,
    F: Fn(I) -> Fut + Send + Sync,
    Fut: Future<Output = Result<O, GraphError>> + Send,
{
    fn id(&self) -> &str {
        &self.id
    }

    async fn run(&self, context: Context) -> Result<TaskResult, GraphError> {
        let input = context.get(self.reads).ok_or_else(|| error(self.reads))?;
        let output = (self.function)(input).await?;
        context.set(self.writes, output)?;
        Ok(TaskResult::move_to_next_direct())
    }
}

/// From one value to another.
fn between<I, O, F, Fut>(reads: &'static str, writes: &'static str, function: F) -> Arc<dyn Task>
where
    I: DeserializeOwned + Send + 'static,
    O: Serialize + Send,
    F: Fn(I) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<O, GraphError>> + Send,
{
    Arc::new(Step { id: format!("{reads} to {writes}"), reads, writes, function, input: PhantomData })
}

/// From the number to the number.
fn step<F, Fut>(id: &str, function: F) -> Arc<dyn Task>
where
    F: Fn(u64) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<u64, GraphError>> + Send,
{
    Arc::new(Step { id: id.to_owned(), reads: "n", writes: "n", function, input: PhantomData })
}

fn adds(id: &str) -> Arc<dyn Task> {
    step(id, |n| ready(Ok(add::function(n))))
}

fn triples(id: &str) -> Arc<dyn Task> {
    step(id, |n| ready(Ok(triple::function(n))))
}

fn mixes(id: &str) -> Arc<dyn Task> {
    step(id, |n| mix::function(n).map_err(error))
}

fn waits(id: &str) -> Arc<dyn Task> {
    step(id, |n| wait::function(n).map_err(error))
}

/// One after the other. The last has no edge, so the session pauses there: it is done.
fn sequence(tasks: &[Arc<dyn Task>]) -> GraphBuilder {
    let graph = tasks.iter().fold(GraphBuilder::new("graph"), |graph, task| graph.add_task(Arc::clone(task)));
    tasks.windows(2).fold(graph, |graph, two| graph.add_edge(two[0].id(), two[1].id()))
}

async fn run<I: Serialize, O: DeserializeOwned>(graph: &Graph, input: I) -> Result<O> {
    let failed = |error: GraphError| Error::msg(error.to_string());
    let start = graph.start_task_id().ok_or_else(|| Error::msg("an empty graph"))?;
    let mut session = Session::new_from_task("session".to_owned(), start);
    session.context.set("n", input).map_err(failed)?;
    graph.execute_session(&mut session).await.map_err(failed)?;
    session.context.get("n").ok_or_else(|| Error::msg("no answer"))
}

fn numbers(case: Case, graph: GraphBuilder) -> Case {
    let graph = kept(graph.build().expect("all tasks of the edges are there"));
    case.by(WHO, || run::<u64, u64>(graph, black_box(7)))
}

pub fn one_step(case: Case) -> Case {
    numbers(case, sequence(&[mixes("mix")]))
}

pub fn three_steps(case: Case) -> Case {
    numbers(case, sequence(&[adds("add"), triples("triple"), mixes("mix")]))
}

pub fn ten_steps(case: Case) -> Case {
    let eight = (0..4).flat_map(|n| [adds(&format!("add {n}")), triples(&format!("triple {n}"))]);
    numbers(case, sequence(&eight.chain([adds("add"), mixes("mix")]).collect::<Vec<_>>()))
}

pub fn hundred_steps(case: Case) -> Case {
    let tasks = (0..50).flat_map(|n| [mixes(&format!("mix {n}")), adds(&format!("add {n}"))]);
    numbers(case, sequence(&tasks.collect::<Vec<_>>()))
}

pub fn three_waits(case: Case) -> Case {
    numbers(case, sequence(&[waits("one"), waits("two"), waits("three")]))
}

pub fn texts(case: Case) -> Case {
    let graph = sequence(&[
        between("n", "prompt", |question| ready(Ok(prompt::function(question)))),
        between("prompt", "answer", |text| model::function(text).map_err(error)),
        between("answer", "n", |answer| ready(parse::function(answer).map_err(error))),
    ]);
    let graph = kept(graph.build().expect("all tasks of the edges are there"));
    case.by(WHO, || run::<String, usize>(graph, question()))
}

/// Its tasks are behind pointers, anyway.
pub fn boxed_steps(case: Case) -> Case {
    three_steps(case)
}

/// What the children of a fan-out have written, put together.
struct Joined {
    names: &'static [&'static str],
    together: fn(u64, u64) -> u64,
}

#[async_trait]
impl Task for Joined {
    async fn run(&self, context: Context) -> Result<TaskResult, GraphError> {
        let number = |name: &&str| context.get::<u64>(name).ok_or_else(|| error(name));
        let all = self.names.iter().try_fold(0, |all, name| number(name).map(|n| (self.together)(all, n)))?;
        context.set("n", all)?;
        Ok(TaskResult::move_to_next_direct())
    }
}

fn map(
    branches: Vec<Arc<dyn Task>>,
    names: &'static [&'static str],
    together: fn(u64, u64) -> u64,
) -> [Arc<dyn Task>; 2] {
    let map = FanOutTask::new("map", branches).with_next_action(NextAction::ContinueAndExecute);
    [map, Arc::new(Joined { names, together })]
}

pub fn three_branches(case: Case) -> Case {
    let branches = vec![
        between("n", "a", |n| ready(Ok(add::function(n)))),
        between("n", "b", |n| ready(Ok(triple::function(n)))),
        between("n", "c", |n| mix::function(n).map_err(error)),
    ];
    numbers(case, sequence(&map(branches, &["a", "b", "c"], |a, b| a ^ b)))
}

pub fn twelve_branches(case: Case) -> Case {
    const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let branches = NAMES.map(|name| between("n", name, |n| mix::function(n).map_err(error)));
    numbers(case, sequence(&map(branches.into(), &NAMES, |a, b| a + b)))
}

pub fn waiting_branches(case: Case) -> Case {
    let branches = ["a", "b", "c"].map(|name| between("n", name, |n| wait::function(n).map_err(error)));
    numbers(case, sequence(&map(branches.into(), &["a", "b", "c"], |a, b| a ^ b)))
}

/// Each task has a copy of what it reads.
pub fn long_branches(case: Case) -> Case {
    let branches = vec![
        between("n", "long", |text: String| ready(Ok(length::function(&text)))),
        between("n", "wide", |text: String| ready(Ok(spaces::function(&text)))),
        between("n", "byte", |text: String| ready(Ok(first::function(&text)))),
    ];
    let graph = sequence(&map(branches, &["long", "wide", "byte"], |a, b| a + b));
    let graph = kept(graph.build().expect("all tasks of the edges are there"));
    let text = kept(long_text());
    case.by(WHO, || run::<&str, u64>(graph, black_box(text)))
}

cannot!("what it runs in parallel are tasks, not graphs": nested);
cannot!("it has nothing that runs over a list": over_a_list);

pub fn two_arms(case: Case) -> Case {
    let graph = GraphBuilder::new("graph").add_task(step("input", |n| ready(Ok(n))));
    let graph = graph.add_task(triples("triple")).add_task(mixes("mix"));
    let even = |context: &Context| context.get::<u64>("n").is_some_and(|n| n.is_multiple_of(2));
    numbers(case, graph.add_conditional_edge("input", even, "triple", "mix"))
}

pub fn eight_arms(case: Case) -> Case {
    let arms = [
        vec![adds("0")],
        vec![triples("1")],
        vec![mixes("2")],
        vec![adds("3"), triples("3 then")],
        vec![triples("4"), adds("4 then")],
        vec![mixes("5"), adds("5 then")],
        vec![mixes("6"), triples("6 then")],
        vec![triples("7"), mixes("7 then")],
    ];
    let mut graph = GraphBuilder::new("graph").add_task(step("input", |n| ready(Ok(n))));
    for arm in &arms {
        graph = arm.iter().fold(graph, |graph, task| graph.add_task(Arc::clone(task)));
        graph = arm.windows(2).fold(graph, |graph, two| graph.add_edge(two[0].id(), two[1].id()));
    }
    for n in 0..7 {
        let is_it = move |context: &Context| context.get::<u64>("n") == Some(n);
        graph = graph.add_conditional_edge("input", is_it, n.to_string(), "7");
    }
    numbers(case, graph)
}

cannot!("all of its tasks have names: see `1 ready step`": named);
cannot!("it has no retries": unused_retry, used_retry);
cannot!("it has no fallbacks": unused_fallback, used_fallback);

pub fn timeout(case: Case) -> Case {
    numbers(case, sequence(&[mixes("mix")]).with_task_timeout(Duration::from_secs(5)))
}

cannot!("it runs one session at a time, and has no batches": batch(u64, usize), long_batch(u64, usize));
cannot!(
    "it has no streams":
    stream_of_one(u64), stream_of_three(u64), stream_of_ten(u64), stream_of_a_map(u64),
);
cannot!("it has log lines, but no events": observed);
