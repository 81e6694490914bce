//! Times, counts and costs as they are to be read.

use super::{run_stats::Seen, tokens::Tokens};
use std::time::Duration;

/// `41 µs`, `850 ms`, `1.24 s`, `20.9 s`, `2 min 3 s`, `1 h 5 min`.
pub(super) fn time(time: Duration) -> String {
    let (micros, seconds) = (time.as_micros(), time.as_secs());
    match micros {
        0 => "0 ms".to_owned(),
        1..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{:.1} ms", time.as_secs_f64() * 1e3).replace(".0 ", " "),
        10_000..1_000_000 => format!("{} ms", time.as_millis()),
        1_000_000..10_000_000 => format!("{:.2} s", time.as_secs_f64()),
        10_000_000..60_000_000 => format!("{:.1} s", time.as_secs_f64()),
        _ if seconds < 3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// `1,200`.
pub(super) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(super) fn tokens(tokens: Tokens) -> String {
    format!("{} tokens in, {} out", count(tokens.input), count(tokens.output))
}

/// To the cent, or to the second digit that is not 0 where that is less: `$1.20`, `$0.0041`.
pub(super) fn dollars(cost: f64) -> String {
    if cost >= 0.1 || cost <= 0.0 || !cost.is_finite() {
        return format!("${cost:.2}");
    }
    let text =
        (2..12).map(|digits| format!("{cost:.digits$}")).find(|text| text.trim_start_matches(['0', '.']).len() >= 2);
    format!("${}", text.unwrap_or_else(|| format!("{cost:e}")))
}

/// Returns the numbers of runs by outcome: `1,000 times: 997 ok, 3 failed`.
pub(super) fn times(seen: &Seen) -> String {
    let ended = seen.ended;
    let parts = [(ended.ok, "ok"), (ended.failed, "failed"), (ended.cancelled, "cancelled"), (seen.running, "running")];
    let parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", count(*n))).collect();
    match &*parts {
        [_] if ended.ok > 0 => format!("{} times", count(seen.runs())),
        parts => format!("{} times: {}", count(seen.runs()), parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let written = |micros: u64| time(Duration::from_micros(micros));
        assert_eq!(written(0), "0 ms");
        assert_eq!(written(41), "41 µs");
        assert_eq!(written(1_200), "1.2 ms");
        assert_eq!(written(5_000), "5 ms");
        assert_eq!(written(850_400), "850 ms");
        assert_eq!(written(1_240_000), "1.24 s");
        assert_eq!(written(20_940_000), "20.9 s");
        assert_eq!(written(123_000_000), "2 min 3 s");
        assert_eq!(written(3_900_000_000), "1 h 5 min");
    }

    #[test]
    fn counts_and_costs_are_readable() {
        assert_eq!([count(7), count(1_200), count(1_234_567)], ["7", "1,200", "1,234,567"]);
        assert_eq!(
            [dollars(0.0), dollars(1.2), dollars(0.004_13), dollars(0.000_367_5)],
            ["$0.00", "$1.20", "$0.0041", "$0.00037"]
        );
    }
}
