//! The bytes of a response, with its delays and faults.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;

use super::protocol::{Problem, Protocol, Reply, reason};
use super::recorder::{Outcome, Tracker};
use super::sse::{Frame, Part, cut_at, torn};
use super::{Answer, BadBody, Chunking, Fault, Finish, Provider, Request, Status, tokens};

/// A complete plan of a response, down to its bytes.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) start: Start,
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) steps: VecDeque<Step>,
}

/// The start of a response.
#[derive(Debug)]
pub(super) enum Start {
    After(Duration),
    Never,
    /// The connection is closed instead.
    Vanish,
}

/// A step of sending the body.
#[derive(Debug)]
pub(super) enum Step {
    Wait(Duration),
    Send(Bytes),
    /// Everything so far is sent before the next step.
    Flush,
    Hang,
    /// The connection is dropped.
    Cut,
}

/// The pace of answers without a pace of their own.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    pub(super) latency: Duration,
    pub(super) chunk_delay: Duration,
    pub(super) chunking: Chunking,
}

/// The request and the settings of a response.
pub(super) struct Exchange<'a> {
    pub(super) protocol: &'static dyn Protocol,
    pub(super) request: &'a Request,
    /// The number of the response, from which its id is made.
    pub(super) number: usize,
    pub(super) pace: Pace,
}

