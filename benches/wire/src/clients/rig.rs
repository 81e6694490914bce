use super::Ask;
use crate::case::Case;
use futures_util::StreamExt;
use rig_core as rig;
use rig::{
    client::CompletionClient,
    completion::{AssistantContent, CompletionModel},
    providers::openai,
    streaming::{StreamedAssistantContent, ToolCallDeltaContent},
};
use std::rc::Rc;

pub fn ask(case: Case, url: &str) -> Ask {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let client: openai::CompletionsClient =
        openai::CompletionsClient::builder().api_key("k").base_url(url.trim_end_matches('/')).http_client(http).build().unwrap();
    let model = client.completion_model(format!("gpt-{}", case.name()));
    Rc::new(move || {
        let model = model.clone();
        Box::pin(async move {
            let request = model.completion_request("?");
            if case == Case::Whole {
                let answer = request.send().await.unwrap();
                let text = answer.choice.iter().map(|content| match content {
                    AssistantContent::Text(text) => text.text.len(),
                    _ => 0,
                });
                return text.sum();
            }
            let (mut text, mut arguments) = (String::new(), String::new());
            let mut stream = request.stream().await.unwrap();
            while let Some(content) = stream.next().await {
                match content.unwrap() {
                    StreamedAssistantContent::Text(piece) => text.push_str(&piece.text),
                    StreamedAssistantContent::ToolCallDelta { content: ToolCallDeltaContent::Delta(piece), .. } => {
                        arguments.push_str(&piece);
                    }
                    _ => {}
                }
            }
            text.len() + arguments.len()
        })
    })
}
