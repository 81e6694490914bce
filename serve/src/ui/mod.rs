//! Streams for user interfaces: the UI messages of the AI SDK, and AG-UI.
//!
//! | file | contents |
//! |---|---|
//! | this file | the routes, and a run as a stream in either protocol |
//! | `told` | [`Told`]: what both protocols say of a run, from its events |
//! | `ai_sdk`, `ag_ui` | the protocols |
//! | `conversation` | the conversations that clients send |

mod ag_ui;
mod ai_sdk;
mod conversation;
mod told;

use crate::{
    chain::{Call, Served, caught},
    failure::Failure,
    langserve::{Door, read_input},
    request::read_json,
    response::{Frame, event_stream, respond},
};
use axum::{
    Router,
    extract::{Path, Request},
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use catena_llm::ChatRequest;
use futures_util::{StreamExt, stream};
use serde_json::Value;
use std::{future::ready, sync::Arc};
use told::{Teller, Told};

/// The routes of a chain, below its name.
pub(crate) fn routes(door: &Arc<Door>) -> Router {
    let (ai_sdk, ag_ui, resumed) = (Arc::clone(door), Arc::clone(door), Arc::clone(door));
    Router::new()
        .route(
            "/ai-sdk",
            post(move |request: Request| async move {
                let mut response =
                    answer::<ai_sdk::Protocol>(ai_sdk, request).await.unwrap_or_else(Failure::into_response);
                response.headers_mut().insert("x-vercel-ai-ui-message-stream", HeaderValue::from_static("v1"));
                response
            }),
        )
        .route(
            "/ai-sdk/{chat}/stream",
            get(move |Path(chat): Path<String>, request: Request| async move {
                let mut response = resume(&resumed, &chat, request).unwrap_or_else(Failure::into_response);
                response.headers_mut().insert("x-vercel-ai-ui-message-stream", HeaderValue::from_static("v1"));
                response
            }),
        )
        .route(
            "/ag-ui",
            post(move |request: Request| async move {
                answer::<ag_ui::Protocol>(ag_ui, request).await.unwrap_or_else(Failure::into_response)
            }),
        )
}

/// One of the protocols: how a request is read, and how a run is written.
trait Protocol: Sized + Send + 'static {
    /// Reads a request: the conversation, and the input that stands beside it, if the client gives one.
    fn read(body: Value) -> Result<Asked<Self>, Failure>;
    /// Returns the identity of the chat, by which its last stream is resumed.
    fn chat(_: &Value) -> Option<&str> {
        None
    }
    /// Writes what comes first.
    fn begin(&mut self, run_id: &str) -> Vec<Frame>;
    /// Writes what has happened.
    fn write(&mut self, told: Told) -> Vec<Frame>;
    /// Writes what comes last: of a run that came to its end, or failed.
    fn end(&mut self, failure: Option<&Failure>) -> Vec<Frame>;
}

struct Asked<P> {
    protocol: P,
    request: ChatRequest,
    input: Option<Value>,
}

async fn answer<P: Protocol>(door: Arc<Door>, request: Request) -> Result<Response, Failure> {
    let Door { gate, served } = &*door;
    let entered = gate.enter(request).await?;
    let body: Value = read_json(&entered.headers, &entered.body)?;
    let name = P::chat(&body).map(|chat| chat_name(served, chat));
    let Asked { mut protocol, request, input } = P::read(body)?;
    let call = call(&door, request, input)?;
    let run_id = entered.run_id;
    let events = caught(call.events(entered.config.run_id(run_id)));
    let mut teller = Teller::new(served.chain.piece_kind());
    let first = protocol.begin(&run_id.to_string());
    let ended = stream::once(ready(None));
    let gate = Arc::clone(gate);
    let rest = events.map(Some).chain(ended).scan((protocol, false), move |(protocol, over), event| {
        if *over {
            return ready(None);
        }
        let frames: Vec<Frame> = match event {
            Some(Ok(event)) => teller.tell(&event).into_iter().flat_map(|told| protocol.write(told)).collect(),
            Some(Err(error)) => {
                *over = true;
                protocol.end(Some(&gate.failure(&error)))
            }
            None => protocol.end(None),
        };
        ready(Some(stream::iter(frames)))
    });
    let frames = stream::iter(first).chain(rest.flatten());
    Ok(respond(&door.gate, run_id, name, frames, entered.permit))
}

/// All of a chat's stream that goes on; or that there is none.
fn resume(door: &Door, chat: &str, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    door.gate.configure(&parts)?;
    let name = chat_name(&door.served, chat);
    let streams = door.gate.streams.as_ref().filter(|streams| streams.goes_on(&name));
    Ok(match streams.and_then(|streams| streams.resume(&name, None).ok()) {
        Some(events) => event_stream(events.boxed()),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// The name of a chat's last stream.
fn chat_name(served: &Served, chat: &str) -> String {
    format!("{}/{chat}", served.name)
}

/// The call for an input that is given, for a conversation, or for the last words of one.
fn call(door: &Door, request: ChatRequest, input: Option<Value>) -> Result<Box<dyn Call>, Failure> {
    if let Some(input) = input {
        return read_input(&door.served, &input.to_string(), "input");
    }
    let words = request.messages.last().map(|message| message.text().to_owned());
    if let Some(call) = door.served.chain.ask(request) {
        return call.map_err(|error| door.gate.failure(&error));
    }
    let words = words.ok_or_else(|| Failure::unprocessable("the conversation is empty").at("messages"))?;
    // A chain that takes a record is asked with JSON.
    read_input(&door.served, &words, "messages").map_err(|_| {
        Failure::unprocessable("this chain takes no conversation: give its `input`, or send it as JSON in a message")
            .at("input")
    })
}