impl Exchange<'_> {
    /// Plans the response to a valid request.
    pub(super) fn respond(&self, mut answer: Answer) -> Plan {
        let mut plan = match answer.fault.take() {
            Some(Fault::Status(status)) => self.fail(&Problem::Scripted(status)),
            Some(Fault::Body(body)) => self.bad_body(&body),
            Some(Fault::Slow(more)) => {
                answer.latency = Some(answer.latency.unwrap_or(self.pace.latency) + more);
                self.good(&answer, None)
            }
            Some(Fault::EmptyAnswer) => {
                answer = Answer {
                    text: String::new(),
                    thoughts: String::new(),
                    tool_calls: Vec::new(),
                    pieces: None,
                    ..answer
                };
                self.good(&answer, None)
            }
            Some(Fault::Refusal) => {
                let finish = Some(Finish::Filtered);
                answer = Answer {
                    text: String::new(),
                    thoughts: String::new(),
                    tool_calls: Vec::new(),
                    pieces: None,
                    finish,
                    ..answer
                };
                self.good(&answer, Some(&Fault::Refusal))
            }
            Some(Fault::TruncatedArguments) => {
                if answer.tool_calls.is_empty() {
                    answer = answer.tool_call("lookup", json!({"question": "What is quantum computing?"}));
                }
                answer = Answer { text: String::new(), pieces: None, finish: Some(Finish::Length), ..answer };
                self.good(&answer, Some(&Fault::TruncatedArguments))
            }
            Some(Fault::Huge(bytes)) => {
                let text = "All work and no play makes Jack a dull boy. ".chars().cycle().take(bytes).collect();
                let chunking = answer.chunking.or(Some(Chunking::Chars(4096)));
                answer = Answer { text, pieces: None, chunking, finish: Some(Finish::Stop), ..answer };
                self.good(&answer, None)
            }
            fault => self.good(&answer, fault.as_ref()),
        };
        if let Start::After(delay) = &mut plan.start {
            *delay = answer.latency.unwrap_or(self.pace.latency);
        }
        plan
    }

    /// Plans the response to an invalid request, or one that has to fail.
    pub(super) fn fail(&self, problem: &Problem) -> Plan {
        let (status, body) = self.protocol.error(problem, self.request, &self.id());
        let mut plan = match problem {
            Problem::Scripted(scripted) if scripted.html => self.plan(status, "text/html", error_page(status)),
            _ => self.plan(status, self.protocol.json_type(), body.to_string()),
        };
        if let Problem::Scripted(Status { retry_after: Some(after), .. }) = problem {
            plan.headers.extend(self.protocol.retry_headers(*after));
        }
        plan
    }

    fn good(&self, answer: &Answer, fault: Option<&Fault>) -> Plan {
        match fault {
            Some(Fault::Hang) => Plan { start: Start::Never, ..self.plan(200, "", "") },
            Some(Fault::Vanish) => Plan { start: Start::Vanish, ..self.plan(200, "", "") },
            Some(Fault::ErrorEvent { .. }) if !self.request.stream => {
                self.fail(&Problem::Scripted(Status::new(self.protocol.overloaded())))
            }
            Some(Fault::MalformedEvent { .. }) if !self.request.stream => self.bad_body(&BadBody::Malformed),
            _ if self.request.stream => self.streamed(answer, fault),
            _ => self.whole(answer, fault),
        }
    }

    fn streamed(&self, answer: &Answer, fault: Option<&Fault>) -> Plan {
        let mut frames = self.protocol.frames(self.request, &self.reply(answer, fault));
        if let (Some(Fault::NoEndMark), Some(Part::Closing)) = (fault, frames.last().map(|frame| frame.part)) {
            frames.pop();
        }
        let end = fault.and_then(Fault::after).map(|chunks| cut_at(&frames, chunks));
        match (fault, end) {
            (Some(Fault::MalformedEvent { .. }), Some(end)) => frames.insert(end, self.protocol.broken_frame()),
            (Some(Fault::CutEvent { .. }), Some(end)) => {
                // A part of the next event.
                frames.truncate(end + 1);
                if let Some(Frame { bytes, .. }) = frames.get_mut(end) {
                    bytes.truncate(bytes.len() / 2);
                }
            }
            (Some(fault), Some(end)) => {
                frames.truncate(end);
                if let Fault::ErrorEvent { .. } = fault {
                    frames.push(self.protocol.error_frame(self.request, &self.id()));
                }
            }
            _ => {}
        }
        let delay = answer.chunk_delay.unwrap_or(self.pace.chunk_delay);
        let mut steps = VecDeque::new();
        for Frame { bytes, part } in frames {
            if !delay.is_zero() && matches!(part, Part::Content | Part::Last) {
                steps.push_back(Step::Wait(delay));
            }
            if let Some(Fault::SplitUtf8) = fault {
                send_torn(&mut steps, &bytes);
            } else {
                steps.push_back(Step::Send(bytes.into()));
            }
        }
        break_off(&mut steps, fault);
        let mut plan = self.plan(200, self.protocol.stream_type(self.request), "");
        plan.headers.retain(|(name, _)| *name != "content-length");
        plan.headers.push(("cache-control", "no-cache".to_owned()));
        Plan { steps, ..plan }
    }

    fn whole(&self, answer: &Answer, fault: Option<&Fault>) -> Plan {
        let body = self.protocol.answer(self.request, &self.reply(answer, fault)).to_string();
        let half = Bytes::copy_from_slice(&body.as_bytes()[..body.len() / 2]);
        let mut plan = self.plan(200, self.protocol.json_type(), body.clone());
        match fault {
            Some(Fault::Cut { .. } | Fault::CutEvent { .. } | Fault::Stall { .. }) => {
                plan.steps = [Step::Send(half)].into();
            }
            Some(Fault::EarlyEnd { .. }) => {
                plan.headers.retain(|(name, _)| *name != "content-length");
                plan.steps = [Step::Send(half)].into();
            }
            Some(Fault::SplitUtf8) => {
                // In chunked encoding, so that each chunk reaches the client by itself.
                plan.headers.retain(|(name, _)| *name != "content-length");
                plan.steps.clear();
                send_torn(&mut plan.steps, body.as_bytes());
            }
            _ => {}
        }
        break_off(&mut plan.steps, fault);
        plan
    }

    fn bad_body(&self, body: &BadBody) -> Plan {
        let answer =
            if self.request.stream { self.protocol.stream_type(self.request) } else { self.protocol.json_type() };
        match body {
            BadBody::Malformed => self.plan(200, answer, "{\"id\": \"sim\", \"model\": \"si"),
            BadBody::Html => self.plan(200, "text/html", PORTAL),
            BadBody::Empty => self.plan(200, answer, ""),
            BadBody::Json(value) => self.plan(200, self.protocol.json_type(), value.to_string()),
        }
    }

    fn plan(&self, status: u16, content_type: &'static str, body: impl Into<String>) -> Plan {
        let body = body.into();
        let mut headers = self.protocol.headers(&self.id());
        headers.push(("content-type", content_type.to_owned()));
        headers.push(("content-length", body.len().to_string()));
        let steps = if body.is_empty() { VecDeque::new() } else { [Step::Send(body.into())].into() };
        Plan { start: Start::After(Duration::ZERO), status, headers, steps }
    }

    fn reply(&self, answer: &Answer, fault: Option<&Fault>) -> Reply {
        let chunking = answer.chunking.unwrap_or(self.pace.chunking);
        let mut pieces = answer.pieces.clone().unwrap_or_else(|| chunking.split(&answer.text));
        let thought_tokens = tokens(&answer.thoughts);
        let calls: usize = answer.tool_calls.iter().map(|call| tokens(&call.arguments.to_string())).sum();
        let natural = if answer.tool_calls.is_empty() { Finish::Stop } else { Finish::ToolCalls };
        let mut finish = answer.finish.unwrap_or(natural);
        let limit = self.request.max_tokens.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        if answer.finish.is_none() && tokens(&answer.text) > limit {
            pieces = shortened(pieces, limit.saturating_mul(4));
            finish = Finish::Length;
        }
        let text = pieces.concat();
        Reply {
            id: self.number,
            completion_tokens: tokens(&text) + calls + thought_tokens,
            thoughts: answer.thoughts.clone(),
            thought_tokens,
            text,
            pieces,
            tool_calls: answer.tool_calls.clone(),
            finish,
            prompt_tokens: self.request.prompt_tokens(),
            refuses: matches!(fault, Some(Fault::Refusal))
                && matches!(self.request.provider, Provider::OpenAi | Provider::OpenAiResponses),
            truncated: matches!(fault, Some(Fault::TruncatedArguments)),
        }
    }

    fn id(&self) -> String {
        format!("req_sim{:08}", self.number)
    }
}

