use super::Ask;
use crate::case::Case;
use futures_util::StreamExt;
use genai::{
    Client, ModelIden, ModelSpec, ServiceTarget,
    adapter::AdapterKind,
    chat::{ChatRequest, ChatStreamEvent},
    resolver::{AuthData, Endpoint},
};
use std::rc::Rc;

pub fn ask(case: Case, url: &str) -> Ask {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = Client::builder().with_reqwest(http).build().unwrap();
    let target = ServiceTarget {
        model: ModelIden::new(AdapterKind::OpenAI, format!("gpt-{}", case.name())),
        endpoint: Endpoint::from_owned(url),
        auth: AuthData::Key("k".to_owned()),
    };
    let spec = ModelSpec::Target(target);
    Rc::new(move || {
        let (client, spec) = (client.clone(), spec.clone());
        Box::pin(async move {
            let request = ChatRequest::from_user("?");
            if case == Case::Whole {
                return client.exec_chat(spec, request, None).await.unwrap().first_text().unwrap_or_default().len();
            }
            let (mut text, mut arguments) = (String::new(), String::new());
            let mut stream = client.exec_chat_stream(spec, request, None).await.unwrap().stream;
            while let Some(event) = stream.next().await {
                match event.unwrap() {
                    ChatStreamEvent::Chunk(chunk) => text.push_str(&chunk.content),
                    ChatStreamEvent::ToolCallChunk(chunk) => {
                        arguments.push_str(chunk.tool_call.fn_arguments.as_str().unwrap_or_default());
                    }
                    _ => {}
                }
            }
            text.len() + arguments.len()
        })
    })
}
