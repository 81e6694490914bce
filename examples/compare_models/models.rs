//! The models: real ones where there are keys, else simulated ones.

use crate::simulated::{self, Failure};
use catena::{Error, ErrorKind, Result, Retry};
use catena_llm::{Model, ModelBuilder, anthropic, gemini_openai, openai, simulator::Simulator};
use std::{sync::Arc, time::Duration};

const KEYS: [&str; 3] = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"];

/// For each provider the model of first choice and its backup.
pub(crate) struct Models {
    pub(crate) gpt_4o: Model,
    pub(crate) gpt_mini: Model,
    pub(crate) sonnet: Model,
    pub(crate) haiku: Model,
    pub(crate) flash: Model,
    pub(crate) flash_lite: Model,
    /// For each attempt.
    pub(crate) timeout: Duration,
    pub(crate) retry: Retry,
    /// Runs as long as the models are used.
    pub(crate) simulator: Option<Simulator>,
}

/// The value of a variable of the environment.
pub(crate) type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

impl Models {
    /// Real models where all keys are there, simulated ones where none is, or where that is wanted.
    pub(crate) async fn new(variables: Variables, simulate: bool, failures: &[Failure]) -> Result<Self> {
        let missing = |key: &&str| variables(key).is_none_or(|value| value.trim().is_empty());
        let missing: Vec<&str> = KEYS.into_iter().filter(missing).collect();
        if simulate || !failures.is_empty() || missing.len() == KEYS.len() {
            let simulator = simulated::start(failures).await?;
            let retry = Retry::attempts(3).base(Duration::from_millis(100));
            return Models::build(&variables, Duration::from_millis(1500), retry, Some(simulator));
        }
        if !missing.is_empty() {
            let message = format!("three providers are asked: set {} too, or `--simulate`", missing.join(" and "));
            return Err(Error::new(ErrorKind::Auth, message));
        }
        let retry = Retry::attempts(3).base(Duration::from_millis(500));
        Models::build(&variables, Duration::from_mins(1), retry, None)
    }

    fn build(variables: &Variables, timeout: Duration, retry: Retry, simulator: Option<Simulator>) -> Result<Self> {
        let base = |url: fn(&Simulator) -> String| simulator.as_ref().map(url);
        let (gpt, claude, gemini) =
            (base(Simulator::openai_url), base(Simulator::anthropic_url), base(Simulator::gemini_openai_url));
        let model = |model: ModelBuilder, url: &Option<String>| {
            if let Some(url) = url {
                return model.base_url(url).api_key("simulated").build();
            }
            let variables = Arc::clone(variables);
            model.variables(move |name| variables(name)).build()
        };
        Ok(Models {
            gpt_4o: model(openai("gpt-4o"), &gpt)?,
            gpt_mini: model(openai("gpt-4o-mini"), &gpt)?,
            sonnet: model(anthropic("claude-sonnet-4-5"), &claude)?,
            haiku: model(anthropic("claude-haiku-4-5"), &claude)?,
            flash: model(gemini_openai("gemini-2.5-flash"), &gemini)?,
            flash_lite: model(gemini_openai("gemini-2.5-flash-lite"), &gemini)?,
            timeout,
            retry,
            simulator,
        })
    }

    /// What is asked, in words.
    pub(crate) fn who(&self) -> String {
        match &self.simulator {
            None => "Asking the real providers.".to_owned(),
            Some(simulator) => format!(
                "Asking a simulator of the providers' protocols at {}, over real HTTP: its answers are made up.\n\
                 For real ones set {}, and leave out `--fail` and `--simulate`.",
                simulator.url(),
                KEYS.join(", ")
            ),
        }
    }
}
