//! The metrics of the conventions.

use super::{model_call::Response, operation::Operation, server::Server};
use std::time::Duration;

/// A run of a step that has ended.
#[cfg_attr(not(feature = "otlp"), allow(dead_code))]
pub(super) struct Measured<'a> {
    pub(super) operation: Operation,
    /// The name of the step.
    pub(super) name: &'a str,
    /// The kind of the error, if it failed.
    pub(super) error: Option<&'static str>,
    pub(super) duration: Duration,
}

#[cfg(feature = "otlp")]
pub(super) use recorded::{CallLabels, Instruments};
#[cfg(not(feature = "otlp"))]
pub(super) use unrecorded::{CallLabels, Instruments};

/// Without a meter there is nothing to record.
#[cfg(not(feature = "otlp"))]
mod unrecorded {
    use super::{Duration, Measured, Response, Server};

    pub(in crate::telemetry) struct CallLabels;

    impl CallLabels {
        pub(in crate::telemetry) fn new(_: &'static str, _: Option<&str>, _: &str, _: Server<'_>) -> Self {
            CallLabels
        }
    }

    /// No value of this type exists.
    pub(in crate::telemetry) enum Instruments {}

    impl Instruments {
        pub(in crate::telemetry) fn chat(&self, _: &CallLabels, _: Response<'_>, _: Duration, _: Option<Duration>) {
            match *self {}
        }

        pub(in crate::telemetry) fn embeddings(
            &self,
            _: &CallLabels,
            _: Option<u64>,
            _: Option<&'static str>,
            _: Duration,
        ) {
            match *self {}
        }

        pub(in crate::telemetry) fn operation(&self, _: &Measured<'_>) {
            match *self {}
        }
    }
}

#[cfg(feature = "otlp")]
mod recorded {
    use super::{Duration, Measured, Operation, Response, Server};
    use crate::{Usage, telemetry::Convention};
    use opentelemetry::{
        KeyValue,
        metrics::{Counter, Histogram, Meter},
    };

    /// The boundaries of durations that the conventions recommend, in seconds.
    const SECONDS: [f64; 14] = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    /// The boundaries of token counts that the conventions recommend.
    const TOKENS: [f64; 14] = [
        1.0,
        4.0,
        16.0,
        64.0,
        256.0,
        1024.0,
        4096.0,
        16384.0,
        65536.0,
        262_144.0,
        1_048_576.0,
        4_194_304.0,
        16_777_216.0,
        67_108_864.0,
    ];

    /// The labels of a call of a provider.
    pub(in crate::telemetry) struct CallLabels(Vec<KeyValue>);

    impl CallLabels {
        pub(in crate::telemetry) fn new(
            operation: &'static str,
            provider: Option<&str>,
            model: &str,
            server: Server<'_>,
        ) -> Self {
            let mut labels = vec![
                KeyValue::new("gen_ai.operation.name", operation),
                KeyValue::new("gen_ai.request.model", model.to_owned()),
            ];
            labels.extend(provider.map(|name| KeyValue::new("gen_ai.provider.name", name.to_owned())));
            labels.extend(server.address.map(|address| KeyValue::new("server.address", address.to_owned())));
            labels.extend(server.port.map(|port| KeyValue::new("server.port", i64::from(port))));
            CallLabels(labels)
        }

        fn with(&self, more: impl IntoIterator<Item = KeyValue>) -> Vec<KeyValue> {
            self.0.iter().cloned().chain(more).collect()
        }
    }

