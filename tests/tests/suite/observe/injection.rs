//! Names and words with escapes in them: nothing that a person's terminal or a line of a log gets has any.

use catena::{Config, ConfigKey, Console, Error, ErrorKind, Manifest, Segment, Spans, prelude::*};
use serde_json::{Value, json};
use std::{
    fmt::{self, Write as _},
    io::Write,
    sync::{Arc, Mutex},
};
use tracing_subscriber::{Layer, layer::SubscriberExt};

/// What a terminal obeys, what forges a line, and what makes a text look like another.
const EVIL: &str =
    "a\x1b[2J\x1b]52;c;aGk=\x07\u{9b}31m\r\nERROR forged\0\u{202e}txt.exe\u{2066}\u{2028}b\u{7f}\u{8}\u{feff}\u{e0041}";

/// Fails if there is anything in it that is not seen, other than the line breaks of the form itself.
fn harmless(what: &str, text: &str) {
    for line in text.split('\n') {
        let hidden = |c: char| c.is_control() || "\u{202e}\u{2066}\u{2028}\u{feff}\u{e0041}".contains(c);
        assert!(!line.contains(hidden), "{what}: {line:?}");
        assert!(!line.starts_with("ERROR forged"), "{what}: {text:?}");
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[runnable]
fn echo(text: String) -> String {
    text
}

#[runnable]
fn fail(text: String) -> catena::Result<String> {
    Err(Error::msg(text))
}

#[runnable]
async fn emit(text: String, cx: &Context) -> String {
    cx.emit(text.clone(), || json!({ text.clone(): text }));
    text
}

#[tokio::test]
async fn the_lines_of_the_console_have_no_escapes() {
    let out = Written::default();
    let config = || Config::new().run_name(EVIL).observe(Console::to(out.clone()).chunks(true));
    let named = || echo.named(EVIL);
    named().invoke_with(EVIL.to_owned(), config()).await.unwrap();
    chain!(String => echo | fail).invoke_with(EVIL.to_owned(), config()).await.unwrap_err();
    emit.invoke_with(EVIL.to_owned(), config()).await.unwrap();
    let text = out.text();
    assert!(text.contains("\\u{1b}[2J") && text.contains("txt.exe"), "{text}");
    harmless("console", &text);
    // A start, an end or an error each, and the event.
    assert_eq!(text.lines().count(), 2 + 6 + 3, "{text}");
}

/// An error of another crate.
#[derive(Debug)]
struct Other;

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EVIL)
    }
}

impl std::error::Error for Other {}

#[tokio::test]
async fn errors_have_no_escapes_in_any_form() {
    let plain = chain!(String => fail).named(EVIL).invoke(EVIL.to_owned()).await.unwrap_err();
    let nested = Error::new(ErrorKind::Parse { raw: EVIL.to_owned() }, EVIL)
        .with_source(Other)
        .while_doing(EVIL)
        .at(Segment::Field(EVIL.into()))
        .at(Segment::Step(EVIL.into()))
        .with_others([plain.clone(), Error::other(Other)]);
    for error in [plain, nested, Error::other(Other)] {
        harmless("display", &error.to_string());
        assert_eq!(error.to_string().lines().count(), 1);
        harmless("debug", &format!("{error:?}"));
        assert!(error.to_string().contains("\\u{1b}[2J"), "{error}");
        // The words are kept for programs.
        assert!(error.message().contains(EVIL) || error.source().is_some());
    }
}

#[test]
fn the_difference_of_manifests_has_no_escapes() {
    let old = chain!(String => echo).manifest();
    let text = old.json().to_string().replace("echo", &Value::from(EVIL).to_string().replace('"', ""));
    let new = Manifest::from_json(&serde_json::from_str(&text).unwrap()).unwrap();
    for difference in [old.difference(&new), new.difference(&old)] {
        assert!(!difference.is_empty());
        harmless("difference", &difference.to_string());
        assert_eq!(difference.to_string().lines().count(), difference.lines().len());
    }
}

/// Writes the fields as a careless log would.
struct Careless(Arc<Mutex<String>>);

impl tracing::field::Visit for &Careless {
    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        writeln!(self.0.lock().unwrap(), "{field}={value}").unwrap();
    }

    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

impl<S: tracing::Subscriber> Layer<S> for Careless {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        attributes.record(&mut &*self);
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        event.record(&mut &*self);
    }
}

#[tokio::test]
async fn the_fields_of_spans_and_events_have_no_escapes() {
    let log = Arc::new(Mutex::new(String::new()));
    let subscriber = tracing_subscriber::registry().with(Careless(Arc::clone(&log)));
    let _logging = tracing::subscriber::set_default(subscriber);
    let config = || Config::new().run_name(EVIL).observe(Spans);
    let chain = chain!(String => fail).named(EVIL).retry(2).fallback(echo);
    chain.invoke_with(EVIL.to_owned(), config()).await.unwrap();
    fail.invoke_with(EVIL.to_owned(), config()).await.unwrap_err();
    let log = log.lock().unwrap();
    assert!(log.contains("txt.exe"), "{log}");
    harmless("log", &log);
}

#[test]
fn a_configuration_that_is_refused_is_quoted_without_escapes() {
    static KEY: ConfigKey<u32> = ConfigKey::new("known", 0);
    let mut keys = catena::Keys::default();
    keys.add(&KEY);
    for json in [json!(EVIL), json!({ EVIL: 1 }), json!({ "tags": EVIL }), json!({ "configurable": { EVIL: 1 } })] {
        let error = Config::from_json(&json, &keys).unwrap_err();
        harmless("configuration", &error.to_string());
    }
}
