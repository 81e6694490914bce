//! Limits, capabilities and list prices per million tokens, in US dollars, of the standard tier. If long prompts cost
//! more, the prices are those of prompts of usual length.

use super::{
    Capability::{self, Audio, Images, Pdf, Reasoning, StructuredOutput, Tools},
    ModelInfo,
};
use crate::{Cost, Price};

/// Creates an amount from thousandths of a dollar.
const fn usd(thousandths: u64) -> Cost {
    Cost::from_micros(thousandths * 1000)
}

/// Creates the prices of input, cached input and output, in thousandths of a dollar.
const fn price(input: u64, cached: u64, output: u64) -> Price {
    Price::per_million(usd(input), usd(output)).cached_input(usd(cached))
}

/// Creates prices without one for cached input.
const fn plain(input: u64, output: u64) -> Price {
    Price::per_million(usd(input), usd(output))
}

/// Creates the prices of Anthropic's models. Reading the cache costs a tenth of the input; writing to it, for five
/// minutes, costs a quarter more than the input.
const fn claude(input: u64, output: u64) -> Price {
    price(input, input / 10, output).cache_write(usd(input + input / 4))
}

const JULY: &str = "2026-07";
const NOVEMBER: &str = "2026-11";

const NONE: &[Capability] = &[];
const TOOLS: &[Capability] = &[Tools];
const VISION: &[Capability] = &[Tools, Images];
const GPT: &[Capability] = &[Tools, StructuredOutput, Images, Pdf];
const REASONING_GPT: &[Capability] = &[Tools, StructuredOutput, Reasoning, Images, Pdf];
const TEXT_REASONING: &[Capability] = &[Tools, StructuredOutput, Reasoning];
const OLD_CLAUDE: &[Capability] = &[Tools, Images, Pdf];
const THINKING_CLAUDE: &[Capability] = &[Tools, Reasoning, Images, Pdf];
const CLAUDE: &[Capability] = REASONING_GPT;
const GEMINI_2: &[Capability] = &[Tools, StructuredOutput, Images, Pdf, Audio];
const GEMINI: &[Capability] = &[Tools, StructuredOutput, Reasoning, Images, Pdf, Audio];

fn row(
    name: &str,
    as_of: &str,
    context_tokens: u32,
    max_output_tokens: u32,
    capabilities: &[Capability],
    price: Option<Price>,
) -> (String, ModelInfo) {
    let info = ModelInfo {
        as_of: as_of.to_owned(),
        context_tokens: Some(context_tokens),
        max_output_tokens: Some(max_output_tokens),
        price,
        capabilities: capabilities.to_vec(),
    };
    (name.to_owned(), info)
}

