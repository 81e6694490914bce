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
    chain::{Call, caught},
    failure::Failure,
    langserve::read_input,
    request::{Door, Entered, get, post, read_json},
    response::{Encoder, Frames, StreamKey, encoded, event_stream, respond},
};
use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, request::Parts},
    middleware,
    response::{IntoResponse, Response},
};
use catena::{Event, Result as RunResult, RunId};
use catena_llm::ChatRequest;
use futures_util::StreamExt;
use serde_json::Value;
use std::sync::Arc;
use told::{Teller, Told};

/// The routes of a chain, with its name.
pub(crate) fn routes(name: &str) -> Router<Arc<Door>> {
    Router::new()
        .route(&format!("/{name}/ai-sdk"), post(answer::<ai_sdk::Protocol>))
        .route(&format!("/{name}/ai-sdk/{{chat}}/stream"), get(resume))
        .layer(middleware::map_response(marked))
        .route(&format!("/{name}/ag-ui"), post(answer::<ag_ui::Protocol>))
}

/// Adds the header by which the AI SDK knows its protocol.
async fn marked(mut response: Response) -> Response {
    let name = HeaderName::from_static("x-vercel-ai-ui-message-stream");
    response.headers_mut().insert(name, HeaderValue::from_static("v1"));
    response
}

/// One of the protocols: how a request is read, and how a run is written.
trait Protocol: Sized + Send + Unpin + 'static {
    /// Reads a request: the conversation, and the input that stands beside it, if the client gives one.
    fn read(body: Value) -> Result<Asked<Self>, Failure>;
    /// Returns the identity of the chat, by which its last stream is resumed.
    fn chat(_: &Value) -> Option<&str> {
        None
    }
    /// Writes what comes first.
    fn begin(&mut self, run_id: RunId, frames: &mut Frames);
    /// Writes what has happened.
    fn write(&mut self, told: Told, frames: &mut Frames);
    /// Writes what comes last: of a run that came to its end, or failed.
    fn end(&mut self, failure: Option<&Failure>, frames: &mut Frames);
}

struct Asked<P> {
    protocol: P,
    request: ChatRequest,
    input: Option<Value>,
}

async fn answer<P: Protocol>(State(door): State<Arc<Door>>, request: Request) -> Result<Response, Failure> {
    let Entered { ticket, config, headers, body } = door.gate.enter(request).await?;
    let body: Value = read_json(&headers, &body)?;
    let chat = P::chat(&body).map(chat_name);
    let Asked { protocol, request, input } = P::read(body)?;
    let call = call(&door, request, input)?;
    let events = caught(call.events(config.run_id(ticket.run_id))).boxed();
    let teller = Teller::new(door.served.chain.piece_kind());
    let frames = encoded(events, Narrator { run_id: ticket.run_id, teller, protocol }, &door.gate);
    Ok(respond(&door.gate, &door.served, ticket, chat, frames))
}

/// The encoder of a run's events, in one of the protocols.
struct Narrator<P> {
    run_id: RunId,
    teller: Teller,
    protocol: P,
}

impl<P: Protocol> Encoder<Event> for Narrator<P> {
    fn begin(&mut self, frames: &mut Frames) {
        self.protocol.begin(self.run_id, frames);
    }

    fn item(&mut self, event: Event, frames: &mut Frames) -> RunResult<()> {
        for told in self.teller.tell(&event) {
            self.protocol.write(told, frames);
        }
        Ok(())
    }

    fn end(&mut self, frames: &mut Frames) {
        self.protocol.end(None, frames);
    }

    fn fail(&mut self, failure: &Failure, frames: &mut Frames) {
        self.protocol.end(Some(failure), frames);
    }
}

/// All of a chat's stream that goes on; or that there is none.
async fn resume(State(door): State<Arc<Door>>, Path(chat): Path<String>, parts: Parts) -> Result<Response, Failure> {
    let key = StreamKey::new(&door.served.name, door.gate.holder(&parts)?, chat_name(&chat));
    let streams = door.gate.streams.as_ref().filter(|streams| streams.goes_on(&key));
    Ok(match streams.and_then(|streams| streams.resume(&key, None).ok()) {
        Some(events) => event_stream(events),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// The name of a chat's last stream.
fn chat_name(chat: &str) -> String {
    format!("chat/{chat}")
}

/// The call for an input that is given, for a conversation, or for the last words of one.
fn call(door: &Door, request: ChatRequest, input: Option<Value>) -> Result<Box<dyn Call>, Failure> {
    // An input of its own has no place for tools either.
    if !request.tools.is_empty() && (input.is_some() || !door.served.chain.takes_tools()) {
        return Err(Failure::unprocessable("this chain takes no tools of the client").at("tools"));
    }
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
