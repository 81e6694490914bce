//! Configuration keys for models: keys for all models of a run, and keys for a single model.

use crate::{Options, ReasoningEffort};
use catena::{ConfigKey, Context, Keys};

/// The randomness of every model in the run; see [`Options::temperature`].
///
/// ```
/// use catena::{Config, Context, RunnableExt, StepExt};
/// use catena_llm::{Chat, ChatModel, ChatRequest, Message, keys};
///
/// struct Thermometer;
///
/// impl ChatModel for Thermometer {
///     fn name(&self) -> &str { "thermometer" }
///
///     async fn complete(&self, request: ChatRequest, _cx: &Context) -> catena::Result<Message> {
///         Ok(Message::assistant(format!("{:?}", request.options.temperature)))
///     }
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let model = Chat::new(Thermometer);
/// assert_eq!(model.invoke("?").await?.text(), "None");
/// let cold = Config::new().set(&keys::TEMPERATURE, Some(0.2));
/// assert_eq!(model.invoke_with("?", cold.clone()).await?.text(), "Some(0.2)");
/// // For a part of a chain. The configuration of the run takes precedence.
/// assert_eq!(model.with_config(cold).invoke("?").await?.text(), "Some(0.2)");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// `None` and unset keys leave the [options](crate::Chat::with_options) of the model unchanged; this applies to all
/// keys of this module. A value that no provider accepts fails the call with
/// [`ErrorKind::BadInput`](catena::ErrorKind::BadInput) before the request is sent.
pub static TEMPERATURE: ConfigKey<Option<f64>> =
    ConfigKey::new("temperature", None).title("Temperature").describe("the randomness of the answer");

/// The maximum number of tokens in an answer of every model in the run; see [`Options::max_tokens`].
pub static MAX_TOKENS: ConfigKey<Option<u32>> =
    ConfigKey::new("max_tokens", None).title("Max tokens").describe("the maximum number of tokens in the answer");

/// The probability mass of nucleus sampling in every model of the run; see [`Options::top_p`].
pub static TOP_P: ConfigKey<Option<f64>> =
    ConfigKey::new("top_p", None).title("Top p").describe("the probability mass of nucleus sampling");

/// The seed of every model in the run, for reproducible answers; see [`Options::seed`]. With Anthropic's models, which
/// have no seed, the call fails, as it does with the option.
pub static SEED: ConfigKey<Option<u64>> =
    ConfigKey::new("seed", None).title("Seed").describe("the seed for reproducible answers");

/// The stop sequences of every model in the run, which replace the model's own; see [`Options::stop`].
pub static STOP: ConfigKey<Option<Vec<String>>> =
    ConfigKey::new("stop", None).title("Stop").describe("the texts at which the answer ends");

/// The reasoning effort of every model in the run; see [`Options::reasoning_effort`].
pub static REASONING_EFFORT: ConfigKey<Option<ReasoningEffort>> = ConfigKey::new("reasoning_effort", None)
    .title("Reasoning effort")
    .describe("the effort to spend on reasoning")
    .options(&["none", "minimal", "low", "medium", "high", "xhigh", "max"]);

/// Configuration keys for a single model, created by [`model_keys!`](crate::model_keys) and passed to
/// [`Chat::with_keys`](crate::Chat::with_keys).
///
/// They take precedence over the keys of this module, which apply to all models.
#[derive(Debug)]
#[non_exhaustive]
pub struct ModelKeys {
    /// Like [`TEMPERATURE`].
    pub temperature: ConfigKey<Option<f64>>,
    /// Like [`MAX_TOKENS`].
    pub max_tokens: ConfigKey<Option<u32>>,
    /// Like [`TOP_P`].
    pub top_p: ConfigKey<Option<f64>>,
    /// Like [`SEED`].
    pub seed: ConfigKey<Option<u64>>,
    /// Like [`STOP`].
    pub stop: ConfigKey<Option<Vec<String>>>,
    /// Like [`REASONING_EFFORT`].
    pub reasoning_effort: ConfigKey<Option<ReasoningEffort>>,
}

impl ModelKeys {
    /// Creates keys with these ids, in the order of the fields. [`model_keys!`](crate::model_keys) derives the ids from
    /// a prefix.
    pub const fn new([temperature, max_tokens, top_p, seed, stop, reasoning_effort]: [&'static str; 6]) -> Self {
        ModelKeys {
            temperature: ConfigKey::new(temperature, None),
            max_tokens: ConfigKey::new(max_tokens, None),
            top_p: ConfigKey::new(top_p, None),
            seed: ConfigKey::new(seed, None),
            stop: ConfigKey::new(stop, None),
            reasoning_effort: ConfigKey::new(reasoning_effort, None),
        }
    }
}

/// Creates the [keys of one model](crate::ModelKeys), whose ids begin with a prefix: `gpt.temperature`,
/// `gpt.max_tokens`, `gpt.top_p`, `gpt.seed`, `gpt.stop`, `gpt.reasoning_effort`. For a `static`.
///
/// ```
/// use catena_llm::{ModelKeys, model_keys};
///
/// static GPT: ModelKeys = model_keys!("gpt");
/// assert_eq!(GPT.max_tokens.id(), "gpt.max_tokens");
/// ```
#[macro_export]
macro_rules! model_keys {
    ($prefix:literal) => {
        $crate::ModelKeys::new([
            ::core::concat!($prefix, ".temperature"),
            ::core::concat!($prefix, ".max_tokens"),
            ::core::concat!($prefix, ".top_p"),
            ::core::concat!($prefix, ".seed"),
            ::core::concat!($prefix, ".stop"),
            ::core::concat!($prefix, ".reasoning_effort"),
        ])
    };
}

/// Returns the value of the model's own key, or else of the key for all models.
fn set<T: Clone + 'static>(cx: &Context, own: Option<&ConfigKey<Option<T>>>, all: &ConfigKey<Option<T>>) -> Option<T> {
    own.and_then(|key| cx.set_value(key)?.clone()).or_else(|| cx.set_value(all)?.clone())
}

/// Returns the options that the run sets.
pub(crate) fn options(cx: &Context, own: Option<&ModelKeys>) -> Options {
    Options {
        temperature: set(cx, own.map(|own| &own.temperature), &TEMPERATURE),
        max_tokens: set(cx, own.map(|own| &own.max_tokens), &MAX_TOKENS),
        top_p: set(cx, own.map(|own| &own.top_p), &TOP_P),
        seed: set(cx, own.map(|own| &own.seed), &SEED),
        stop: set(cx, own.map(|own| &own.stop), &STOP).unwrap_or_default(),
        reasoning_effort: set(cx, own.map(|own| &own.reasoning_effort), &REASONING_EFFORT),
        ..Options::default()
    }
}

/// Declares the keys for all models, and the model's own.
pub(crate) fn declare(keys: &mut Keys, own: Option<&'static ModelKeys>) {
    keys.add(&TEMPERATURE);
    keys.add(&MAX_TOKENS);
    keys.add(&TOP_P);
    keys.add(&SEED);
    keys.add(&STOP);
    keys.add(&REASONING_EFFORT);
    if let Some(own) = own {
        keys.add(&own.temperature);
        keys.add(&own.max_tokens);
        keys.add(&own.top_p);
        keys.add(&own.seed);
        keys.add(&own.stop);
        keys.add(&own.reasoning_effort);
    }
}
