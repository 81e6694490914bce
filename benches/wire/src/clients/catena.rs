use super::Ask;
use crate::case::Case;
use catena::RunnableExt;
use futures_util::StreamExt;
use std::rc::Rc;

pub fn ask(case: Case, url: &str) -> Ask {
    let model = catena_llm::openai(format!("gpt-{}", case.name())).base_url(url).api_key("k").build().unwrap();
    Rc::new(move || {
        let model = model.clone();
        Box::pin(async move {
            if case == Case::Whole {
                return model.invoke("?").await.unwrap().text().len();
            }
            let (mut text, mut arguments) = (String::new(), String::new());
            let mut chunks = model.stream("?");
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk.unwrap();
                text.push_str(&chunk.text);
                for call in chunk.tool_calls {
                    arguments.push_str(&call.arguments);
                }
            }
            text.len() + arguments.len()
        })
    })
}