    /// The instruments of a meter.
    pub(in crate::telemetry) struct Instruments {
        chat: Histogram<f64>,
        #[cfg_attr(
            not(feature = "providers"),
            expect(dead_code, reason = "embedders that are measured are those of providers")
        )]
        embeddings: Histogram<f64>,
        first_chunk: Histogram<f64>,
        tokens: Tokens,
        /// The durations of agents and workflows, tools and retrievers, which 1.41 does not have.
        runs: Option<Runs>,
    }

    enum Tokens {
        /// One histogram, by the type of the tokens.
        Usage(Histogram<u64>),
        /// A counter for each type.
        Counters(Box<Counters>),
    }

    struct Counters {
        input: Counter<u64>,
        output: Counter<u64>,
        cache_read: Counter<u64>,
        cache_write: Counter<u64>,
        reasoning: Counter<u64>,
        #[cfg_attr(
            not(feature = "providers"),
            expect(dead_code, reason = "embedders that are measured are those of providers")
        )]
        embeddings: Histogram<u64>,
    }

    struct Runs {
        agent: Histogram<f64>,
        tool: Histogram<f64>,
        retrieval: Histogram<f64>,
    }

    impl Instruments {
        pub(in crate::telemetry) fn new(meter: &Meter, convention: Convention) -> Self {
            let seconds = |name: &'static str, what: &'static str| {
                let histogram = meter.f64_histogram(name).with_unit("s").with_description(what);
                histogram.with_boundaries(SECONDS.to_vec()).build()
            };
            let tokens = |name: &'static str, what: &'static str| {
                let histogram = meter.u64_histogram(name).with_unit("{token}").with_description(what);
                histogram.with_boundaries(TOKENS.to_vec()).build()
            };
            let counter = |name: &'static str| meter.u64_counter(name).with_unit("{token}").build();
            match convention {
                Convention::Published => {
                    let duration = seconds("gen_ai.client.operation.duration", "GenAI operation duration.");
                    Instruments {
                        chat: duration.clone(),
                        embeddings: duration,
                        first_chunk: seconds(
                            "gen_ai.client.operation.time_to_first_chunk",
                            "Time to receive the first chunk of a streamed answer.",
                        ),
                        tokens: Tokens::Usage(tokens(
                            "gen_ai.client.token.usage",
                            "Number of input and output tokens used.",
                        )),
                        runs: None,
                    }
                }
                Convention::Latest => Instruments {
                    chat: seconds("gen_ai.client.inference.duration", "Duration of a call of a model."),
                    embeddings: seconds("gen_ai.client.embeddings.duration", "Duration of a call of an embedder."),
                    first_chunk: seconds(
                        "gen_ai.client.inference.time_to_first_chunk",
                        "Time to receive the first chunk of a streamed answer.",
                    ),
                    tokens: Tokens::Counters(Box::new(Counters {
                        input: counter("gen_ai.client.inference.usage.input_tokens"),
                        output: counter("gen_ai.client.inference.usage.output_tokens"),
                        cache_read: counter("gen_ai.client.inference.usage.cache_read.input_tokens"),
                        cache_write: counter("gen_ai.client.inference.usage.cache_write.input_tokens"),
                        reasoning: counter("gen_ai.client.inference.usage.reasoning.output_tokens"),
                        embeddings: tokens(
                            "gen_ai.client.embeddings.operation.input_tokens",
                            "Number of tokens of a call of an embedder.",
                        ),
                    })),
                    runs: Some(Runs {
                        agent: seconds("gen_ai.invoke_agent.duration", "Duration of an agent or a workflow."),
                        tool: seconds("gen_ai.execute_tool.duration", "Duration of a tool's call."),
                        retrieval: seconds("gen_ai.retrieval.duration", "Duration of a retrieval."),
                    }),
                },
            }
        }

        /// Records a call of a chat model.
        pub(in crate::telemetry) fn chat(
            &self,
            labels: &CallLabels,
            response: Response<'_>,
            duration: Duration,
            first_chunk: Option<Duration>,
        ) {
            let answered = response.model.map(|model| KeyValue::new("gen_ai.response.model", model.to_owned()));
            let labels = CallLabels(labels.with(answered));
            let error = response.error.map(|error| KeyValue::new("error.type", error));
            self.chat.record(duration.as_secs_f64(), &labels.with(error));
            if let Some(after) = first_chunk {
                self.first_chunk.record(after.as_secs_f64(), &labels.0);
            }
            if let Some(usage) = response.usage {
                self.tokens.chat(&labels, usage);
            }
        }

        /// Records a call of an embedder.
        #[cfg_attr(
            not(feature = "providers"),
            expect(dead_code, reason = "embedders that are measured are those of providers")
        )]
        pub(in crate::telemetry) fn embeddings(
            &self,
            labels: &CallLabels,
            tokens: Option<u64>,
            error: Option<&'static str>,
            duration: Duration,
        ) {
            let error = error.map(|error| KeyValue::new("error.type", error));
            self.embeddings.record(duration.as_secs_f64(), &labels.with(error));
            match (&self.tokens, tokens) {
                (Tokens::Usage(usage), Some(tokens)) => {
                    usage.record(tokens, &labels.with([KeyValue::new("gen_ai.token.type", "input")]));
                }
                (Tokens::Counters(counters), Some(tokens)) => counters.embeddings.record(tokens, &labels.0),
                (_, None) => {}
            }
        }

        /// Records the run of a step.
        pub(in crate::telemetry) fn operation(&self, run: &Measured<'_>) {
            let Some(runs) = &self.runs else { return };
            let (histogram, key) = match run.operation {
                Operation::Workflow | Operation::Agent => (&runs.agent, "gen_ai.agent.name"),
                Operation::Tool => (&runs.tool, "gen_ai.tool.name"),
                Operation::Retrieval => (&runs.retrieval, "gen_ai.data_source.id"),
            };
            let mut labels = vec![
                KeyValue::new("gen_ai.operation.name", run.operation.name()),
                KeyValue::new(key, run.name.to_owned()),
            ];
            labels.extend(run.error.map(|error| KeyValue::new("error.type", error)));
            histogram.record(run.duration.as_secs_f64(), &labels);
        }
    }

    impl Tokens {
        fn chat(&self, labels: &CallLabels, usage: Usage) {
            match self {
                Tokens::Usage(histogram) => {
                    for (kind, tokens) in [("input", usage.input_tokens), ("output", usage.output_tokens)] {
                        histogram.record(tokens, &labels.with([KeyValue::new("gen_ai.token.type", kind)]));
                    }
                }
                Tokens::Counters(counters) => {
                    counters.input.add(usage.input_tokens, &labels.0);
                    counters.output.add(usage.output_tokens, &labels.0);
                    for (counter, tokens) in [
                        (&counters.cache_read, usage.cached_input_tokens),
                        (&counters.cache_write, usage.cache_write_tokens),
                        (&counters.reasoning, usage.reasoning_tokens),
                    ] {
                        if tokens > 0 {
                            counter.add(tokens, &labels.0);
                        }
                    }
                }
            }
        }
    }
}
