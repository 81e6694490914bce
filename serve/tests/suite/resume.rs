//! Streams whose client comes back.

use crate::{
    chains,
    running::{Running, frames},
};
use catena::Config;
use catena_serve::{Limits, Owner};
use serde_json::json;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn resumed(server: &Running, path: &str, last: &str) -> (u16, String) {
    let response = server.client.get(server.url(path)).header("last-event-id", last).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_stream_goes_on_after_the_last_event() {
    let server = Running::start(chains::server().resumable(Duration::from_mins(1))).await;
    let response = server.post("words/stream", &json!({ "input": "to be or" })).await;
    let id = response.headers()["x-stream-id"].to_str().unwrap().to_owned();
    let whole = response.text().await.unwrap();
    assert!(whole.starts_with("id: 0\nevent: metadata\n"), "{whole}");
    assert_eq!(frames(&whole).last().unwrap().0, "end");
    // The run is over, and what is missing is still there.
    let path = format!("words/streams/{id}");
    let (status, rest) = resumed(&server, &path, "2").await;
    assert_eq!((status, rest.starts_with("id: 3\n")), (200, true), "{rest}");
    assert!(whole.ends_with(&rest));
    assert_eq!(server.get(&path).await.text().await.unwrap(), whole);

    for (path, last, status) in [
        (&*path, "x", 400),
        (&*path, "-1", 400),
        (&*path, "99", 400),
        (&*path, "99999999999999999999999", 400),
        ("words/streams/none", "0", 404),
    ] {
        assert_eq!(resumed(&server, path, last).await.0, status, "{path} {last}");
    }
}

#[tokio::test]
async fn events_that_are_kept_no_more_are_gone() {
    let server = Running::start(chains::server().resumable(Duration::from_mins(1))).await;
    let response = server.post("words/stream", &json!({ "input": "a ".repeat(1100) })).await;
    let id = response.headers()["x-stream-id"].to_str().unwrap().to_owned();
    let whole = response.text().await.unwrap();
    assert_eq!(frames(&whole).len(), 1102);
    let path = format!("words/streams/{id}");
    // 1024 of the 1102 frames are kept.
    let (status, body) = resumed(&server, &path, "76").await;
    assert!(status == 410 && body.contains(r#""code":"gone""#), "{body}");
    assert_eq!(server.get(&path).await.status(), 410);
    let (status, rest) = resumed(&server, &path, "77").await;
    assert!(status == 200 && whole.ends_with(&rest) && rest.starts_with("id: 78\n"), "{rest}");
}

#[tokio::test]
async fn of_those_that_have_ended_the_latest_are_kept() {
    let server = Running::start(chains::server().resumable(Duration::from_mins(1))).await;
    let mut ids = Vec::new();
    for _ in 0..260 {
        let response = server.post("words/stream", &json!({ "input": "to be" })).await;
        ids.push(response.headers()["x-stream-id"].to_str().unwrap().to_owned());
        response.text().await.unwrap();
    }
    let status = async |id: &str| server.get(&format!("words/streams/{id}")).await.status().as_u16();
    assert_eq!((status(&ids[0]).await, status(&ids[259]).await), (404, 200));
}

#[tokio::test]
async fn a_stream_is_resumed_by_its_own_user_at_its_own_chain() {
    let owned = chains::server().resumable(Duration::from_mins(1)).configure(|request| {
        let user = request.headers.get("x-user").and_then(|user| user.to_str().ok());
        Ok(Config::new().with(Owner::new(user.unwrap_or("anonymous"))))
    });
    // By the owner that the application names; else by what the request proves.
    for (server, header) in [(owned, "x-user"), (chains::server().resumable(Duration::from_mins(1)), "authorization")] {
        let server = Running::start(server).await;
        let ask = json!({ "input": "to be" });
        let response =
            server.client.post(server.url("words/stream")).header(header, "a").json(&ask).send().await.unwrap();
        let id = response.headers()["x-stream-id"].to_str().unwrap().to_owned();
        response.text().await.unwrap();
        let get = async |path: &str, user: &str| {
            let request = server.client.get(server.url(&format!("{path}/streams/{id}"))).header(header, user);
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(get("words", "b").await, 404, "{header}");
        assert_eq!(get("shout", "a").await, 404, "{header}");
        assert_eq!(get("words", "a").await, 200, "{header}");
        assert_eq!(server.get(&format!("words/streams/{id}")).await.status(), 404, "{header}");
    }
}

#[tokio::test]
async fn a_chat_is_resumed_by_its_own_user() {
    let server = slow().await;
    let ask = json!({ "id": "chat1", "messages": [{ "role": "user", "parts": [{ "type": "text", "text": "hi" }] }] });
    let begin = async |user: &str| {
        let request = server.client.post(server.url("slow/ai-sdk")).header("authorization", user).json(&ask);
        let mut response = request.send().await.unwrap();
        response.chunk().await.unwrap();
        response.headers()["x-stream-id"].to_str().unwrap().to_owned()
    };
    let resume = async |user: &str| {
        let request = server.client.get(server.url("slow/ai-sdk/chat1/stream")).header("authorization", user);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let first = begin("a").await;
    assert_eq!(resume("b").await.0, 204);
    // Another user's chat of the same name does not take the place of this one.
    begin("b").await;
    let (status, text) = resume("a").await;
    assert!(status == 200 && text.contains(&first), "{text}");
}

/// The chunks of [`slow`] from this number on, as one text.
fn counted(from: u32) -> String {
    (from..40).flat_map(|n| [n.to_string(), " ".to_owned()]).collect()
}

/// A server of a chain that gives forty chunks, one after the other.
async fn slow() -> Running {
    let slow = catena::generator(|_: catena::Chunks<'_, String>| {
        catena::Chunks::new(futures_util::stream::unfold(0, |n| async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            (n < 40).then(|| (Ok(format!("{n} ")), n + 1))
        }))
    });
    let server = catena_serve::Server::new().chain("slow", catena::chain!(String => slow));
    Running::start(server.resumable(Duration::from_mins(1))).await
}

#[tokio::test]
async fn a_client_that_is_cut_off_misses_nothing() {
    let server = slow().await;
    let body = r#"{"input":"a"}"#;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /slow/stream HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    client.write_all(head.as_bytes()).await.unwrap();
    let mut seen = String::new();
    while !seen.contains("id: 5\n") {
        let mut part = [0; 512];
        let size = client.read(&mut part).await.unwrap();
        seen.push_str(&String::from_utf8_lossy(&part[..size]));
    }
    drop(client);
    let id = seen.split("x-stream-id: ").nth(1).unwrap().lines().next().unwrap();
    let (_, rest) = resumed(&server, &format!("slow/streams/{id}"), "4").await;
    let text: String = frames(&rest).iter().filter_map(|(_, data)| data.as_str()).collect();
    assert_eq!(text, counted(4));
}

#[tokio::test]
async fn a_run_goes_on_while_its_client_is_gone() {
    let (given, given_by_now) = tokio::sync::watch::channel(0);
    let counted = catena::generator(move |_: catena::Chunks<'_, String>| {
        let given = given.clone();
        catena::Chunks::new(futures_util::stream::unfold((0, given), |(n, given)| async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            given.send_replace(n);
            Some((Ok(format!("{n} ")), (n + 1, given)))
        }))
    });
    let server = catena_serve::Server::new().chain("counted", catena::chain!(String => counted));
    let server = Running::start(server.resumable(Duration::from_mins(1))).await;
    let mut response = server.post("counted/stream", &json!({ "input": "a" })).await;
    response.chunk().await.unwrap();
    drop(response);
    let mut given = given_by_now;
    let then = *given.borrow();
    let more = tokio::time::timeout(Duration::from_secs(20), given.wait_for(|n| *n >= then + 200));
    assert!(more.await.is_ok());
}

#[tokio::test]
async fn a_run_to_which_no_client_comes_back_is_cancelled() {
    let endless = catena::generator(|_: catena::Chunks<'_, String>| {
        catena::Chunks::new(futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Some((Ok("x".to_owned()), ()))
        }))
    });
    let server =
        catena_serve::Server::new().chain("endless", catena::chain!(String => endless)).chain("shout", chains::shout);
    let server = server.limits(Limits::new().concurrency(1)).resumable(Duration::from_millis(50));
    let server = Running::start(server).await;
    let mut response = server.post("endless/stream", &json!({ "input": "a" })).await;
    response.chunk().await.unwrap();
    assert_eq!(server.post("shout/invoke", &json!({ "input": "a" })).await.status(), 429);
    drop(response);
    let free = async {
        while server.post("shout/invoke", &json!({ "input": "a" })).await.status() == 429 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), free).await.unwrap();
}

