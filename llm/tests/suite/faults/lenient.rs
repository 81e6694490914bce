//! Answers of servers that only resemble the real ones.

use super::{HOWS, How};
use catena_llm::{FinishReason, Message, Usage, anthropic, gemini, openai, openai_compatible};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A server that gives this answer, whatever it is asked, cut into writes where a NUL stands.
async fn serve(content_type: &str, body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\nconnection: close\r\n\r\n");
    let writes: Vec<String> = body.split('\0').map(str::to_owned).collect();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut request = vec![0; 16 << 10];
        let _ = stream.read(&mut request).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        for write in writes {
            stream.write_all(write.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
        }
        stream.shutdown().await.unwrap();
    });
    url
}

async fn whole(content_type: &str, body: &str) -> catena::Result<Message> {
    How::Whole.ask(&openai_compatible(serve(content_type, body).await, "llama").build().unwrap()).await
}

async fn streamed(body: &str) -> catena::Result<Message> {
    let url = serve("text/event-stream", body).await;
    How::Streamed.ask(&openai_compatible(url, "llama").build().unwrap()).await
}

fn events(events: &[Value], last: &str) -> String {
    let mut lines: Vec<String> = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    lines.push(last.to_owned());
    lines.concat()
}

#[allow(clippy::needless_pass_by_value, reason = "it is made where it is passed")]
fn delta(delta: Value) -> Value {
    json!({"choices": [{"delta": delta}]})
}

fn finish(reason: &str) -> Value {
    json!({"choices": [{"delta": {}, "finish_reason": reason}]})
}

