//! The models, and how they are asked.

use catena::{Result, prelude::*};
use catena_llm::{AsPrompt, Message, MessageChunk, Model, anthropic, gemini, openai};
use std::time::Duration;

/// How long an answer may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The models of three providers.
pub(crate) struct Models {
    /// Answers most questions.
    pub(crate) gpt: Model,
    /// Stands in for it.
    pub(crate) claude: Model,
    /// Gives a third opinion.
    pub(crate) gemini: Model,
    /// The delay before the second attempt.
    pub(crate) retry_after: Duration,
}

impl Models {
    pub(crate) fn new([gpt, claude, gemini]: [Model; 3], retry_after: Duration) -> Self {
        Models { gpt, claude, gemini, retry_after }
    }

    /// The real ones, with the keys of the environment.
    pub(crate) fn from_environment() -> Result<Self> {
        let models = [
            openai("gpt-4o-mini").build()?,
            anthropic("claude-sonnet-4-5").build()?,
            gemini("gemini-2.5-flash").build()?,
        ];
        Ok(Models::new(models, Duration::from_millis(200)))
    }

    /// Asks the first model up to three times, then the second.
    pub(crate) fn careful<P>(&self) -> impl Runnable<P, Output = Message, Chunk = MessageChunk> + Clone + use<P>
    where
        P: AsPrompt + Clone + Send + Sync,
    {
        let retry = Retry::attempts(3).base(self.retry_after);
        self.gpt.clone().timeout(TIME_LIMIT).retry(retry).fallback(self.claude.clone().timeout(TIME_LIMIT))
    }
}