#[tokio::test]
async fn the_last_stream_of_a_chat_is_resumed() {
    let server = Running::start(chains::server().resumable(Duration::from_mins(1))).await;
    assert_eq!(server.get("chat/ai-sdk/chat1/stream").await.status(), 204);
    // A stream that is still running is sent from its beginning.
    let slow = slow().await;
    let ask = json!({ "id": "chat1", "messages": [{ "role": "user", "parts": [{ "type": "text", "text": "hi" }] }] });
    let mut first = slow.post("slow/ai-sdk", &ask).await;
    first.chunk().await.unwrap();
    drop(first);
    let resumed = slow.get("slow/ai-sdk/chat1/stream").await;
    assert_eq!(resumed.status(), 200);
    let frames = frames(&resumed.text().await.unwrap());
    let text: String = frames.iter().filter_map(|(_, data)| data["delta"].as_str()).collect();
    assert_eq!((&frames[0].1["type"], text), (&json!("start"), counted(0)));

    let ask = json!({ "id": "chat1", "messages": [{ "role": "user", "parts": [{ "type": "text", "text": "hi" }] }] });
    assert!(server.post("chat/ai-sdk", &ask).await.text().await.unwrap().contains("[DONE]"));
    // It is over: there is nothing to resume.
    assert_eq!(server.get("chat/ai-sdk/chat1/stream").await.status(), 204);
}
