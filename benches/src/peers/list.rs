//! Who they are.

use cargo_lock::Lockfile;

/// A row's name, the package behind it, and what of it is used.
pub struct Peer {
    pub who: &'static str,
    pub package: &'static str,
    pub used: &'static str,
    /// Whether this program was built with it.
    pub here: bool,
}

pub const FUTURES: Peer = Peer {
    who: "futures",
    package: "futures-util",
    used: "the combinators of `FutureExt`, `TryFutureExt` and `StreamExt`, `try_join3`, `select_all`",
    here: true,
};
pub const TOWER: Peer = Peer {
    who: "tower",
    package: "tower",
    used: "`service_fn`, the combinators of `ServiceExt`, `Steer`, the layers for retries, timeouts and concurrency",
    here: true,
};
pub const RIG: Peer = Peer {
    who: "rig",
    package: "rig-core",
    used: "its pipelines, `parallel!`, `conditional!`, `batch_call`; the last version that has them",
    here: true,
};
pub const LC: Peer = Peer {
    who: "lc-core",
    package: "lc-core",
    used: "`pipe`, `RunnableParallel`, `RunnableBranch`, `with_retry`, `with_fallbacks`, `batch`, `stream`; the core of `langchainrust`",
    here: cfg!(feature = "lc-core"),
};
pub const SYNAPTIC: Peer = Peer {
    who: "synaptic",
    package: "synaptic-runnables",
    used: "`|`, `RunnableParallel`, `RunnableBranch`, `RunnableRetry`, `RunnableWithFallbacks`, `RunnableEach`, `batch`",
    here: cfg!(feature = "synaptic"),
};
pub const WESICHAIN: Peer = Peer {
    who: "wesichain",
    package: "wesichain-core",
    used: "`then`, `RunnableParallel`, `with_retries`, `with_fallbacks`, `with_timeout`, `batch`, `TracedRunnable`",
    here: cfg!(feature = "wesichain"),
};
pub const GRAPH_FLOW: Peer = Peer {
    who: "graph-flow",
    package: "graph-flow",
    used: "`GraphBuilder` with edges and conditional edges, `FanOutTask`, `execute_session` without storage",
    here: cfg!(feature = "graph-flow"),
};
pub const LANGCHAIN_RUST: Peer = Peer {
    who: "langchain-rust",
    package: "langchain-rust",
    used: "`SequentialChain` of chains of one's own; `LLMChain` with a template and a parser",
    here: cfg!(feature = "langchain-rust"),
};
pub const SWIFTIDE: Peer = Peer {
    who: "swiftide",
    package: "swiftide-indexing",
    used: "indexing pipelines: `from_stream`, `then`, `merge`, `then_store_with`; 0.33 asks for a newer compiler than this workspace's",
    here: cfg!(feature = "swiftide"),
};

pub const ALL: [&Peer; 9] =
    [&FUTURES, &TOWER, &RIG, &LC, &SYNAPTIC, &WESICHAIN, &GRAPH_FLOW, &LANGCHAIN_RUST, &SWIFTIDE];

/// Whether this row is one of theirs.
pub fn is_peer(who: &str) -> bool {
    ALL.iter().any(|peer| peer.who == who)
}

impl Peer {
    /// The version in the lock file, of which this program was built.
    pub fn version(&self) -> Option<String> {
        let lock: Lockfile = include_str!("../../Cargo.lock").parse().ok()?;
        let ours = lock.packages.iter().find(|package| package.name.as_str() == env!("CARGO_PKG_NAME"))?;
        let found = ours.dependencies.iter().find(|dependency| dependency.name.as_str() == self.package)?;
        Some(found.version.to_string())
    }
}
