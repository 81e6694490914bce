//! The types and attributes that a `tracing` span does not have, added before spans are exported.

use opentelemetry::{Array, Key, KeyValue, Value};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use std::{future::Future, time::Duration};

/// The attributes that are lists of texts. A `tracing` span has them as JSON.
const LISTS: [&str; 2] = ["gen_ai.response.finish_reasons", "gen_ai.request.stop_sequences"];

/// An exporter that turns lists into lists, and adds the kind that `OpenInference`'s tools read.
#[derive(Debug)]
pub(super) struct ConventionExporter<E>(pub(super) E);

impl<E: SpanExporter> SpanExporter for ConventionExporter<E> {
    fn export(&self, mut batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        for span in &mut batch {
            complete(&mut span.attributes);
        }
        self.0.export(batch)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

fn complete(attributes: &mut Vec<KeyValue>) {
    let mut kind = None;
    for attribute in attributes.iter_mut() {
        let Value::String(text) = &attribute.value else { continue };
        if LISTS.contains(&attribute.key.as_str()) {
            if let Ok(list) = serde_json::from_str::<Vec<String>>(text.as_str()) {
                attribute.value = Value::Array(Array::String(list.into_iter().map(Into::into).collect()));
            }
        } else if attribute.key.as_str() == "gen_ai.operation.name" {
            kind = open_inference(text.as_str());
        }
    }
    attributes.extend(kind.map(|kind| KeyValue::new(Key::from_static_str("openinference.span.kind"), kind)));
}

/// Returns `OpenInference`'s kind of an operation.
fn open_inference(operation: &str) -> Option<&'static str> {
    match operation {
        "chat" => Some("LLM"),
        "embeddings" => Some("EMBEDDING"),
        "execute_tool" => Some("TOOL"),
        "retrieval" => Some("RETRIEVER"),
        "invoke_agent" => Some("AGENT"),
        "invoke_workflow" => Some("CHAIN"),
        _ => None,
    }
}
