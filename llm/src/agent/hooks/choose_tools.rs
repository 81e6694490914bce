use super::{Hook, Turn};
use crate::{Message, ToolDefinition};
use catena::{Context, Result};
use std::collections::{HashMap, HashSet};

/// Offers the model the tools that fit its question, if there are many: those whose names and descriptions share the most
/// telling words with it.
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
}

impl ChooseTools {
    /// Offers at most so many tools, besides those that stay.
    pub fn new(most: usize) -> Self {
        ChooseTools { most, always: HashSet::new() }
    }

    /// Offers the tools of these names in every turn.
    pub fn always<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.always.extend(names.into_iter().map(Into::into));
        self
    }
}

impl Hook for ChooseTools {
    fn name(&self) -> &'static str {
        "choose_tools"
    }

    async fn before_model(&self, mut turn: Turn, _: &Context) -> Result<Turn> {
        if turn.tools.len() <= self.most {
            return Ok(turn);
        }
        let asked = words(turn.question());
        let tools: Vec<HashSet<String>> = turn.tools.iter().map(words_of).collect();
        // A word that few tools have says more.
        let mut common: HashMap<&str, usize> = HashMap::new();
        tools.iter().flatten().for_each(|word| *common.entry(word).or_default() += 1);
        let score = |words: &HashSet<String>| -> f64 {
            let shared = asked.intersection(words).filter_map(|word| common.get(word.as_str()));
            #[allow(clippy::cast_precision_loss, reason = "a number of tools is small")]
            shared.map(|tools_with_it| (1.0 + turn.tools.len() as f64 / *tools_with_it as f64).ln()).sum()
        };
        let mut order: Vec<(usize, f64)> = tools.iter().map(score).enumerate().collect();
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

fn words_of(tool: &ToolDefinition) -> HashSet<String> {
    let mut words = words(&tool.name);
    words.extend(self::words(&tool.description));
    if let Some(parameters) = tool.schema["properties"].as_object() {
        words.extend(parameters.keys().flat_map(|name| self::words(name)));
    }
    words
}

/// Returns the words of a text, in lower case and without a final `s`.
fn words(text: &str) -> HashSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).map(|word| word.strip_suffix('s').map_or(word.clone(), str::to_owned)).collect()
}
