use super::{Hook, Turn};
use crate::Role;
use catena::{Context, Result};
use regex_lite::{Captures, Regex};
use std::sync::LazyLock;

/// Takes personal data out of what the model sees: in messages of the user, and in the results of tools. Addresses of
/// mail and IP, telephone numbers, numbers of cards and accounts (IBAN) become `[email]`, `[ip]`, `[phone]`, `[card]` and
/// `[iban]`.
///
/// It recognises forms, not names or places, and errs on the side of redaction. The conversation that the agent returns
/// has the originals; the model, and thus its provider, does not.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{Agent, hooks::{RedactPersonal, Turn}, testing::Scripted};
///
/// async fn check(turn: Turn) -> catena::Result<Turn> {
///     assert_eq!(turn.question(), "Write to [email] or call [phone].");
///     Ok(turn)
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let agent = Agent::new(Scripted::answers(["Done."]).chat()).hook(RedactPersonal::new()).before_model(check);
/// let said = agent.invoke("Write to anna@example.com or call +41 44 668 18 00.").await?;
/// assert!(said.messages[0].text().contains("anna@example.com"));
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Default)]
pub struct RedactPersonal {
    more: Vec<Box<Redact>>,
}

type Redact = dyn Fn(&str) -> String + Send + Sync;

impl RedactPersonal {
    /// Redacts the forms that are known.
    pub fn new() -> Self {
        RedactPersonal::default()
    }

    /// Adds a function that redacts other data in a text, such as the names of customers.
    pub fn with(mut self, redact: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.more.push(Box::new(redact));
        self
    }

    fn redacted(&self, text: &str) -> Option<String> {
        let known = known(text);
        let all = self.more.iter().fold(known, |text, redact| redact(&text));
        (all != text).then_some(all)
    }
}

impl std::fmt::Debug for RedactPersonal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedactPersonal").finish_non_exhaustive()
    }
}

impl Hook for RedactPersonal {
    fn name(&self) -> &'static str {
        "redact_personal"
    }

    async fn before_model(&self, mut turn: Turn, _: &Context) -> Result<Turn> {
        let messages = turn.messages.into_iter().map(|message| match message.role() {
            Role::User | Role::Tool => message.map_texts(&|text| self.redacted(text)),
            _ => message,
        });
        turn.messages = messages.collect();
        Ok(turn)
    }
}

/// Redacts the forms that are known.
fn known(text: &str) -> String {
    let text = EMAIL.as_ref().map_or_else(|| text.to_owned(), |form| form.replace_all(text, "[email]").into_owned());
    let text = IBAN.as_ref().map_or_else(|| text.clone(), |form| form.replace_all(&text, "[iban]").into_owned());
    let text = IP.as_ref().map_or_else(|| text.clone(), |form| form.replace_all(&text, "[ip]").into_owned());
    NUMBER.as_ref().map_or_else(|| text.clone(), |form| form.replace_all(&text, number).into_owned())
}

type Form = LazyLock<Option<Regex>>;

static EMAIL: Form =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}").ok());
static IBAN: Form = LazyLock::new(|| Regex::new(r"\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?\b").ok());
static IP: Form = LazyLock::new(|| Regex::new(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b").ok());
/// A number with its separators, which is one of a card or a telephone, or none of them.
static NUMBER: Form = LazyLock::new(|| Regex::new(r"(\+|\b00|\()?\d[\d ()./-]{6,24}\d\b").ok());

fn number(found: &Captures<'_>) -> String {
    let text = found.get(0).map_or("", |all| all.as_str());
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if (13..=19).contains(&digits.len()) && is_card(&digits) {
        return "[card]".to_owned();
    }
    let separators = text.chars().filter(|c| matches!(c, ' ' | '/' | '-' | '(')).count();
    let international = text.starts_with('+') || text.starts_with("00");
    let national = text.starts_with(['0', '(']) && separators > 0;
    // A date is no telephone number: 2026-07-28, 28.07.2026.
    if (7..=15).contains(&digits.len()) && (international || national || separators >= 3) {
        return "[phone]".to_owned();
    }
    text.to_owned()
}

/// Returns whether the check digit is that of a card, by Luhn's formula.
fn is_card(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => *digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::known;

    #[test]
    fn personal_data_is_redacted_and_other_numbers_stay() {
        for (text, wanted) in [
            ("to a.b+c@mail.example.co.uk, now", "to [email], now"),
            ("card 4111 1111 1111 1111.", "card [card]."),
            ("card 5500-0000-0000-0004", "card [card]"),
            ("IBAN CH93 0076 2011 6238 5295 7 is it", "IBAN [iban] is it"),
            ("call 044 668 18 00 or (415) 555-0132", "call [phone] or [phone]"),
            ("+14155550132", "[phone]"),
            ("from 192.168.0.1:80", "from [ip]:80"),
            (
                "on 2026-07-28 at 10:30, 1234567 items, version 1.2.3, 3.14159265",
                "on 2026-07-28 at 10:30, 1234567 items, version 1.2.3, 3.14159265",
            ),
            ("order 1234567890123", "order 1234567890123"),
        ] {
            assert_eq!(known(text), wanted);
        }
    }

    #[test]
    fn long_texts_are_read_in_time() {
        let start = std::time::Instant::now();
        for text in ["a".repeat(200_000), "1 ".repeat(100_000), "a@".repeat(100_000), "A1".repeat(100_000)] {
            known(&text);
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}
