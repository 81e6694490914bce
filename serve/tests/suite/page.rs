//! The page of a chain.

use crate::{chains, running::Running};
use serde_json::json;

#[tokio::test]
async fn a_page_is_one_file() {
    let server = Running::start(chains::server().describe("Both <b> & more.")).await;
    let response = server.get("both/").await;
    assert_eq!(response.status(), 200);
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("connect-src 'self'"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    let html = response.text().await.unwrap();
    assert!(html.contains(&format!("<script nonce=\"{nonce}\">")) && html.contains("<svg"), "{html}");
    assert!(html.contains("Both &lt;b&gt; &amp; more."));
    for from_elsewhere in ["src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!html.contains(from_elsewhere), "{from_elsewhere}");
    }
    // The name without a slash leads there.
    let response = server.get("both").await;
    assert_eq!((response.status().as_u16(), response.url().path()), (200, "/both/"));
}

#[tokio::test]
async fn a_run_is_drawn_and_kept_without_its_values() {
    let server = Running::start(chains::server()).await;
    let frames = server.frames("answer/runs", &json!({ "input": { "text": "a secret question" } })).await;
    let text: String =
        frames.iter().filter(|(event, _)| event == "piece").filter_map(|(_, data)| data.as_str()).collect();
    assert_eq!(text, "Hello there!");
    let drawing =
        frames.iter().rev().find(|(event, _)| event == "drawing").unwrap().1["svg"].as_str().unwrap().to_owned();
    assert!(drawing.contains("scripted-1") && drawing.contains("— ok ·"), "{drawing}");
    assert_eq!(frames.last().unwrap().0, "end");
    let id = frames[0].1["id"].as_str().unwrap();
    let kept = server.get(&format!("answer/runs/{id}")).await;
    assert_eq!(kept.status(), 200);
    let html = kept.text().await.unwrap();
    assert!(html.contains("scripted-1") && !html.contains("a secret question"));
    assert_eq!(server.get("answer/runs/none").await.status(), 404);

    let frames = server.frames("answer/runs", &json!({ "input": { "text": "cut" } })).await;
    let (event, error) = frames.last().unwrap();
    assert_eq!((&**event, &error["code"], &error["path"]), ("error", &json!("rate_limited"), &json!("scripted-1")));
    // What went wrong is drawn, and not in the words of the provider.
    assert!(!format!("{frames:?}").contains("sk-very-secret"));
    let id = frames[0].1["id"].as_str().unwrap();
    assert!(!server.get(&format!("answer/runs/{id}")).await.text().await.unwrap().contains("sk-very-secret"));
}
