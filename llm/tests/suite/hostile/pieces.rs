//! Bodies that never end well, for each protocol: generators of their pieces.

/// The protocols, by the names of the builders.
pub(crate) const PROTOCOLS: [&str; 4] = ["openai", "responses", "anthropic", "gemini"];

/// A body: its head, and a function from the number of a piece to the piece. `None` ends the body.
pub(crate) struct Body {
    pub(crate) name: &'static str,
    pub(crate) head: String,
    pub(crate) piece: Box<dyn Fn(usize) -> Option<Vec<u8>> + Send + Sync>,
}

const STREAM: &str = "200 OK\r\ncontent-type: text/event-stream";
const JSON: &str = "200 OK\r\ncontent-type: application/json";

/// The size of a piece of a body without structure.
const BLOCK: usize = 32 << 10;

fn body(name: &'static str, head: &str, piece: impl Fn(usize) -> Option<Vec<u8>> + Send + Sync + 'static) -> Body {
    let head = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n");
    Body { name, head, piece: Box::new(piece) }
}

/// A response whose pieces are its head.
fn head(body: Body) -> Body {
    let head = body.head.strip_prefix("HTTP/1.1 ").and_then(|head| head.strip_suffix("\r\nconnection: close\r\n\r\n"));
    Body { head: head.unwrap_or_default().to_owned(), ..body }
}

/// A beginning, and the same block again and again, without end.
fn endless(name: &'static str, head: &str, begin: impl Into<Vec<u8>>, unit: &str) -> Body {
    let (begin, block) = (begin.into(), unit.repeat(BLOCK.div_ceil(unit.len())).into_bytes());
    body(name, head, move |at| Some(if at == 0 { begin.clone() } else { block.clone() }))
}

/// Pieces made one by one, many in a packet.
fn many(name: &'static str, begin: String, piece: impl Fn(usize) -> String + Send + Sync + 'static) -> Body {
    const PACKET: usize = 200;
    body(name, STREAM, move |at| {
        let Some(at) = at.checked_sub(1) else { return Some(begin.clone().into_bytes()) };
        Some((at * PACKET..(at + 1) * PACKET).map(&piece).collect::<String>().into_bytes())
    })
}

fn event(name: &str, data: &str) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

