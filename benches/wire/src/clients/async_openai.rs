use super::Ask;
use crate::case::Case;
use async_openai::{
    Client,
    config::OpenAIConfig,
    types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequest},
};
use futures_util::StreamExt;
use std::rc::Rc;

pub fn ask(case: Case, url: &str) -> Ask {
    let config = OpenAIConfig::new().with_api_base(url.trim_end_matches('/')).with_api_key("k");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = Client::with_config(config).with_http_client(http);
    Rc::new(move || {
        let client = client.clone();
        Box::pin(async move {
            let request = CreateChatCompletionRequest {
                model: format!("gpt-{}", case.name()),
                messages: vec![ChatCompletionRequestUserMessage::from("?").into()],
                ..CreateChatCompletionRequest::default()
            };
            if case == Case::Whole {
                let answer = client.chat().create(request).await.unwrap();
                return answer.choices[0].message.content.as_deref().unwrap_or_default().len();
            }
            let (mut text, mut arguments) = (String::new(), String::new());
            let mut stream = client.chat().create_stream(request).await.unwrap();
            while let Some(event) = stream.next().await {
                for choice in event.unwrap().choices {
                    text.push_str(&choice.delta.content.unwrap_or_default());
                    for call in choice.delta.tool_calls.unwrap_or_default() {
                        arguments.push_str(&call.function.and_then(|function| function.arguments).unwrap_or_default());
                    }
                }
            }
            text.len() + arguments.len()
        })
    })
}
