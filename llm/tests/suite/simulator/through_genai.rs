//! What the `genai` client makes of it: the behaviour a chat model built on that client has to know.

use std::time::Duration;

use catena_llm::simulator::{Fault, Provider, Simulator};
use futures_util::StreamExt;
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, ChatResponse, ChatStreamEvent, StreamEnd};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, Error, ModelIden, ServiceTarget, webc};

use super::MODEL;

const TEXT: &str = "Grüße aus 世界 😀";

fn client(sim: &Simulator, provider: Provider) -> Client {
    let url = sim.base_url(provider);
    let adapter = match provider {
        Provider::Anthropic => AdapterKind::Anthropic,
        Provider::Gemini => AdapterKind::Gemini,
        _ => AdapterKind::OpenAI,
    };
    let resolver = ServiceTargetResolver::from_resolver_fn(move |target: ServiceTarget| {
        Ok(ServiceTarget {
            endpoint: Endpoint::from_owned(url.clone()),
            auth: AuthData::from_single("secret"),
            model: ModelIden::new(adapter, target.model.model_name),
        })
    });
    Client::builder().with_reqwest(crate::client()).with_service_target_resolver(resolver).build().unwrap()
}

fn request() -> ChatRequest {
    ChatRequest::new(vec![ChatMessage::system("Be brief."), ChatMessage::user("Hello there")])
}

async fn whole(sim: &Simulator, provider: Provider) -> Result<ChatResponse, Error> {
    client(sim, provider).exec_chat(MODEL, request(), None).await
}

/// What a stream yields: its text, its end if there is one, and its errors.
async fn stream(sim: &Simulator, provider: Provider) -> (String, Option<StreamEnd>, Vec<Error>) {
    let options = ChatOptions::default().with_capture_usage(true);
    let mut stream = client(sim, provider).exec_chat_stream(MODEL, request(), Some(&options)).await.unwrap().stream;
    let (mut text, mut end, mut errors) = (String::new(), None, Vec::new());
    while let Some(event) = stream.next().await {
        match event {
            Ok(ChatStreamEvent::Chunk(chunk)) => text.push_str(&chunk.content),
            Ok(ChatStreamEvent::End(it)) => end = Some(it),
            Ok(_) => {}
            Err(error) => errors.push(error),
        }
    }
    (text, end, errors)
}

async fn failing(fault: impl Into<Fault>) -> Simulator {
    let sim = Simulator::builder().respond(|_| TEXT).start().await.unwrap();
    sim.script(MODEL).fail(fault).always();
    sim
}

/// Gemini's streamer makes up an end when there was none; the others leave it out.
fn no_end(provider: Provider, end: Option<&StreamEnd>) -> bool {
    match provider {
        Provider::Gemini => end.is_some_and(|end| end.captured_stop_reason.is_none()),
        _ => end.is_none(),
    }
}

#[tokio::test]
async fn answers() {
    for fault in [Fault::Slow(Duration::from_millis(1)), Fault::SplitUtf8] {
        let sim = failing(fault).await;
        for provider in Provider::ALL {
            let answer = whole(&sim, provider).await.unwrap();
            assert_eq!(answer.first_text(), Some(TEXT));
            assert_eq!((answer.usage.prompt_tokens, answer.usage.completion_tokens), (Some(6), Some(4)));
            let (text, end, errors) = stream(&sim, provider).await;
            assert_eq!((text.as_str(), errors.len()), (TEXT, 0));
            let end = end.unwrap();
            let usage = end.captured_usage.unwrap();
            assert_eq!((usage.prompt_tokens, usage.completion_tokens), (Some(6), Some(4)));
            assert!(end.captured_stop_reason.is_some());
        }
    }
}

#[tokio::test]
async fn statuses() {
    for code in [401, 429, 500, 502, 529] {
        let sim = failing(Fault::status(code).retry_after(Duration::from_secs(3))).await;
        for provider in Provider::ALL {
            let google = matches!(provider, Provider::Gemini | Provider::GeminiOpenAi);
            let retry_after = if google { None } else { Some("3") };
            let check = |error: &Error| {
                let headers = error.headers().and_then(|headers| headers.get("retry-after"));
                assert_eq!(error.status().map(|status| status.as_u16()), Some(code));
                assert_eq!(headers.map(|value| value.to_str().unwrap()), retry_after);
            };
            check(&whole(&sim, provider).await.unwrap_err());
            let (_, end, errors) = stream(&sim, provider).await;
            let [error @ Error::WebStream { error: inner, .. }] = &errors[..] else { panic!("{errors:?}") };
            assert_eq!(error.status(), None);
            check(inner.downcast_ref::<Error>().unwrap());
            assert!(no_end(provider, end.as_ref()));
        }
    }
}

#[tokio::test]
async fn a_cut_is_an_error() {
    let sim = failing(Fault::Cut { after: 2 }).await;
    for provider in Provider::ALL {
        let error = whole(&sim, provider).await.unwrap_err();
        assert!(matches!(error, Error::WebModelCall { webc_error: webc::Error::Reqwest(_), .. }), "{error:?}");
        let (text, end, errors) = stream(&sim, provider).await;
        assert_eq!(text, "Grüße aus");
        let [Error::WebStream { error, .. }] = &errors[..] else { panic!("{errors:?}") };
        assert!(error.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_decode));
        assert!(no_end(provider, end.as_ref()));
    }
}

#[tokio::test]
async fn an_early_end_is_silent_on_streams() {
    let sim = failing(Fault::EarlyEnd { after: 2 }).await;
    for provider in Provider::ALL {
        let error = whole(&sim, provider).await.unwrap_err();
        let Error::WebModelCall { webc_error: webc::Error::ResponseFailedInvalidJson { .. }, .. } = error else {
            panic!("{error:?}")
        };
        let (text, end, errors) = stream(&sim, provider).await;
        assert_eq!((text.as_str(), errors.len()), ("Grüße aus", 0));
        assert!(no_end(provider, end.as_ref()));
    }
}

#[tokio::test]
async fn a_body_that_is_none_is_silent_on_streams() {
    for fault in [Fault::malformed_body(), Fault::html_body(), Fault::empty_body()] {
        let sim = failing(fault).await;
        for provider in Provider::ALL {
            assert!(whole(&sim, provider).await.is_err());
            let (text, end, errors) = stream(&sim, provider).await;
            assert!(text.is_empty() && errors.is_empty() && no_end(provider, end.as_ref()));
        }
    }
}

#[tokio::test]
async fn an_error_event_is_an_error() {
    let sim = failing(Fault::ErrorEvent { after: 1 }).await;
    for provider in Provider::ALL {
        let (text, end, errors) = stream(&sim, provider).await;
        assert_eq!(text, "Grüße");
        assert!(matches!(&errors[..], [Error::ChatResponse { .. }]), "{errors:?}");
        assert!(no_end(provider, end.as_ref()));
    }
}

#[tokio::test]
async fn a_malformed_event_is_an_error_amid_the_stream() {
    let sim = failing(Fault::MalformedEvent { after: 1 }).await;
    for provider in Provider::ALL {
        let (text, end, errors) = stream(&sim, provider).await;
        assert!(matches!(&errors[..], [Error::StreamParse { .. }]), "{errors:?}");
        // Read on, and the stream goes on as if nothing had been lost.
        assert!(text == TEXT && end.is_some());
    }
}
