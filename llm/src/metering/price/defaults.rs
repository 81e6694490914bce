//! List prices per million tokens, in US dollars, of the standard tier. If long prompts cost more, the prices are those
//! of prompts of usual length.

use super::{Cost, Price};

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

pub(super) const PRICES: &[(&str, Price)] = &[
    // OpenAI: developers.openai.com/api/docs/pricing
    ("gpt-5.5", price(5_000, 500, 30_000)),
    ("gpt-5.4", price(2_500, 250, 15_000)),
    ("gpt-5.4-mini", price(750, 75, 4_500)),
    ("gpt-5.4-nano", price(200, 20, 1_250)),
    ("gpt-5.2", price(1_750, 175, 14_000)),
    ("gpt-5.1", price(1_250, 125, 10_000)),
    ("gpt-5", price(1_250, 125, 10_000)),
    ("gpt-5-mini", price(250, 25, 2_000)),
    ("gpt-5-nano", price(50, 5, 400)),
    ("gpt-4.1", price(2_000, 500, 8_000)),
    ("gpt-4.1-mini", price(400, 100, 1_600)),
    ("gpt-4.1-nano", price(100, 25, 400)),
    ("gpt-4o", price(2_500, 1_250, 10_000)),
    ("gpt-4o-2024-05-13", plain(5_000, 15_000)),
    ("gpt-4o-mini", price(150, 75, 600)),
    ("o4-mini", price(1_100, 275, 4_400)),
    ("o3", price(2_000, 500, 8_000)),
    ("o3-mini", price(1_100, 550, 4_400)),
    ("o1", price(15_000, 7_500, 60_000)),
    ("gpt-4-turbo", plain(10_000, 30_000)),
    ("gpt-4-1106-preview", plain(10_000, 30_000)),
    ("gpt-4-0125-preview", plain(10_000, 30_000)),
    ("gpt-4", plain(30_000, 60_000)),
    ("gpt-3.5-turbo", plain(500, 1_500)),
    // Anthropic: platform.claude.com/docs/en/about-claude/pricing
    ("claude-opus-4-8", claude(5_000, 25_000)),
    ("claude-opus-4-7", claude(5_000, 25_000)),
    ("claude-opus-4-6", claude(5_000, 25_000)),
    ("claude-opus-4-5", claude(5_000, 25_000)),
    ("claude-opus-4-1", claude(15_000, 75_000)),
    ("claude-opus-4", claude(15_000, 75_000)),
    ("claude-opus-4-0", claude(15_000, 75_000)),
    ("claude-sonnet-4-6", claude(3_000, 15_000)),
    ("claude-sonnet-4-5", claude(3_000, 15_000)),
    ("claude-sonnet-4", claude(3_000, 15_000)),
    ("claude-sonnet-4-0", claude(3_000, 15_000)),
    ("claude-3-7-sonnet", claude(3_000, 15_000)),
    ("claude-3-5-sonnet", claude(3_000, 15_000)),
    ("claude-haiku-4-5", claude(1_000, 5_000)),
    ("claude-3-5-haiku", claude(800, 4_000)),
    ("claude-3-haiku", price(250, 30, 1_250).cache_write(usd(300))),
    ("claude-3-opus", claude(15_000, 75_000)),
    // Gemini: ai.google.dev/gemini-api/docs/pricing
    ("gemini-3.5-flash", plain(1_500, 9_000)),
    ("gemini-3.1-pro", plain(2_000, 12_000)),
    ("gemini-3-pro", plain(2_000, 12_000)),
    ("gemini-3-flash", price(500, 50, 3_000)),
    ("gemini-2.5-pro", price(1_250, 125, 10_000)),
    ("gemini-2.5-flash", price(300, 30, 2_500)),
    ("gemini-2.5-flash-lite", price(100, 10, 400)),
    ("gemini-2.0-flash", price(100, 25, 400)),
    ("gemini-2.0-flash-lite", plain(75, 300)),
];