#[tokio::test]
async fn a_whole_answer_may_lack_most_of_what_it_has() {
    for body in [
        json!({"choices": [{"message": {"content": "Hi"}}]}),
        json!({"choices": [{"message": {"content": "Hi", "tool_calls": null, "refusal": null}, "finish_reason": null}]}),
        json!({"choices": [{"message": {"role": "assistant", "content": [{"type": "text", "text": "Hi"}]}}]}),
        json!({"id": null, "model": null, "usage": null, "error": null, "choices": [{"message": {"content": "Hi"}}]}),
        json!({"usage": {}, "extra": {"deep": [1]}, "choices": [{"index": 0, "more": 1, "message": {"content": "Hi", "x": {}}}]}),
    ] {
        let answer = whole("application/json", &body.to_string()).await.unwrap();
        assert_eq!((answer.text(), answer.finish_reason()), ("Hi", None), "{body}");
        // Nothing is made up of what is not there.
        assert_eq!((answer.usage(), answer.id()), (None, None), "{body}");
    }
    // JSON is JSON under another name as well.
    let body = json!({"model": "m", "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3, "completion_tokens": 1}});
    for content_type in ["text/plain; charset=utf-8", "application/vnd.api+json", "text/json"] {
        let answer = whole(content_type, &body.to_string()).await.unwrap();
        assert_eq!((answer.text(), answer.model()), ("Hi", Some("m")), "{content_type}");
        assert_eq!((answer.usage(), answer.finish_reason()), (Some(Usage::new(3, 1)), Some(&FinishReason::Stop)));
    }
}

#[tokio::test]
async fn tool_calls_are_read_however_they_come() {
    let full =
        json!({"id": "a1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"}});
    let mut bare = full.clone();
    bare.as_object_mut().unwrap().retain(|key, _| key == "function");
    let mut object = full.clone();
    object["function"]["arguments"] = json!({"city": "Oslo"});
    for (call, id) in [(full, "a1"), (bare, "call_0"), (object, "a1")] {
        let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
        let body = json!({"choices": [{"message": message, "finish_reason": "tool_calls"}]});
        let answer = whole("application/json", &body.to_string()).await.unwrap();
        let stream =
            events(&[delta(json!({"content": null, "tool_calls": [call]})), finish("tool_calls")], "data: [DONE]\n\n");
        for answer in [answer, streamed(&stream).await.unwrap()] {
            let [found] = answer.tool_calls() else { panic!("{call}: {answer:?}") };
            assert_eq!((found.name.as_str(), found.id.as_str()), ("weather", id), "{call}");
            assert_eq!(found.arguments::<Value>().unwrap(), json!({"city": "Oslo"}), "{call}");
            assert_eq!(answer.finish_reason(), Some(&FinishReason::ToolCalls), "{call}");
        }
    }
    // Numbers that are text, ids that are numbers, and a number that no list has room for.
    for index in [json!("0"), json!(4_294_967_295_u32), json!(-1)] {
        let call = json!({"index": index, "id": 7, "function": {"name": "weather", "arguments": "{}"}});
        let stream = events(&[delta(json!({"tool_calls": [call]})), finish("tool_calls")], "data: [DONE]\n\n");
        let answer = streamed(&stream).await.unwrap();
        assert_eq!((answer.tool_calls().len(), answer.tool_calls()[0].id.as_str()), (1, "7"), "{index}");
    }
    // No arguments at all, in every way to say so.
    for arguments in [json!(""), json!(null), json!("{}"), json!({})] {
        let call = json!({"id": "a1", "type": "function", "function": {"name": "now", "arguments": arguments}});
        let body = json!({"choices": [{"message": {"tool_calls": [call]}, "finish_reason": "stop"}]});
        let stream = events(&[delta(json!({"tool_calls": [call]})), finish("stop")], "data: [DONE]\n\n");
        for answer in [whole("application/json", &body.to_string()).await.unwrap(), streamed(&stream).await.unwrap()] {
            assert_eq!(answer.tool_calls()[0].arguments::<Value>().unwrap(), json!({}), "{arguments}");
            assert_eq!(answer.finish_reason(), Some(&FinishReason::ToolCalls), "{arguments}");
        }
    }
}

#[tokio::test]
async fn streamed_calls_are_kept_apart_however_they_are_numbered() {
    let call = |index: Option<u32>, id: Option<&str>, name: Option<&str>, arguments: &str| {
        let mut call = json!({"function": {"arguments": arguments}});
        if let Some(index) = index {
            call["index"] = json!(index);
        }
        if let Some(id) = id {
            call["id"] = json!(id);
        }
        if let Some(name) = name {
            call["function"]["name"] = json!(name);
        }
        call
    };
    let ways = [
        // As OpenAI does, the two interleaved.
        vec![
            call(Some(0), Some("a"), Some("f"), ""),
            call(Some(1), Some("b"), Some("g"), ""),
            call(Some(0), None, None, "{\"n\":"),
            call(Some(1), None, None, "{\"n\":2}"),
            call(Some(0), None, None, "1}"),
        ],
        // All of them number 0, but whole.
        vec![call(Some(0), Some("a"), Some("f"), "{\"n\":1}"), call(Some(0), Some("b"), Some("g"), "{\"n\":2}")],
        // No numbers.
        vec![
            call(None, Some("a"), Some("f"), "{\"n\":"),
            call(None, None, None, "1}"),
            call(None, Some("b"), Some("g"), "{\"n\":2}"),
        ],
        // The id with every piece, and numbers from 1.
        vec![
            call(Some(1), Some("a"), Some("f"), "{\"n\":"),
            call(Some(1), Some("a"), Some("f"), "1}"),
            call(Some(2), Some("b"), Some("g"), "{\"n\":2}"),
        ],
    ];
    for pieces in ways {
        let mut all: Vec<Value> = pieces.iter().map(|piece| delta(json!({"tool_calls": [piece]}))).collect();
        all.push(finish("tool_calls"));
        let answer = streamed(&events(&all, "data: [DONE]\n\n")).await.unwrap();
        let calls: Vec<_> = answer
            .tool_calls()
            .iter()
            .map(|call| (&*call.id, &*call.name, call.arguments::<Value>().unwrap()))
            .collect();
        assert_eq!(calls, [("a", "f", json!({"n": 1})), ("b", "g", json!({"n": 2}))], "{pieces:?}");
    }
}

#[tokio::test]
async fn streams_are_read_however_they_are_written() {
    let (hi, there) = (delta(json!({"content": "Hi"})), delta(json!({"content": " there"})));
    let stop = finish("stop");
    for body in [
        // Comments, CR LF, no space after the colon, fields nobody asked for.
        format!(": hello\n\ndata:{hi}\n\n: ping\n\nid: 7\nretry: 10\ndata:{there}\n\ndata:{stop}\n\ndata:[DONE]\n\n"),
        format!(
            "data: {hi}\r\n\r\n:\r\n\r\nevent: message\r\ndata: {there}\r\n\r\ndata: {stop}\r\n\r\ndata: [DONE]\r\n\r\n"
        ),
        format!("data: {hi}\r\rdata: {there}\r\rdata: {stop}\r\rdata: [DONE]\r\r"),
        // Cut into packets anywhere, a CR and its LF among it.
        format!(
            "da\0ta: {hi}\r\0\n\r\0\ndata: {}\0{}\n\0\ndata: {stop}\n\ndata: [DO\0NE]\n\n",
            &there.to_string()[..9],
            &there.to_string()[9..]
        ),
        // No mark of the end; not even an empty line behind the last event.
        format!("data: {hi}\n\ndata: {there}\n\ndata: {stop}\n\n"),
        format!("data: {hi}\n\ndata: {there}\n\ndata: {stop}"),
        // The finish reason with the last piece.
        events(&[hi.clone(), json!({"choices": [{"delta": {"content": " there"}, "finish_reason": "stop"}]})], ""),
        // Nothing but choices, empty ones too.
        events(
            &[json!({"choices": []}), hi.clone(), json!({"choices": [], "usage": null}), there.clone(), stop.clone()],
            "data: [DONE]\n\n",
        ),
    ] {
        let answer = streamed(&body).await.unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!((answer.text(), answer.finish_reason()), ("Hi there", Some(&FinishReason::Stop)), "{body}");
    }
    // A mark of the end, and no reason.
    let answer = streamed(&events(std::slice::from_ref(&hi), "data: [DONE]\n\n")).await.unwrap();
    assert_eq!((answer.text(), answer.finish_reason()), ("Hi", None));
    // Tokens are told wherever they stand.
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 2});
    let (mut with_finish, mut alone) = (finish("stop"), json!({"choices": []}));
    with_finish["usage"] = usage.clone();
    alone["usage"] = usage;
    for body in [
        events(&[hi.clone(), with_finish.clone()], "data: [DONE]\n\n"),
        events(&[hi.clone(), with_finish], ""),
        events(&[hi.clone(), stop.clone(), alone.clone()], "data: [DONE]\n\n"),
        events(&[hi.clone(), stop, alone], ""),
    ] {
        assert_eq!(streamed(&body).await.unwrap().usage(), Some(Usage::new(3, 2)), "{body}");
    }
}

