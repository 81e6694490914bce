//! Traces and metrics to a collector, by OTLP over HTTP.

use super::{Telemetry, span_exporter::ConventionExporter};
use catena::{Error, ErrorKind, Result};
use opentelemetry::{metrics::MeterProvider, trace::TracerProvider};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, metrics::SdkMeterProvider, trace::SdkTracerProvider};
use std::{collections::HashMap, fmt};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{Layer, filter::filter_fn, layer::SubscriberExt, registry::LookupSpan};

/// The name of the instrumentation.
const SCOPE: &str = "catena-llm";

/// Exporters of traces and metrics to a collector, by OTLP over HTTP with protobuf.
///
/// ```no_run
/// use catena::Config;
/// use catena_llm::telemetry::Otlp;
///
/// # fn main() -> catena::Result<()> {
/// let otlp = Otlp::install("shop")?;
/// let config = Config::new().observe(otlp.observer());
/// // `chain.invoke_with(input, config)`, and at the end of the program:
/// otlp.shutdown()?;
/// # Ok(()) }
/// ```
///
/// The standard variables apply: `OTEL_EXPORTER_OTLP_ENDPOINT` (by default `http://localhost:4318`),
/// `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_TIMEOUT`, those of a single signal such as
/// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_TRACES_SAMPLER`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_BSP_SCHEDULE_DELAY`,
/// `OTEL_METRIC_EXPORT_INTERVAL`.
///
/// Threads of their own export in batches. A collector that is down does not fail or delay a run: spans are kept up to a
/// limit, and dropped after it. Dropping the last clone exports the rest, as [`shutdown`](Otlp::shutdown) does.
#[derive(Clone)]
pub struct Otlp {
    tracers: SdkTracerProvider,
    meters: SdkMeterProvider,
    observer: Telemetry,
}

/// A builder of [`Otlp`], for settings that the environment does not have.
#[derive(Clone)]
#[must_use = "nothing is exported before `build`"]
pub struct OtlpBuilder {
    service: String,
    endpoint: Option<String>,
    headers: HashMap<String, String>,
    observer: Option<Telemetry>,
}

impl Otlp {
    /// Creates exporters for a service of this name by the environment, and makes them the global subscriber of
    /// `tracing`.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for an invalid variable, or if the process has a subscriber: add the
    /// [layer](Otlp::layer) to it instead.
    pub fn install(service: impl Into<String>) -> Result<Self> {
        let otlp = Otlp::builder(service).build()?;
        let subscriber = tracing_subscriber::registry().with(otlp.layer());
        tracing::subscriber::set_global_default(subscriber).map_err(|error| {
            let message = "this process has a subscriber of `tracing`: build it with the layer of `Otlp::builder(..)`";
            Error::new(ErrorKind::BadInput, message).with_source(error)
        })?;
        Ok(otlp)
    }

    /// Creates a builder of exporters for a service of this name.
    pub fn builder(service: impl Into<String>) -> OtlpBuilder {
        OtlpBuilder { service: service.into(), endpoint: None, headers: HashMap::new(), observer: None }
    }

    /// Returns the layer that exports the spans of a subscriber: those of level `info` and above, without those of the
    /// libraries that send them.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + 'static
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let layer = tracing_opentelemetry::layer().with_tracer(self.tracers.tracer(SCOPE));
        let layer = layer.with_location(false).with_threads(false).with_tracked_inactivity(false);
        layer.with_filter(filter_fn(is_exported))
    }

    /// Returns the observer of runs, whose metrics are exported. A clone for each run is cheap.
    pub fn observer(&self) -> Telemetry {
        self.observer.clone()
    }

    /// Exports all that has been recorded so far. Blocks the thread until the collector has answered.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if the collector does not take it.
    pub fn flush(&self) -> Result<()> {
        let (spans, metrics) = (self.tracers.force_flush(), self.meters.force_flush());
        spans.and(metrics).map_err(|error| unavailable("exporting traces and metrics", error))
    }

    /// Exports the rest, and ends the threads. Blocks the thread until the collector has answered.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if the collector does not take it, or if a clone was shut down before.
    pub fn shutdown(&self) -> Result<()> {
        let (spans, metrics) = (self.tracers.shutdown(), self.meters.shutdown());
        spans.and(metrics).map_err(|error| unavailable("ending the export of traces and metrics", error))
    }
}

impl OtlpBuilder {
    /// Sets the base URL of the collector, such as `http://localhost:4318`. The paths `/v1/traces` and `/v1/metrics` are
    /// appended.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Adds a header to each request, such as the key of a service.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Sets the observer, which by default is [`Telemetry::from_env`]. The metrics are added to it.
    pub fn observer(mut self, observer: Telemetry) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Builds the exporters. Nothing is sent, and nothing global is set.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for an invalid URL or variable.
    pub fn build(self) -> Result<Otlp> {
        let OtlpBuilder { service, endpoint, headers, observer } = self;
        let url = |path: &str| endpoint.as_deref().map(|base| format!("{}{path}", base.trim_end_matches('/')));
        let mut spans = SpanExporter::builder().with_http().with_headers(headers.clone());
        if let Some(url) = url("/v1/traces") {
            spans = spans.with_endpoint(url);
        }
        let mut metrics = MetricExporter::builder().with_http().with_headers(headers);
        if let Some(url) = url("/v1/metrics") {
            metrics = metrics.with_endpoint(url);
        }
        let spans = ConventionExporter(spans.build().map_err(invalid)?);
        let metrics = metrics.build().map_err(invalid)?;
        let resource = Resource::builder().with_service_name(service).build();
        let tracers = SdkTracerProvider::builder().with_resource(resource.clone()).with_batch_exporter(spans).build();
        let meters = SdkMeterProvider::builder().with_resource(resource).with_periodic_exporter(metrics).build();
        let observer = observer.unwrap_or_else(Telemetry::from_env).with_metrics(&meters.meter(SCOPE));
        Ok(Otlp { tracers, meters, observer })
    }
}

/// Returns whether a span or an event is exported. The libraries that send them would otherwise cause more of them.
fn is_exported(metadata: &Metadata<'_>) -> bool {
    const SENDERS: [&str; 6] = ["opentelemetry", "hyper", "h2", "reqwest", "rustls", "tonic"];
    *metadata.level() <= Level::INFO && !SENDERS.iter().any(|crate_| metadata.target().starts_with(crate_))
}

fn invalid(error: opentelemetry_otlp::ExporterBuildError) -> Error {
    let message = format!("the exporter of traces cannot be built: {error}");
    Error::new(ErrorKind::BadInput, message).with_source(error)
}

fn unavailable(doing: &'static str, error: opentelemetry_sdk::error::OTelSdkError) -> Error {
    let message = format!("the collector did not take what was recorded: {error}");
    Error::new(ErrorKind::Unavailable { retry_after: None }, message).with_source(error).while_doing(doing)
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Otlp").field("observer", &self.observer).finish_non_exhaustive()
    }
}

impl fmt::Debug for OtlpBuilder {
    /// Headers may have keys in them, and a URL too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpBuilder").field("service", &self.service).finish_non_exhaustive()
    }
}
