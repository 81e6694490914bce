//! `swiftide`: a pipeline is made for each run and takes a stream of nodes, whose contents are bytes. So the numbers are bytes between
//! these steps. What comes out is in no order, and goes to a storage, which adds it up here.

use super::{cannot, list};
use crate::{
    case::Case,
    steps::{add, source, triple, wait},
};
use async_trait::async_trait;
use catena::Error;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{
    future::ready,
    hint::black_box,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use swiftide_core::{
    Persist, Transformer, WithIndexingDefaults,
    indexing::{Chunk, IndexingStream, Node},
    prelude::Result,
};
use swiftide_indexing::Pipeline;

const WHO: &str = list::SWIFTIDE.who;

/// Of theirs, for `?`.
fn error(error: Error) -> std::io::Error {
    std::io::Error::other(error.to_string())
}

/// A number, as bytes.
#[derive(Clone, Debug, Default)]
struct Number([u8; 8]);

impl AsRef<[u8]> for Number {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn node(n: u64) -> Node<Number> {
    Node { chunk: Number(n.to_ne_bytes()), ..Node::default() }
}

#[derive(Clone)]
struct Step<F>(F);

impl<F> WithIndexingDefaults for Step<F> {}

#[async_trait]
impl<F, Fut> Transformer for Step<F>
where
    F: Fn(u64) -> Fut + Clone + Send + Sync,
    Fut: Future<Output = Result<u64, Error>> + Send,
{
    type Input = Number;
    type Output = Number;

    async fn transform_node(&self, mut node: Node<Number>) -> Result<Node<Number>> {
        let n = (self.0)(u64::from_ne_bytes(node.chunk.0)).await.map_err(error)?;
        node.chunk = Number(n.to_ne_bytes());
        Ok(node)
    }
}

/// Adds up what comes.
#[derive(Clone, Debug)]
struct Total<T> {
    total: Arc<AtomicU64>,
    of: fn(&T) -> u64,
    chunk: PhantomData<fn(T)>,
}

impl<T> Total<T> {
    fn new(of: fn(&T) -> u64) -> Self {
        Total { total: Arc::default(), of, chunk: PhantomData }
    }
}

#[async_trait]
impl<T: Chunk> Persist for Total<T> {
    type Input = T;
    type Output = T;

    async fn setup(&self) -> Result<()> {
        Ok(())
    }

    async fn store(&self, node: Node<T>) -> Result<Node<T>> {
        self.total.fetch_add((self.of)(&node.chunk), Ordering::Relaxed);
        Ok(node)
    }

    async fn batch_store(&self, nodes: Vec<Node<T>>) -> IndexingStream<T> {
        for node in &nodes {
            self.total.fetch_add((self.of)(&node.chunk), Ordering::Relaxed);
        }
        IndexingStream::from_nodes(nodes)
    }
}

/// All that comes out of a pipeline, added up.
async fn total<T: Chunk>(pipeline: Pipeline<T>, of: fn(&T) -> u64) -> u64 {
    let storage = Total::new(of);
    let total = Arc::clone(&storage.total);
    match pipeline.then_store_with(storage).run().await {
        Ok(()) => total.load(Ordering::Relaxed),
        Err(_) => 0,
    }
}

cannot!(
    "a pipeline is used up by a run over a stream of nodes, and gives no value back":
    one_step, three_steps, ten_steps, hundred_steps, three_waits, boxed_steps, over_a_list,
);
cannot!("its query pipeline wants a retrieval between prompt and model": texts);
cannot!(
    "it has nothing that gives a node to several steps":
    three_branches, twelve_branches, waiting_branches, long_branches, nested,
);
cannot!("it splits a stream of nodes in two, but calls nothing": two_arms, eight_arms);
cannot!("it has no names for steps": named);
cannot!("its retries are of model clients, not of steps": unused_retry, used_retry);
cannot!("it has no fallbacks": unused_fallback, used_fallback);
cannot!("it has no timeouts": timeout);

pub fn batch(case: Case, inputs: u64, limit: usize) -> Case {
    case.by(WHO, move || {
        let nodes = stream::iter((0..black_box(inputs)).map(|n| Ok(node(n)))).boxed();
        let pipeline = Pipeline::from_stream(nodes)
            .with_concurrency(limit)
            .then(Step(|n| ready(Ok(add::function(n)))))
            .then(Step(wait::function))
            .then(Step(|n| ready(Ok(triple::function(n)))));
        total(pipeline, |number| u64::from_ne_bytes(number.0))
    })
}

pub fn long_batch(case: Case, inputs: u64, limit: usize) -> Case {
    batch(case, inputs, limit)
}

fn chunks(chunks: u64) -> Pipeline<String> {
    Pipeline::from_stream(
        source::function(black_box(chunks)).map_ok(Node::<String>::new).map_err(|e| error(e).into()).boxed(),
    )
}

fn streamed(case: Case, count: u64, steps: u64) -> Case {
    case.by(WHO, move || {
        let pass = |node: Node<String>| Ok(black_box(node));
        total((0..steps).fold(chunks(count), |pipeline, _| pipeline.then(pass)), |_| 1)
    })
}

pub fn stream_of_one(case: Case, chunks: u64) -> Case {
    streamed(case, chunks, 1)
}

pub fn stream_of_three(case: Case, chunks: u64) -> Case {
    streamed(case, chunks, 3)
}

pub fn stream_of_ten(case: Case, chunks: u64) -> Case {
    streamed(case, chunks, 10)
}

pub fn stream_of_a_map(case: Case, count: u64) -> Case {
    case.by(WHO, move || total(chunks(count).merge(chunks(count)).merge(chunks(count)), |_| 1))
}

cannot!("it has `tracing` spans, but no events": observed);