#[tokio::test]
async fn the_real_providers_may_leave_out_what_is_not_needed() {
    let anthropic_model = |url: String| anthropic("claude").base_url(url).api_key("k").build().unwrap();
    let body = json!({"content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn"});
    let answer = How::Whole.ask(&anthropic_model(serve("application/json", &body.to_string()).await)).await.unwrap();
    assert_eq!((answer.text(), answer.usage()), ("Hi", None));
    let stream = "event: content_block_delta\r\ndata:{\"type\":\"content_block_delta\",\"delta\":{\"text\":\"Hi\"}}\r\n\r\n\
        : keep\r\n\r\nevent: message_delta\r\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\r\n\r\n";
    let answer = How::Streamed.ask(&anthropic_model(serve("text/event-stream", stream).await)).await.unwrap();
    assert_eq!((answer.text(), answer.finish_reason()), ("Hi", Some(&FinishReason::Stop)));

    let body = json!({"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]});
    for how in HOWS {
        let url = match how {
            How::Whole => serve("application/json", &body.to_string()).await,
            How::Streamed => serve("text/event-stream", &format!("data:{body}\n\n")).await,
        };
        let model = gemini("gemini").base_url(url).api_key("k").build().unwrap();
        let answer = how.ask(&model).await.unwrap();
        assert_eq!((answer.text(), answer.usage(), answer.id()), ("Hi", None, None), "{how:?}");
    }
}

#[tokio::test]
async fn an_error_is_still_an_error() {
    for body in [
        json!({"error": {"message": "out of memory"}, "choices": [{"message": {"content": "Hi"}}]}),
        json!({"choices": [{"message": {"tool_calls": [{"function": "weather"}]}}]}),
        json!({"choices": [{"message": {"content": null}}]}),
        json!({"choices": []}),
        json!({"message": {"content": "Hi"}}),
    ] {
        for content_type in ["application/json", "text/plain"] {
            assert!(whole(content_type, &body.to_string()).await.is_err(), "{body}");
        }
    }
    // What cannot be read is not passed over.
    for call in [json!({"index": 0, "function": "weather"}), json!("weather")] {
        let body = events(&[delta(json!({"content": "Hi", "tool_calls": [call]})), finish("stop")], "data: [DONE]\n\n");
        let error = streamed(&body).await.unwrap_err();
        assert!(error.message().contains("cannot be read"), "{call}: {error}");
    }
    // OpenAI itself says why it stopped: a stream that does not has been cut by somebody in between.
    let url = serve("text/event-stream", &events(&[delta(json!({"content": "Hi"}))], "data: [DONE]\n\n")).await;
    let error = How::Streamed.ask(&openai("gpt-4o").base_url(url).api_key("k").build().unwrap()).await.unwrap_err();
    assert_eq!(error.kind().name(), "unavailable");
}
