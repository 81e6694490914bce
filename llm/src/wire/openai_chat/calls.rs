use super::{arguments::Progress, event::CallPiece, state};
use crate::{
    ProviderState, ToolCallChunk,
    wire::{Fault, lenient::Struct},
};
use serde_json::{Value, json};

/// The tool calls of an answer, put together from their pieces.
///
/// Servers differ in how they tell calls apart: by index, by id, by both, or by neither. Indices may be missing, or all
/// be 0. Ids may be missing, change with each piece, or be the same for all.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: Vec<OpenCall>,
    /// The number of events with calls so far.
    events: usize,
}

#[derive(Debug)]
struct OpenCall {
    /// The server's index of the call.
    number: Option<String>,
    /// The id that the server sent last.
    sent_id: Option<String>,
    /// The id of the call.
    id: Option<String>,
    name: Option<String>,
    arguments: Progress,
    /// The number of the event that had the last piece.
    event: usize,
}

impl Calls {
    /// Begins the calls of another event.
    pub(super) fn begin_event(&mut self) {
        self.events += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Reads a piece of a call. Returns `None` if it says nothing.
    pub(super) fn push(&mut self, piece: Struct<CallPiece>, origin: &str) -> Result<Option<ToolCallChunk>, Fault> {
        let mut piece = match piece {
            Struct::Read(piece) => piece,
            Struct::Nothing => return Ok(None),
            Struct::Other(other) => return Err(unreadable(&other)),
        };
        let (name, mut arguments, is_custom) = piece.called().map_err(|other| unreadable(&other))?;
        let CallPiece { index: number, id, extra_content, .. } = piece;
        let state = match extra_content.filter(|extra| !extra.is_null()) {
            Some(extra) => Some(json!({ state::EXTRA: extra })),
            None => is_custom.then(|| json!({ state::CUSTOM: true })),
        };
        let state = state.map(|state| ProviderState::new(origin, state));
        let index = match self.continued(number.as_deref(), id.as_deref(), name.as_deref(), &arguments) {
            Some(index) => index,
            None if id.is_none() && name.is_none() && arguments.trim().is_empty() && state.is_none() => {
                return Ok(None);
            }
            None => {
                let arguments = Progress::default();
                let event = self.events;
                self.open.push(OpenCall { number: None, sent_id: None, id: None, name: None, arguments, event });
                self.open.len() - 1
            }
        };
        let distinct = id.as_deref().map(|id| self.distinct(index, id));
        let Some(open) = self.open.get_mut(index) else { return Ok(None) };
        if !open.arguments.has_begun() && arguments.trim() == "null" {
            arguments.clear();
        }
        // Some servers write the text of the arguments as JSON once more.
        if !open.arguments.has_begun()
            && arguments.trim_ascii_start().starts_with('"')
            && let Ok(text) = serde_json::from_str(&arguments)
        {
            arguments = text;
        }
        open.event = self.events;
        open.number = number.or(open.number.take());
        let had_arguments = open.arguments.has_begun();
        let arguments = open.arguments.push(arguments);
        let mut chunk = ToolCallChunk { index, arguments, state, ..ToolCallChunk::default() };
        if id.is_some() {
            open.sent_id = id;
            if open.id.is_none() {
                open.id.clone_from(&distinct);
                chunk.id = distinct;
            }
        }
        match (&mut open.name, name) {
            (Some(before), Some(more)) if *before != more && !had_arguments => {
                // A name that repeats its beginning, or continues it.
                *before = if more.starts_with(before.as_str()) { more } else { format!("{before}{more}") };
                chunk.name = Some(before.clone());
            }
            (None, name) => {
                open.name.clone_from(&name);
                chunk.name = name;
            }
            (Some(_), _) => {}
        }
        Ok(Some(chunk))
    }

    /// Returns the chunks that complete the calls: ids that the server did not send, and empty arguments.
    pub(super) fn end(&mut self) -> Result<Vec<ToolCallChunk>, Fault> {
        let mut chunks = Vec::new();
        for index in 0..self.open.len() {
            let generated = self.generated_id(index);
            let Some(open) = self.open.get_mut(index) else { continue };
            if open.name.is_none() {
                let call = open.id.clone().unwrap_or_default();
                return Err(Fault::BadCall { call, why: "it has no name" });
            }
            let mut chunk = ToolCallChunk { index, ..ToolCallChunk::default() };
            if open.id.is_none() {
                open.id = Some(generated.clone());
                chunk.id = Some(generated);
            }
            chunk.arguments = open.arguments.end();
            if chunk.id.is_some() || !chunk.arguments.is_empty() {
                chunks.push(chunk);
            }
        }
        Ok(chunks)
    }

    /// Returns the call that a piece continues.
    fn continued(&self, number: Option<&str>, id: Option<&str>, name: Option<&str>, arguments: &str) -> Option<usize> {
        let position = |fits: &dyn Fn(&OpenCall) -> bool| self.open.iter().rposition(fits);
        let by_id = id.and_then(|id| position(&|open| open.sent_id.as_deref() == Some(id)));
        let by_number = number.and_then(|number| position(&|open| open.number.as_deref() == Some(number)));
        // Whether a piece that may begin a call continues this one.
        let goes_on = |at: usize, same_id: bool| {
            let Some(open) = self.open.get(at) else { return false };
            let same_name = name.is_none() || open.name.is_none() || open.name.as_deref() == name;
            match (name, &open.arguments) {
                // A piece without a name begins no call.
                (None, _) => true,
                (_, progress) if progress.is_open() => same_name,
                // A server that repeats the head of a call, or sends its parts one by one.
                (Some(_), progress) if !progress.has_begun() => {
                    // A name may come in pieces, but not within one event.
                    let is_later = open.event < self.events && number.is_some();
                    let may_continue = same_name || (is_later && (id.is_none() || same_id));
                    may_continue && (same_id || open.sent_id.is_none() || id.is_none())
                }
                _ => same_name && same_id && arguments.trim().is_empty(),
            }
        };
        match (by_number, by_id) {
            (Some(at), Some(same)) if at == same => Some(at).filter(|at| goes_on(*at, true)),
            (Some(at), _) => Some(at).filter(|at| goes_on(*at, false)),
            (None, Some(at)) => match (number, self.open.get(at)?.number.as_deref()) {
                // Two calls with the same id.
                (Some(_), Some(_)) if name.is_some() => None,
                _ => Some(at).filter(|at| goes_on(*at, true)),
            },
            (None, None) => {
                let at = self.open.len().checked_sub(1)?;
                let last = self.open.get(at)?;
                match (number, &last.number) {
                    (Some(_), Some(_)) => None,
                    // The index, or the id, comes late or changes.
                    _ if name.is_none() => {
                        (id.is_none() || last.sent_id.is_none() || last.arguments.is_open()).then_some(at)
                    }
                    _ if id.is_none() || last.arguments.is_open() => {
                        Some(at).filter(|at| last.arguments.is_open() && goes_on(*at, false))
                    }
                    _ => None,
                }
            }
        }
    }

    /// Returns the id, changed if another call has it.
    fn distinct(&self, index: usize, id: &str) -> String {
        let is_free =
            |id: &str| self.open.iter().enumerate().all(|(at, open)| at == index || open.id.as_deref() != Some(id));
        if is_free(id) {
            return id.to_owned();
        }
        // The number of the call differs from that of every other, so that few ids have to be tried.
        (index..=index + self.open.len())
            .map(|number| format!("{id}_{number}"))
            .find(|id| is_free(id))
            .unwrap_or_default()
    }

    /// Returns an id for the call of this index.
    fn generated_id(&self, index: usize) -> String {
        self.distinct(index, &format!("call_{index}"))
    }
}

#[cold]
fn unreadable(call: &Value) -> Fault {
    Fault::BadCall { call: call.to_string(), why: "it is not an object" }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the id, the name and the arguments of each call.
    fn read(pieces: &[Value]) -> Vec<(String, String, String)> {
        let mut calls = Calls::default();
        let mut read = Vec::<(String, String, String)>::new();
        let mut take = |chunk: ToolCallChunk| {
            read.resize_with(read.len().max(chunk.index + 1), Default::default);
            let call = &mut read[chunk.index];
            call.0 = chunk.id.unwrap_or(std::mem::take(&mut call.0));
            call.1 = chunk.name.unwrap_or(std::mem::take(&mut call.1));
            call.2.push_str(&chunk.arguments);
        };
        for piece in pieces {
            calls.begin_event();
            calls.push(serde_json::from_value(piece.clone()).unwrap(), "o").unwrap().into_iter().for_each(&mut take);
        }
        calls.end().unwrap().into_iter().for_each(&mut take);
        read
    }

    fn call(id: &str, name: &str, arguments: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), arguments.to_owned())
    }

    #[test]
    fn one_call_in_several_pieces_is_one() {
        let one = [call("A", "ls", r#"{"path":"/"}"#)];
        let piece = |index: Value, id: Value, name: Value, arguments: Value| json!({ "index": index, "id": id, "function": { "name": name, "arguments": arguments } });
        let (first, second) = (json!("{\"path\":"), json!("\"/\"}"));
        let (null, empty) = (Value::Null, json!(""));
        for pieces in [
            // As OpenAI sends it.
            vec![
                piece(json!(0), json!("A"), json!("ls"), empty.clone()),
                piece(json!(0), null.clone(), null.clone(), first.clone()),
                piece(json!(0), empty.clone(), empty.clone(), second.clone()),
            ],
            // The id changes (vLLM, pool#9).
            vec![
                piece(json!(0), json!("A"), json!("ls"), empty.clone()),
                piece(json!(0), json!("B"), null.clone(), json!("{\"path\":\"/\"}")),
            ],
            vec![
                piece(json!(0), json!("A"), json!("ls"), first.clone()),
                piece(json!(0), json!("B"), json!("ls"), second.clone()),
            ],
            // The head is repeated.
            vec![
                piece(json!(0), json!("A"), json!("ls"), first.clone()),
                piece(json!(0), json!("A"), json!("ls"), second.clone()),
                piece(json!(0), json!("A"), json!("ls"), empty.clone()),
            ],
            // The name, the id, or the index comes late.
            vec![
                piece(json!(0), json!("A"), null.clone(), null.clone()),
                piece(json!(0), null.clone(), json!("ls"), null.clone()),
                piece(json!(0), null.clone(), null.clone(), json!("{\"path\":\"/\"}")),
            ],
            vec![
                piece(json!(0), null.clone(), json!("ls"), first.clone()),
                piece(json!(0), json!("A"), null.clone(), second.clone()),
            ],
            vec![
                piece(null.clone(), json!("A"), json!("ls"), first.clone()),
                piece(json!(0), null.clone(), null.clone(), second.clone()),
            ],
            // No index.
            vec![
                piece(null.clone(), json!("A"), json!("ls"), first.clone()),
                piece(null.clone(), null.clone(), null.clone(), second.clone()),
            ],
            vec![piece(null.clone(), json!("A"), json!("ls"), json!({ "path": "/" }))],
            // A piece that says nothing at an index of its own.
            vec![
                piece(json!(0), json!("A"), json!("ls"), json!("{\"path\":\"/\"}")),
                piece(json!(1), null.clone(), null.clone(), empty.clone()),
            ],
        ] {
            assert_eq!(read(&pieces), one, "{pieces:?}");
        }
    }

    #[test]
    fn several_calls_are_kept_apart() {
        let whole = |index: Value, id: Value, name: &str, arguments: &str| json!({ "index": index, "id": id, "function": { "name": name, "arguments": arguments } });
        let null = Value::Null;
        for (pieces, ids) in [
            (
                vec![whole(json!(0), json!("A"), "f", "{\"n\":1}"), whole(json!(1), json!("B"), "f", "{\"n\":2}")],
                ["A", "B"],
            ),
            // All are number 0.
            (
                vec![whole(json!(0), json!("A"), "f", "{\"n\":1}"), whole(json!(0), json!("B"), "f", "{\"n\":2}")],
                ["A", "B"],
            ),
            (
                vec![whole(json!(0), null.clone(), "f", "{\"n\":1}"), whole(json!(0), null.clone(), "f", "{\"n\":2}")],
                ["call_0", "call_1"],
            ),
            // The same id.
            (
                vec![whole(json!(0), json!("A"), "f", "{\"n\":1}"), whole(json!(1), json!("A"), "f", "{\"n\":2}")],
                ["A", "A_1"],
            ),
            (
                vec![
                    whole(null.clone(), json!("A"), "f", "{\"n\":1}"),
                    whole(null.clone(), json!("A"), "f", "{\"n\":2}"),
                ],
                ["A", "A_1"],
            ),
            // Gaps, and indices that are texts.
            (
                vec![whole(json!(3), json!("A"), "f", "{\"n\":1}"), whole(json!("7"), json!("B"), "f", "{\"n\":2}")],
                ["A", "B"],
            ),
            // Neither index nor id.
            (
                vec![
                    whole(null.clone(), null.clone(), "f", "{\"n\":1}"),
                    whole(null.clone(), null.clone(), "f", "{\"n\":2}"),
                ],
                ["call_0", "call_1"],
            ),
            // A generated id that the server uses too.
            (
                vec![
                    whole(json!(0), null.clone(), "f", "{\"n\":1}"),
                    whole(json!(1), json!("call_0"), "f", "{\"n\":2}"),
                ],
                ["call_0_0", "call_0"],
            ),
        ] {
            assert_eq!(read(&pieces), [call(ids[0], "f", "{\"n\":1}"), call(ids[1], "f", "{\"n\":2}")], "{pieces:?}");
        }
    }

    #[test]
    fn calls_without_arguments_have_an_empty_object() {
        for arguments in [json!(""), json!(null), json!("null"), json!({}), json!("{}")] {
            let piece = json!({ "id": "A", "function": { "name": "now", "arguments": arguments } });
            assert_eq!(read(&[piece]), [call("A", "now", "{}")], "{arguments}");
        }
        let two = ["now", "today"]
            .map(|name| json!({ "index": 0, "id": name, "function": { "name": name, "arguments": "" } }));
        assert_eq!(read(&two), [call("now", "now", "{}"), call("today", "today", "{}")]);
    }

    #[test]
    fn calls_that_cannot_be_read_are_faults() {
        for piece in [json!("weather"), json!({ "index": 0, "function": "weather" }), json!(3)] {
            let fault = Calls::default().push(serde_json::from_value(piece.clone()).unwrap(), "o");
            assert!(matches!(fault, Err(Fault::BadCall { .. })), "{piece}: {fault:?}");
        }
        let mut calls = Calls::default();
        let nameless = json!({ "id": "A", "function": { "arguments": "{}" } });
        calls.push(serde_json::from_value(nameless).unwrap(), "o").unwrap();
        assert!(matches!(calls.end(), Err(Fault::BadCall { .. })));
    }
}