/// Creates the body that performs these steps, and reports the outcome to the tracker.
pub(super) fn body(steps: VecDeque<Step>, mut tracker: Tracker) -> Body {
    if steps.is_empty() {
        tracker.finish(Outcome::Sent);
        return Body::empty();
    }
    Body::from_stream(stream::unfold((steps, tracker), |(mut steps, mut tracker)| async move {
        loop {
            match steps.pop_front()? {
                Step::Wait(delay) => tokio::time::sleep(delay).await,
                // The server flushes when the body is pending.
                Step::Flush => tokio::task::yield_now().await,
                Step::Hang => std::future::pending().await,
                Step::Cut => {
                    tracker.finish(Outcome::Cut);
                    return Some((Err(io::Error::other("cut as scripted")), (steps, tracker)));
                }
                Step::Send(bytes) => {
                    // Not at the end of the stream, which the server does not poll if there is a content length.
                    if steps.is_empty() {
                        tracker.finish(Outcome::Sent);
                    }
                    return Some((Ok(bytes), (steps, tracker)));
                }
            }
        }
    }))
}

fn send_torn(steps: &mut VecDeque<Step>, bytes: &[u8]) {
    for (index, piece) in torn(bytes).into_iter().enumerate() {
        if index > 0 {
            steps.push_back(Step::Flush);
        }
        steps.push_back(Step::Send(Bytes::copy_from_slice(piece)));
    }
}

fn break_off(steps: &mut VecDeque<Step>, fault: Option<&Fault>) {
    match fault {
        Some(Fault::Cut { .. } | Fault::CutEvent { .. }) => steps.extend([Step::Flush, Step::Cut]),
        Some(Fault::Stall { .. }) => steps.push_back(Step::Hang),
        _ => {}
    }
}

/// Truncates the pieces to this many characters in all.
fn shortened(pieces: Vec<String>, mut chars: usize) -> Vec<String> {
    let cut = |piece: String| {
        let piece: String = piece.chars().take(chars).collect();
        chars -= piece.chars().count();
        piece
    };
    pieces.into_iter().map(cut).filter(|piece| !piece.is_empty()).collect()
}

fn error_page(status: u16) -> String {
    let title = format!("{status} {}", reason(status));
    format!("<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n")
}

const PORTAL: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\
    <body>Sign in to use this network.</body></html>\n";
