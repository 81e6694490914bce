//! The settings of an answer in the body that each provider receives, and the errors of settings that it does not have.

use catena::{ErrorKind, RunnableExt};
use catena_llm::{
    MessageAssembler, ModelBuilder, Options, ReasoningEffort, anthropic, azure_openai, gemini, gemini_openai, ollama,
    openai, openai_compatible, openai_responses,
    simulator::{Provider, Simulator},
};
use serde_json::{Value, json};

fn builder(sim: &Simulator, provider: Provider, model: &str) -> ModelBuilder {
    let builder = match provider {
        Provider::OpenAi => openai(model),
        Provider::OpenAiResponses => openai_responses(model),
        Provider::Anthropic => anthropic(model),
        Provider::Gemini => gemini(model),
        _ => gemini_openai(model),
    };
    builder.base_url(sim.base_url(provider)).api_key("k-123456")
}

#[tokio::test]
async fn settings_are_sent_as_each_provider_takes_them() {
    use Provider::{Anthropic, Gemini, GeminiOpenAi, OpenAi, OpenAiResponses};
    let sim = Simulator::start().await.unwrap();
    let new = Options::new;
    let cases: Vec<(Provider, &str, Options, Value)> = vec![
        (
            OpenAi,
            "gpt-4o",
            new().frequency_penalty(0.5).presence_penalty(-1.0).seed(7).service_tier("flex").stop("END"),
            json!({"frequency_penalty": 0.5, "presence_penalty": -1.0, "seed": 7, "service_tier": "flex", "stop": ["END"]}),
        ),
        (OpenAi, "gpt-4o", new().logprobs(0), json!({"logprobs": true})),
        (OpenAi, "gpt-4o", new().logprobs(3), json!({"logprobs": true, "top_logprobs": 3})),
        (OpenAi, "gpt-5.2", new().reasoning_effort(ReasoningEffort::XHigh), json!({"reasoning_effort": "xhigh"})),
        (GeminiOpenAi, "gemini-2.5-flash", new().presence_penalty(0.0), json!({"presence_penalty": 0.0})),
        (
            OpenAiResponses,
            "gpt-5",
            new().reasoning_effort(ReasoningEffort::High).service_tier("priority").max_tokens(20).logprobs(2),
            json!({
                "reasoning": {"effort": "high"}, "service_tier": "priority", "max_output_tokens": 20,
                "top_logprobs": 2, "include": ["reasoning.encrypted_content", "message.output_text.logprobs"],
            }),
        ),
        (
            Anthropic,
            "claude-sonnet-4-5",
            new().top_k(40).service_tier("standard_only"),
            json!({"top_k": 40, "service_tier": "standard_only"}),
        ),
        (
            Anthropic,
            "claude-sonnet-4-5",
            new().reasoning_budget(2000).max_tokens(3000),
            json!({"thinking": {"type": "enabled", "budget_tokens": 2000}, "max_tokens": 3000}),
        ),
        (
            Anthropic,
            "claude-opus-4-6",
            new().reasoning_budget(1024),
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}),
        ),
        (Anthropic, "claude-opus-4-6", new().reasoning_budget(0), json!({"thinking": {"type": "disabled"}})),
        (
            Anthropic,
            "claude-opus-4-7",
            new().reasoning_effort(ReasoningEffort::Max),
            json!({"output_config": {"effort": "max"}}),
        ),
        (
            Gemini,
            "gemini-2.5-flash",
            new().top_k(5).frequency_penalty(0.1).presence_penalty(0.2).seed(3).logprobs(4).service_tier("flex"),
            json!({
                "generationConfig": {
                    "topK": 5, "frequencyPenalty": 0.1, "presencePenalty": 0.2, "seed": 3, "responseLogprobs": true,
                    "logprobs": 4,
                },
                "serviceTier": "flex",
            }),
        ),
        (
            Gemini,
            "gemini-2.5-flash",
            new().reasoning_budget(512),
            json!({"generationConfig": {"thinkingConfig": {"thinkingBudget": 512, "includeThoughts": true}}}),
        ),
        (
            Gemini,
            "gemini-2.5-flash",
            new().reasoning_budget(0),
            json!({"generationConfig": {"thinkingConfig": {"thinkingBudget": 0}}}),
        ),
    ];
    for (provider, name, options, wanted) in cases {
        let model = builder(&sim, provider, name).options(options.clone()).build().unwrap();
        for stream in [false, true] {
            if stream {
                model.stream("?").assemble(MessageAssembler::default()).await.unwrap();
            } else {
                model.invoke("?").await.unwrap();
            }
            let sent = sim.requests().pop().unwrap().request.body;
            for (field, value) in wanted.as_object().unwrap() {
                assert_eq!(&sent[field], value, "{provider} {name}: {sent}");
            }
        }
    }
}

