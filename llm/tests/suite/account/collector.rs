//! A collector that keeps what it receives, decoded.

use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{KeyValue, any_value::Value},
    metrics::v1::{Metric, NumberDataPoint, metric::Data, number_data_point},
    trace::v1::Span,
};
use prost::Message;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

#[derive(Clone)]
pub(super) struct Collector {
    pub(super) url: String,
    received: Arc<Mutex<Received>>,
}

#[derive(Default)]
struct Received {
    traces: Vec<ExportTraceServiceRequest>,
    metrics: Vec<ExportMetricsServiceRequest>,
    /// The heads of the requests, in lower case.
    heads: Vec<String>,
}

impl Collector {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Received::default()));
        let collector = Collector { url, received };
        let to = collector.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let to = to.clone();
                thread::spawn(move || to.serve(stream));
            }
        });
        collector
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut writer = stream;
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if reader.read_line(&mut head).unwrap_or(0) == 0 {
                    return;
                }
            }
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
            let mut body = vec![0; length.trim().parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            let mut received = self.received.lock().unwrap();
            match head.split(' ').nth(1) {
                Some("/v1/traces") => received.traces.push(ExportTraceServiceRequest::decode(&body[..]).unwrap()),
                Some("/v1/metrics") => received.metrics.push(ExportMetricsServiceRequest::decode(&body[..]).unwrap()),
                path => panic!("a collector has no {path:?}"),
            }
            received.heads.push(head);
            drop(received);
            // An empty body is an answer with default values.
            let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
            writer.write_all(answer.as_bytes()).unwrap();
        }
    }

    pub(super) fn heads(&self) -> Vec<String> {
        self.received.lock().unwrap().heads.clone()
    }

    pub(super) fn spans(&self) -> Vec<Span> {
        let received = self.received.lock().unwrap();
        let resources = received.traces.iter().flat_map(|request| &request.resource_spans);
        resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
    }

    /// The values of a label of the resources.
    pub(super) fn services(&self) -> Vec<Value> {
        let received = self.received.lock().unwrap();
        let resources = received.traces.iter().flat_map(|request| &request.resource_spans);
        let attributes = resources.flat_map(|resource| &resource.resource.as_ref().unwrap().attributes);
        attributes.filter(|attribute| attribute.key == "service.name").map(value).collect()
    }

    /// The metrics of the last export, by name and by the labels among those given. A histogram is its count and its
    /// sum, a counter its sum.
    pub(super) fn metrics(&self, labels: &[&str]) -> BTreeMap<String, (u64, f64)> {
        let received = self.received.lock().unwrap();
        let Some(last) = received.metrics.last() else { return BTreeMap::new() };
        let scopes = last.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
        let mut all = BTreeMap::new();
        for metric in scopes.flat_map(|scope| &scope.metrics) {
            for (attributes, count, sum) in points(metric) {
                let labels = labels.iter().filter_map(|label| text(attributes, label));
                let name = labels.fold(metric.name.clone(), |name, label| format!("{name} {label}"));
                let entry: &mut (u64, f64) = all.entry(name).or_default();
                entry.0 += count;
                entry.1 += sum;
            }
        }
        all
    }
}

fn points(metric: &Metric) -> Vec<(&[KeyValue], u64, f64)> {
    match metric.data.as_ref().unwrap() {
        Data::Histogram(histogram) => {
            let points = histogram.data_points.iter();
            points.map(|point| (&point.attributes[..], point.count, point.sum.unwrap())).collect()
        }
        Data::Sum(sum) => sum.data_points.iter().map(|point| (&point.attributes[..], 1, number(point))).collect(),
        other => panic!("{}: {other:?}", metric.name),
    }
}

#[allow(clippy::cast_precision_loss)]
fn number(point: &NumberDataPoint) -> f64 {
    match point.value.unwrap() {
        number_data_point::Value::AsDouble(number) => number,
        number_data_point::Value::AsInt(number) => number as f64,
    }
}

fn value(attribute: &KeyValue) -> Value {
    attribute.value.as_ref().unwrap().value.clone().unwrap()
}

pub(super) fn get(attributes: &[KeyValue], key: &str) -> Option<Value> {
    attributes.iter().find(|attribute| attribute.key == key).map(value)
}

pub(super) fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    match get(attributes, key)? {
        Value::StringValue(text) => Some(text),
        other => panic!("{key}: {other:?}"),
    }
}
