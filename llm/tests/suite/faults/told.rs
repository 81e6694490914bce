//! The tokens that were told of before an answer failed.

use super::{How, model};
use catena_llm::{
    ProviderError,
    simulator::{Fault, Provider, Simulator},
};

#[tokio::test]
async fn the_tokens_of_failed_answers_are_in_the_error() {
    for (provider, how, fault) in [
        (Provider::OpenAi, How::Whole, Fault::EmptyAnswer),
        (Provider::OpenAi, How::Whole, Fault::Refusal),
        (Provider::OpenAi, How::Streamed, Fault::Refusal),
        (Provider::Anthropic, How::Whole, Fault::EmptyAnswer),
        (Provider::Anthropic, How::Streamed, Fault::EmptyAnswer),
        (Provider::Anthropic, How::Streamed, Fault::Cut { after: 1 }),
        (Provider::Anthropic, How::Streamed, Fault::EarlyEnd { after: 1 }),
        (Provider::Anthropic, How::Streamed, Fault::ErrorEvent { after: 1 }),
        (Provider::Anthropic, How::Streamed, Fault::MalformedEvent { after: 1 }),
        (Provider::Gemini, How::Whole, Fault::Refusal),
        (Provider::Gemini, How::Streamed, Fault::Cut { after: 2 }),
        (Provider::Gemini, How::Streamed, Fault::EarlyEnd { after: 2 }),
    ] {
        let sim = Simulator::start().await.unwrap();
        sim.script(provider).fail(fault.clone());
        let error = how.ask(&model(provider, &sim)).await.unwrap_err();
        let usage = error.downcast_ref::<ProviderError>().and_then(ProviderError::usage);
        let sent = sim.requests()[0].request.prompt_tokens() as u64;
        assert_eq!(usage.map(|usage| usage.input_tokens), Some(sent), "{provider} {how:?} {fault:?}: {error:?}");
    }
    // Nothing is made up where nothing was told.
    let sim = Simulator::start().await.unwrap();
    sim.script(Provider::OpenAi).fail(Fault::Cut { after: 2 });
    let error = How::Streamed.ask(&model(Provider::OpenAi, &sim)).await.unwrap_err();
    assert!(error.downcast_ref::<ProviderError>().is_none_or(|failure| failure.usage().is_none()));
}