#[tokio::test]
async fn settings_that_a_provider_lacks_are_errors_before_anything_is_sent() {
    use Provider::{Anthropic, Gemini, GeminiOpenAi, OpenAi, OpenAiResponses};
    let sim = Simulator::start().await.unwrap();
    let new = Options::new;
    for (provider, name, options, said) in [
        (OpenAi, "gpt-4o", new().top_k(5), "`top_k` is set, which OpenAI does not support"),
        (OpenAi, "gpt-5", new().reasoning_budget(2000), "`reasoning_budget` is set, and OpenAI has none"),
        (GeminiOpenAi, "gemini-2.5-flash", new().top_k(5), "`top_k` is set, which Gemini does not support"),
        (OpenAiResponses, "gpt-5", new().top_k(5), "`top_k` is set"),
        (OpenAiResponses, "gpt-5", new().seed(5), "`seed` is set"),
        (OpenAiResponses, "gpt-5", new().stop("x"), "a stop sequence is set"),
        (OpenAiResponses, "gpt-5", new().frequency_penalty(1.0), "`frequency_penalty` is set"),
        (OpenAiResponses, "gpt-5", new().presence_penalty(1.0), "`presence_penalty` is set"),
        (OpenAiResponses, "gpt-5", new().reasoning_budget(2000), "`reasoning_budget` is set"),
        (Anthropic, "claude-sonnet-4-5", new().seed(5), "`seed` is set"),
        (Anthropic, "claude-sonnet-4-5", new().frequency_penalty(1.0), "`frequency_penalty` is set"),
        (Anthropic, "claude-sonnet-4-5", new().presence_penalty(1.0), "`presence_penalty` is set"),
        (Anthropic, "claude-sonnet-4-5", new().logprobs(0), "`logprobs` is set"),
        (Anthropic, "claude-opus-4-7", new().reasoning_budget(2000), "set a `reasoning_effort`"),
        (Anthropic, "claude-sonnet-4-5", new().reasoning_budget(1000), "at least 1024"),
        (Anthropic, "claude-sonnet-4-5", new().reasoning_budget(2000).max_tokens(2000), "less than `max_tokens`"),
        (Anthropic, "claude-sonnet-4-5", new().reasoning_budget(2000).top_k(3), "`top_k` is set beside reasoning"),
        (Anthropic, "claude-sonnet-4-5", new().reasoning_effort(ReasoningEffort::Max), "`reasoning_effort` is `max`"),
        (Gemini, "gemini-3-pro", new().reasoning_effort(ReasoningEffort::XHigh), "`reasoning_effort` is `xhigh`"),
        (Gemini, "gemini-2.5-pro", new().seed(1 << 40), "`seed` is"),
    ] {
        let error = builder(&sim, provider, name).options(options).build().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput, "{error}");
        assert!(error.message().contains(said), "{provider} {name}: {error}");
    }
    // Values that no provider takes.
    for (options, said) in [
        (new().top_k(0), "`top_k` is 0"),
        (new().frequency_penalty(2.5), "between -2 and 2"),
        (new().presence_penalty(f64::NAN), "between -2 and 2"),
        (new().logprobs(21), "at most 20"),
        (new().service_tier(" "), "`service_tier` is empty"),
        (new().reasoning_budget(9).reasoning_effort(ReasoningEffort::Low), "providers take one of them"),
    ] {
        let error = builder(&sim, OpenAi, "gpt-5").options(options).build().unwrap_err();
        assert!(error.message().contains(said), "{error}");
    }
    assert!(sim.requests().is_empty());
}

#[tokio::test]
async fn compatible_servers_get_what_openai_lacks() {
    let sim = Simulator::start().await.unwrap();
    let model = openai_compatible(sim.openai_url(), "qwen3").api_key("k");
    model.options(Options::new().top_k(20).logprobs(1)).build().unwrap().invoke("?").await.unwrap();
    let sent = sim.requests().pop().unwrap().request.body;
    assert_eq!((&sent["top_k"], &sent["top_logprobs"]), (&json!(20), &json!(1)));

    // Ollama drops these in silence, so they are refused here.
    for options in [Options::new().top_k(20), Options::new().service_tier("flex")] {
        let error = ollama("llama3.2").base_url(sim.openai_url()).options(options).build().unwrap_err();
        assert!(error.message().contains("which Ollama does not support"), "{error}");
    }
    let azure = azure_openai("https://my.openai.azure.com", "d").api_key("k").options(Options::new().top_k(1));
    assert!(azure.build().unwrap_err().message().contains("Azure OpenAI does not support"));
}

#[test]
fn the_own_way_of_asking_for_reasoning_replaces_the_default() {
    let defaults = Options::new().reasoning_effort(ReasoningEffort::High).top_k(3).service_tier("flex");
    let options = Options::new().reasoning_budget(1024).or(&defaults);
    assert_eq!((options.reasoning_budget, options.reasoning_effort, options.top_k), (Some(1024), None, Some(3)));
    options.check().unwrap();
    let written = serde_json::to_value(&options).unwrap();
    assert_eq!(written, json!({"reasoning_budget": 1024, "top_k": 3, "service_tier": "flex"}));
    assert_eq!(serde_json::from_value::<Options>(written).unwrap(), options);
    assert_eq!(Options::new().or(&defaults).reasoning_effort, Some(ReasoningEffort::High));
}