/// The beginning of a stream, and one of its pieces of text, with this text.
fn text(protocol: &str, text: &str) -> (String, String) {
    match protocol {
        "openai" => (String::new(), format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")),
        "responses" => (
            event("response.created", r#"{"type":"response.created","response":{"id":"r"}}"#)
                + &event(
                    "response.output_item.added",
                    r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m","role":"assistant","content":[]}}"#,
                ),
            event(
                "response.output_text.delta",
                &format!(
                    r#"{{"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"m","delta":"{text}"}}"#
                ),
            ),
        ),
        "anthropic" => (
            event(
                "message_start",
                r#"{"type":"message_start","message":{"id":"m","model":"c","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#,
            ) + &event(
                "content_block_start",
                r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            ),
            event(
                "content_block_delta",
                &format!(
                    r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{text}"}}}}"#
                ),
            ),
        ),
        _ => (
            String::new(),
            format!("data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{text}\"}}]}}}}]}}\n\n"),
        ),
    }
}

/// The nth tool call of a stream.
fn call(protocol: &str, at: usize) -> String {
    match protocol {
        "openai" => format!(
            "data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{{\"index\":{at},\"id\":\"c{at}\",\"function\":{{\"name\":\"f\",\"arguments\":\"{{}}\"}}}}]}}}}]}}\n\n"
        ),
        "responses" => event(
            "response.output_item.done",
            &format!(
                r#"{{"type":"response.output_item.done","output_index":{at},"item":{{"type":"function_call","id":"f{at}","call_id":"c{at}","name":"f","arguments":"{{}}"}}}}"#
            ),
        ),
        "anthropic" => {
            event(
                "content_block_start",
                &format!(
                    r#"{{"type":"content_block_start","index":{at},"content_block":{{"type":"tool_use","id":"c{at}","name":"f","input":{{}}}}}}"#
                ),
            ) + &event("content_block_stop", &format!(r#"{{"type":"content_block_stop","index":{at}}}"#))
        }
        _ => format!(
            "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"functionCall\":{{\"name\":\"f\",\"id\":\"c{at}\",\"args\":{{}}}}}}]}}}}]}}\n\n"
        ),
    }
}

/// The nth part of a kind that is unknown.
fn unknown(protocol: &str, at: usize) -> String {
    let part = format!("{{\"type\":\"mystery\",\"n\":{at},\"list\":[1,2,3,{{}}]}}");
    match protocol {
        "openai" => format!(
            "data: {{\"choices\":[{{\"delta\":{{\"extra_content\":{part},\"reasoning_details\":[{part}]}}}}]}}\n\n"
        ),
        "responses" => event(
            "response.output_item.done",
            &format!(r#"{{"type":"response.output_item.done","output_index":{at},"item":{part}}}"#),
        ),
        "anthropic" => {
            event(
                "content_block_start",
                &format!(r#"{{"type":"content_block_start","index":{at},"content_block":{part}}}"#),
            ) + &event("content_block_stop", &format!(r#"{{"type":"content_block_stop","index":{at}}}"#))
        }
        _ => format!("data: {{\"candidates\":[{{\"content\":{{\"parts\":[{part}]}}}}]}}\n\n"),
    }
}

/// The beginning of a whole answer, up to a text in it.
fn whole(protocol: &str) -> &'static str {
    match protocol {
        "openai" => r#"{"choices":[{"message":{"content":""#,
        "responses" => {
            r#"{"status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":""#
        }
        "anthropic" => {
            r#"{"type":"message","role":"assistant","stop_reason":"end_turn","content":[{"type":"text","text":""#
        }
        _ => r#"{"candidates":[{"content":{"parts":[{"text":""#,
    }
}

/// The beginning of a whole answer, up to the items of its list of parts or calls, and an item.
fn items(protocol: &str) -> (&'static str, &'static str) {
    match protocol {
        "openai" => {
            (r#"{"choices":[{"message":{"tool_calls":["#, r#"{"id":"c","function":{"name":"f","arguments":"{}"}},"#)
        }
        "responses" => (
            r#"{"status":"completed","output":["#,
            r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},"#,
        ),
        "anthropic" => (
            r#"{"type":"message","role":"assistant","content":["#,
            r#"{"type":"tool_use","id":"c","name":"f","input":{}},"#,
        ),
        _ => (r#"{"candidates":[{"content":{"parts":["#, r#"{"functionCall":{"name":"f","args":{}}},"#),
    }
}

/// A bomb: zeroes in `deflate`, stored once and repeated without end as members of gzip.
fn bomb(inner: &[u8]) -> Vec<u8> {
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![inner[0]; 1 << 20];
    for _ in 0..512 {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

/// The bodies that are the same for each protocol.
pub(crate) fn common_bodies() -> Vec<Body> {
    let status = |status: &str| format!("{status}\r\ncontent-type: application/json");
    let bombed = |head: &str| format!("{head}\r\ncontent-encoding: gzip");
    let (zeroes, spaces) = (bomb(b"0"), bomb(b" "));
    vec![
        endless("spaces", JSON, "", " "),
        endless("spaces of a stream", STREAM, "", "\n"),
        endless("a stream without an empty line", STREAM, "data: x", "x"),
        endless("lines without an empty line", STREAM, "", "data: x\n"),
        endless("comments", STREAM, "", ": hello\n"),
        endless("comments and empty lines", STREAM, "", ":\n\n"),
        endless("names of events", STREAM, "", "event: x\nid: y\nretry: 1\n"),
        endless("a long name", STREAM, "event: ", "x"),
        endless("no events", "200 OK\r\ncontent-type: text/plain", "", "no events at all\n\n"),
        endless("empty events", STREAM, "", "data: {}\n\n"),
        endless("names", JSON, "{", "\"a\":1,"),
        body("a bomb of numbers", &bombed(JSON), once(zeroes.clone())),
        body("a bomb of spaces", &bombed(JSON), once(spaces.clone())),
        body("a bomb of a stream", &bombed(STREAM), once(spaces)),
        body("a bomb of an error", &bombed("500 Internal Server Error"), once(zeroes)),
        endless("an error", &status("500 Internal Server Error"), "{\"error\":{\"message\":\"", "x"),
        endless("an error of numbers", &status("400 Bad Request"), "[", "0,"),
        endless("a page", "502 Bad Gateway\r\ncontent-type: text/html", "<html>", "<a>1 2</a>"),
        body("a page of words", "502 Bad Gateway\r\ncontent-type: text/html", |at| {
            let words: String =
                (at * 1000..(at + 1) * 1000).map(|word| format!("<b>{word}")).collect::<Vec<_>>().concat();
            Some(if at == 0 { b"<html>".to_vec() } else { words.into_bytes() })
        }),
        head(endless("headers", "HTTP/1.1 200 OK\r\n", "", "x-a: b\r\n")),
        head(endless("a header", "HTTP/1.1 200 OK\r\n", "x-a: ", "b")),
        head(endless("provisional answers", "", "", "HTTP/1.1 103 Early Hints\r\n\r\n")),
    ]
}

/// The bodies of a protocol.
pub(crate) fn own_bodies(protocol: &'static str) -> Vec<Body> {
    let (begin, word) = text(protocol, "word ");
    let (_, large) = text(protocol, &"x".repeat(50 << 20));
    let (list, item) = items(protocol);
    let nested: String = "[".repeat(1000);
    vec![
        endless("pings", STREAM, begin.clone(), "event: ping\ndata: {\"type\":\"ping\"}\n\n"),
        endless("words", STREAM, begin.clone(), &word),
        body("an event of 50 MB", STREAM, once((begin.clone() + &large).into_bytes())),
        many("tool calls", begin.clone(), move |at| call(protocol, at + 1)),
        many("unknown parts", begin, move |at| unknown(protocol, at + 1)),
        endless("a text", JSON, whole(protocol), "word "),
        endless("escapes", JSON, whole(protocol), "\\u00e9\\ud83e"),
        endless("calls", JSON, list, item),
        endless("numbers", JSON, list, "0,"),
        endless("objects", JSON, list, "{\"a\":[]},"),
        endless("nested lists", JSON, list, &nested),
    ]
}

/// A body of one piece.
fn once(bytes: Vec<u8>) -> impl Fn(usize) -> Option<Vec<u8>> {
    move |at| (at == 0).then(|| bytes.clone())
}