/// Returns the models of the default catalogue.
pub(super) fn models() -> Vec<(String, ModelInfo)> {
    vec![
        // OpenAI: developers.openai.com/api/docs/models and /pricing
        row("gpt-5.5", JULY, 1_050_000, 128_000, REASONING_GPT, Some(price(5_000, 500, 30_000))),
        row("gpt-5.4", JULY, 1_050_000, 128_000, REASONING_GPT, Some(price(2_500, 250, 15_000))),
        row("gpt-5.4-mini", JULY, 400_000, 128_000, REASONING_GPT, Some(price(750, 75, 4_500))),
        row("gpt-5.4-nano", JULY, 400_000, 128_000, REASONING_GPT, Some(price(200, 20, 1_250))),
        row("gpt-5.2", JULY, 400_000, 128_000, REASONING_GPT, Some(price(1_750, 175, 14_000))),
        row("gpt-5.1", JULY, 400_000, 128_000, REASONING_GPT, Some(price(1_250, 125, 10_000))),
        row("gpt-5", JULY, 400_000, 128_000, REASONING_GPT, Some(price(1_250, 125, 10_000))),
        row("gpt-5-mini", JULY, 400_000, 128_000, REASONING_GPT, Some(price(250, 25, 2_000))),
        row("gpt-5-nano", JULY, 400_000, 128_000, REASONING_GPT, Some(price(50, 5, 400))),
        row("gpt-4.1", JULY, 1_047_576, 32_768, GPT, Some(price(2_000, 500, 8_000))),
        row("gpt-4.1-mini", JULY, 1_047_576, 32_768, GPT, Some(price(400, 100, 1_600))),
        row("gpt-4.1-nano", JULY, 1_047_576, 32_768, GPT, Some(price(100, 25, 400))),
        row("gpt-4o", JULY, 128_000, 16_384, GPT, Some(price(2_500, 1_250, 10_000))),
        row("gpt-4o-2024-05-13", JULY, 128_000, 4096, VISION, Some(plain(5_000, 15_000))),
        row("gpt-4o-mini", JULY, 128_000, 16_384, GPT, Some(price(150, 75, 600))),
        row("o4-mini", JULY, 200_000, 100_000, REASONING_GPT, Some(price(1_100, 275, 4_400))),
        row("o3", JULY, 200_000, 100_000, REASONING_GPT, Some(price(2_000, 500, 8_000))),
        row("o3-mini", JULY, 200_000, 100_000, TEXT_REASONING, Some(price(1_100, 550, 4_400))),
        row("o1", JULY, 200_000, 100_000, REASONING_GPT, Some(price(15_000, 7_500, 60_000))),
        row("gpt-4-turbo", JULY, 128_000, 4096, VISION, Some(plain(10_000, 30_000))),
        row("gpt-4-1106-preview", JULY, 128_000, 4096, TOOLS, Some(plain(10_000, 30_000))),
        row("gpt-4-0125-preview", JULY, 128_000, 4096, TOOLS, Some(plain(10_000, 30_000))),
        row("gpt-4", JULY, 8192, 8192, TOOLS, Some(plain(30_000, 60_000))),
        row("gpt-3.5-turbo", JULY, 16_385, 4096, TOOLS, Some(plain(500, 1_500))),
        // Anthropic: platform.claude.com/docs/en/models/overview and /pricing
        row("claude-fable-5-2", NOVEMBER, 1_000_000, 128_000, CLAUDE, Some(claude(8_000, 40_000))),
        row("claude-fable-5-1", NOVEMBER, 1_000_000, 128_000, CLAUDE, Some(claude(10_000, 50_000))),
        row("claude-fable-5", NOVEMBER, 1_000_000, 128_000, CLAUDE, Some(claude(10_000, 50_000))),
        row("claude-opus-5-5", NOVEMBER, 1_000_000, 128_000, CLAUDE, Some(claude(4_000, 20_000))),
        row("claude-opus-5", NOVEMBER, 1_000_000, 128_000, CLAUDE, Some(claude(5_000, 25_000))),
        row("claude-sonnet-5-5", NOVEMBER, 1_000_000, 128_000, CLAUDE, Some(claude(2_000, 10_000))),
        row("claude-sonnet-5", NOVEMBER, 1_000_000, 128_000, CLAUDE, Some(claude(2_000, 10_000))),
        // Its price is listed as a lower bound.
        row("claude-haiku-5-5", NOVEMBER, 1_000_000, 128_000, CLAUDE, None),
        row("claude-opus-4-8", JULY, 1_000_000, 128_000, CLAUDE, Some(claude(5_000, 25_000))),
        row("claude-opus-4-7", JULY, 1_000_000, 128_000, CLAUDE, Some(claude(5_000, 25_000))),
        row("claude-opus-4-6", JULY, 1_000_000, 128_000, CLAUDE, Some(claude(5_000, 25_000))),
        row("claude-opus-4-5", JULY, 200_000, 64_000, CLAUDE, Some(claude(5_000, 25_000))),
        row("claude-opus-4-1", JULY, 200_000, 32_000, THINKING_CLAUDE, Some(claude(15_000, 75_000))),
        row("claude-opus-4", JULY, 200_000, 32_000, THINKING_CLAUDE, Some(claude(15_000, 75_000))),
        row("claude-opus-4-0", JULY, 200_000, 32_000, THINKING_CLAUDE, Some(claude(15_000, 75_000))),
        row("claude-sonnet-4-6", JULY, 1_000_000, 64_000, CLAUDE, Some(claude(3_000, 15_000))),
        row("claude-sonnet-4-5", JULY, 200_000, 64_000, CLAUDE, Some(claude(3_000, 15_000))),
        row("claude-sonnet-4", JULY, 200_000, 64_000, THINKING_CLAUDE, Some(claude(3_000, 15_000))),
        row("claude-sonnet-4-0", JULY, 200_000, 64_000, THINKING_CLAUDE, Some(claude(3_000, 15_000))),
        row("claude-3-7-sonnet", JULY, 200_000, 64_000, THINKING_CLAUDE, Some(claude(3_000, 15_000))),
        row("claude-3-5-sonnet", JULY, 200_000, 8192, OLD_CLAUDE, Some(claude(3_000, 15_000))),
        row("claude-haiku-4-5", JULY, 200_000, 64_000, CLAUDE, Some(claude(1_000, 5_000))),
        row("claude-3-5-haiku", JULY, 200_000, 8192, OLD_CLAUDE, Some(claude(800, 4_000))),
        row("claude-3-haiku", JULY, 200_000, 4096, VISION, Some(price(250, 30, 1_250).cache_write(usd(300)))),
        row("claude-3-opus", JULY, 200_000, 4096, VISION, Some(claude(15_000, 75_000))),
        // Gemini: ai.google.dev/gemini-api/docs/models and /pricing
        row("gemini-3.5-flash", JULY, 1_048_576, 65_536, GEMINI, Some(plain(1_500, 9_000))),
        row("gemini-3.1-pro", JULY, 1_048_576, 65_536, GEMINI, Some(plain(2_000, 12_000))),
        row("gemini-3-pro", JULY, 1_048_576, 65_536, GEMINI, Some(plain(2_000, 12_000))),
        row("gemini-3-flash", JULY, 1_048_576, 65_536, GEMINI, Some(price(500, 50, 3_000))),
        row("gemini-2.5-pro", JULY, 1_048_576, 65_536, GEMINI, Some(price(1_250, 125, 10_000))),
        row("gemini-2.5-flash", JULY, 1_048_576, 65_536, GEMINI, Some(price(300, 30, 2_500))),
        row("gemini-2.5-flash-lite", JULY, 1_048_576, 65_536, GEMINI, Some(price(100, 10, 400))),
        row("gemini-2.0-flash", JULY, 1_048_576, 8192, GEMINI_2, Some(price(100, 25, 400))),
        row("gemini-2.0-flash-lite", JULY, 1_048_576, 8192, GEMINI_2, Some(plain(75, 300))),
        // Embedders, which write no tokens: developers.openai.com/api/docs/models, ai.google.dev/gemini-api/docs/pricing
        row("text-embedding-3-small", NOVEMBER, 8191, 0, NONE, Some(plain(20, 0))),
        row("text-embedding-3-large", NOVEMBER, 8191, 0, NONE, Some(plain(130, 0))),
        row("text-embedding-ada-002", NOVEMBER, 8191, 0, NONE, Some(plain(100, 0))),
        row("gemini-embedding-001", NOVEMBER, 2048, 0, NONE, Some(plain(150, 0))),
    ]
}
