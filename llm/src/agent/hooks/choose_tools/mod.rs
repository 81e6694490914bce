//! Tools that fit a question, out of many.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`ChooseTools`], the hook |
//! | `by_words` | the words that tools share with a question |
//! | `by_meaning` | the similarity of tools to a question, by an embedder |

mod by_meaning;
mod by_words;

use super::{Hook, Turn};
use crate::{Message, ToolDefinition, retrieval::Embedder};
use by_meaning::Meaning;
use catena::{Context, Result};
use std::collections::HashSet;

/// Offers the model the tools that fit its question, if there are many: those whose names and descriptions share the most
/// telling words with it, or whose meaning is [the nearest](Self::by_meaning).
///
/// Tools that the model has called in the conversation stay, and so do those that are [always](Self::always) offered. A
/// tool that is not offered can still be called.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{Agent, hooks::{ChooseTools, Turn}, testing::Scripted, tool, tools};
///
/// /// The weather in a city.
/// #[tool]
/// fn weather(city: &str) -> String { format!("sunny in {city}") }
///
/// /// The trains between two cities.
/// #[tool]
/// fn trains(from: &str, to: &str) -> String { format!("{from} 7:05 - {to} 9:02") }
///
/// async fn check(turn: Turn) -> catena::Result<Turn> {
///     assert_eq!(turn.tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), ["weather"]);
///     Ok(turn)
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let model = Scripted::answers(["Sunny."]).chat();
/// let agent = Agent::new(model).tools(tools![trains, weather]?).hook(ChooseTools::new(1)).before_model(check);
/// agent.invoke("How is the weather?").await?;
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct ChooseTools {
    most: usize,
    always: HashSet<String>,
    meaning: Option<Meaning>,
}

impl ChooseTools {
    /// Offers at most so many tools, besides those that stay.
    pub fn new(most: usize) -> Self {
        ChooseTools { most, always: HashSet::new(), meaning: None }
    }

    /// Offers the tools of these names in every turn.
    pub fn always<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.always.extend(names.into_iter().map(Into::into));
        self
    }

    /// Chooses the tools whose names and descriptions are nearest to the question by this embedder, which may be in another
    /// language. The vectors of tools are computed once. If the embedder fails, words choose, with a warning.
    ///
    /// ```
    /// use catena_llm::{Agent, Chat, ChatModel, Tools, hooks::ChooseTools, openai_embeddings};
    ///
    /// # fn example(model: Chat<impl ChatModel>, hundreds: Tools) -> catena::Result<()> {
    /// let embedder = openai_embeddings("text-embedding-3-small").build()?;
    /// let agent = Agent::new(model).tools(hundreds).hook(ChooseTools::new(10).by_meaning(embedder));
    /// # Ok(()) }
    /// ```
    pub fn by_meaning(mut self, embedder: impl Embedder + 'static) -> Self {
        self.meaning = Some(Meaning::new(embedder));
        self
    }

    async fn scores(&self, question: &str, texts: &[String], cx: &Context) -> Vec<f64> {
        if let Some(meaning) = &self.meaning {
            match meaning.scores(question, texts, cx).await {
                Ok(scores) => return scores,
                Err(error) => tracing::warn!(
                    target: "catena_llm::agent",
                    embedder = meaning.name(),
                    %error,
                    "tools are chosen by words, for the embedder has failed"
                ),
            }
        }
        by_words::scores(question, texts)
    }
}

impl Hook for ChooseTools {
    fn name(&self) -> &'static str {
        "choose_tools"
    }

    async fn before_model(&self, mut turn: Turn, cx: &Context) -> Result<Turn> {
        if turn.tools.len() <= self.most {
            return Ok(turn);
        }
        let texts: Vec<String> = turn.tools.iter().map(text_of).collect();
        let scores = self.scores(turn.question(), &texts, cx).await;
        let mut order: Vec<(usize, f64)> = scores.into_iter().enumerate().collect();
        order.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let best: HashSet<usize> = order.into_iter().take(self.most).map(|(at, _)| at).collect();
        let called: HashSet<&str> =
            turn.messages.iter().flat_map(Message::tool_calls).map(|call| call.name.as_str()).collect();
        let stays = |at: usize, name: &str| best.contains(&at) || called.contains(name) || self.always.contains(name);
        let offered = turn.tools.iter().enumerate().filter(|(at, tool)| stays(*at, &tool.name));
        turn.tools = offered.map(|(_, tool)| tool.clone()).collect();
        Ok(turn)
    }
}

/// Returns what is known of a tool: its name, its description, and the names of its parameters.
fn text_of(tool: &ToolDefinition) -> String {
    let parameters = tool.schema["properties"].as_object().into_iter().flat_map(serde_json::Map::keys);
    let parameters: Vec<&str> = parameters.map(String::as_str).collect();
    format!("{}: {} ({})", tool.name, tool.description, parameters.join(", "))
}
