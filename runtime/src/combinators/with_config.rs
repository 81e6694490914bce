//! A part of a chain with settings of its own.

use crate::{
    Assemble, Chunks, Component, ComponentKind, Config, Context, Node, Result, Runnable, Step,
    run::deadline::{forward_until_stopped, run_until_stopped},
    step::{call::called, runnable::like},
    util::redact::safe,
};
use serde_json::{Map, Value};

/// A step with its own configuration, merged into what it inherits; made by [`with_config`](crate::StepExt::with_config).
///
/// Each call makes a new context: an allocation.
///
/// # Streaming
/// As the step does.
#[derive(Clone, Debug)]
pub struct Configured<S> {
    step: S,
    config: Config,
}

impl<S> Configured<S> {
    pub(crate) const fn new(step: S, config: Config) -> Self {
        Configured { step, config }
    }
}

impl<S: Step> Step for Configured<S> {
    const NODE: Node = Node::Configured(&S::NODE);

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.config.run_name.as_deref().or(self.step.name())
    }
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Configured<S> {
    like!(In, S);

    fn component(&self) -> Component {
        self.config.describe(Component::around(ComponentKind::Configured, self.step.component()))
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        let inner = cx.configured(&self.config);
        run_until_stopped(cx, &inner, &self.config, called(&self.step, input, &inner)).await
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output>
    where
        In: Clone + Sync,
    {
        let inner = cx.configured(&self.config);
        run_until_stopped(cx, &inner, &self.config, self.step.call_ref(input, &inner)).await
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        let inner = cx.configured(&self.config);
        Chunks::generate(move |out| async move {
            let chunks = || self.step.call_stream(input, &inner);
            forward_until_stopped(cx, &inner, &self.config, chunks, &out).await
        })
    }

    fn transform<'a, Up>(
        &'a self,
        chunks: Chunks<'a, Up::Chunk>,
        assembler: Up,
        cx: &'a Context,
    ) -> Chunks<'a, Self::Chunk>
    where
        Up: Assemble<Output = In>,
        In: 'a,
    {
        if self.config.deadline.is_some() {
            // Its time begins when its input is there, as in a call.
            return Chunks::open(async move { Ok(self.call_stream(chunks.assemble(assembler).await?, cx)) });
        }
        let inner = cx.configured(&self.config);
        Chunks::generate(move |out| async move {
            let chunks = || self.step.transform(chunks, assembler, &inner);
            forward_until_stopped(cx, &inner, &self.config, chunks, &out).await
        })
    }
}

impl Config {
    /// For graphs and manifests, by the names that LangChain gives the settings.
    pub(crate) fn describe(&self, component: Component) -> Component {
        let mut settings = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                settings.insert(name.to_owned(), value);
            }
        };
        set("tags", (!self.tags.is_empty()).then(|| self.tags.clone().into()));
        set("metadata", self.metadata.as_deref().map(|metadata| safe("metadata", metadata.clone().into())));
        set("run_name", self.run_name.as_deref().map(Value::from));
        set("max_concurrency", self.max_concurrency.map(Value::from));
        set("recursion_limit", self.recursion_limit.map(Value::from));
        set("deadline", self.deadline.map(|deadline| deadline.as_secs_f64().into()));
        set("configurable", (!self.values.is_empty()).then(|| self.values.ids().into()));
        component.with("config", settings)
    }
}
