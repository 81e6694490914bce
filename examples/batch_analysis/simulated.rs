//! The models, as far as this program needs them: a simulator whose answers are worked out from the texts.

use catena::Result;
use catena_llm::simulator::{Answer, Fault, Provider, Request, Simulator};
use std::{
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// The tokens a model can read.
const CONTEXT: usize = 1000;

/// Starts the simulator. Every `fail`-th call fails.
pub(crate) async fn start(fail: Option<NonZero<usize>>, latency: Duration) -> Result<Simulator> {
    let calls = AtomicUsize::new(0);
    let respond = move |request: &Request| {
        let call = calls.fetch_add(1, Ordering::Relaxed) + 1;
        match (refusal(request), fail) {
            (Some(refusal), _) => refusal,
            (None, Some(every)) if call.is_multiple_of(every.get()) => failure(call / every.get(), request),
            (None, _) => Answer::new(answer(request)),
        }
    };
    Ok(Simulator::builder().latency(latency).respond(respond).start().await?)
}

fn answer(request: &Request) -> &'static str {
    let text = Text::new(request.last_user());
    if request.system().contains("mood") { text.mood() } else { text.topic() }
}

fn refusal(request: &Request) -> Option<Answer> {
    let tokens = request.prompt_tokens();
    let message = format!("This model's maximum context length is {CONTEXT} tokens, but the messages have {tokens}.");
    (tokens > CONTEXT).then(|| Fault::status(400).message(message).into())
}

/// The kinds of failure take turns.
fn failure(number: usize, request: &Request) -> Answer {
    match number % 3 {
        // OpenAI can say it in milliseconds.
        1 if request.provider == Provider::OpenAi => Fault::status(429).retry_after(Duration::from_millis(30)).into(),
        1 => Fault::status(429).into(),
        2 => Fault::status(500).into(),
        _ => Answer::new(answer(request)).fault(Fault::Cut { after: 0 }),
    }
}

/// A text and its words in lower case.
struct Text<'a> {
    text: &'a str,
    words: Vec<String>,
}

impl<'a> Text<'a> {
    fn new(text: &'a str) -> Self {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        Text { text, words: words.map(str::to_lowercase).collect() }
    }

    /// Where a lexicon's entries occur: words by their beginning, which tells where; signs anywhere.
    fn places(&self, lexicon: &[&str]) -> (Vec<usize>, usize) {
        let words =
            |(place, word): (usize, &String)| lexicon.iter().any(|entry| word.starts_with(entry)).then_some(place);
        let signs = lexicon.iter().filter(|entry| !entry.chars().all(|c| c.is_alphabetic() && c < '\u{2e80}'));
        let signs = signs.map(|sign| self.text.matches(sign).count()).sum();
        (self.words.iter().enumerate().filter_map(words).collect(), signs)
    }

    fn mood(&self) -> &'static str {
        let denied = |place: &usize| {
            let before = &self.words[place.saturating_sub(2)..*place];
            before.iter().any(|word| DENIALS.contains(&word.as_str()))
        };
        let (good, good_signs) = self.places(GOOD);
        let (bad, bad_signs) = self.places(BAD);
        // What is denied counts for the other side: "not bad".
        let (not_good, good): (Vec<usize>, Vec<usize>) = good.into_iter().partition(denied);
        let (not_bad, bad): (Vec<usize>, Vec<usize>) = bad.into_iter().partition(denied);
        let good = good.len() + not_bad.len() + good_signs;
        let bad = bad.len() + not_good.len() + bad_signs;
        match (good, bad) {
            (0, 0) => "neutral",
            (good, bad) if good > 2 * bad => "positive",
            (good, bad) if bad > 2 * good => "negative",
            _ => "mixed",
        }
    }

    fn topic(&self) -> &'static str {
        let count = |lexicon: &[&str]| {
            let (words, signs) = self.places(lexicon);
            words.len() + signs
        };
        // `max_by_key` keeps the last of equals.
        let best = TOPICS.iter().rev().map(|(topic, lexicon)| (*topic, count(lexicon))).max_by_key(|(_, count)| *count);
        best.filter(|(_, count)| *count > 0).map_or("other", |(topic, _)| topic)
    }
}

const DENIALS: [&str; 12] =
    ["not", "no", "never", "neither", "nor", "without", "cannot", "nicht", "kein", "pas", "nothing", "nobody"];

const GOOD: &[&str] = &[
    "amazing",
    "beautiful",
    "best",
    "brilliant",
    "comfortabl",
    "content",
    "contento",
    "delight",
    "easy",
    "excelent",
    "excellent",
    "fantastic",
    "fast",
    "fine",
    "gerne",
    "good",
    "great",
    "happy",
    "healthy",
    "impress",
    "light",
    "love",
    "nice",
    "parfait",
    "perfect",
    "pleasant",
    "powerful",
    "recommend",
    "reliab",
    "schnell",
    "solid",
    "super",
    "thank",
    "thrill",
    "warm",
    "well",
    "wonderful",
    "works",
    "worth",
    "отличн",
    "спасибо",
    "素晴らしい",
    "最高",
    "😍",
    "👍",
];

const BAD: &[&str] = &[
    "awful",
    "bad",
    "boring",
    "broke",
    "burn",
    "cassé",
    "cheap",
    "complain",
    "complaint",
    "crash",
    "damage",
    "danger",
    "disappoint",
    "disgrace",
    "déçu",
    "expired",
    "fail",
    "faulty",
    "hate",
    "loose",
    "lost",
    "missing",
    "poor",
    "problem",
    "refund",
    "regret",
    "rude",
    "ruined",
    "scared",
    "scratch",
    "schlecht",
    "sloppy",
    "smell",
    "stain",
    "terribl",
    "thin",
    "trouble",
    "unfortunate",
    "useless",
    "weak",
    "wrong",
    "坏",
    "差",
    "👎",
    "😡",
];

const TOPICS: &[(&str, &[&str])] = &[
    (
        "delivery",
        &[
            "address",
            "arriv",
            "colis",
            "courier",
            "deliver",
            "driver",
            "express",
            "lieferung",
            "livraison",
            "llegó",
            "pack",
            "parcel",
            "shipping",
            "track",
            "transit",
            "доставка",
        ],
    ),
    (
        "payment",
        &[
            "bill",
            "card",
            "charged",
            "discount",
            "dollars",
            "euro",
            "invoice",
            "money",
            "paid",
            "payment",
            "price",
            "refund",
            "subscription",
            "vat",
            "voucher",
        ],
    ),
    ("account", &["account", "code", "konto", "log", "mail", "passwor", "subscri", "unsubscri"]),
    (
        "product",
        &[
            "app",
            "battery",
            "best",
            "blender",
            "book",
            "broke",
            "camera",
            "chair",
            "colour",
            "curtain",
            "drill",
            "excellent",
            "fabric",
            "filter",
            "font",
            "handle",
            "headphone",
            "headset",
            "heater",
            "hinge",
            "kettle",
            "keyboard",
            "lamp",
            "lid",
            "manual",
            "mattress",
            "microphone",
            "pan",
            "phone",
            "plant",
            "printer",
            "product",
            "producto",
            "produit",
            "puzzle",
            "quality",
            "remote",
            "screen",
            "sensor",
            "size",
            "sofa",
            "sound",
            "speaker",
            "stroller",
            "tent",
            "update",
            "vacuum",
            "warranty",
            "watch",
            "works",
            "zip",
            "товар",
            "商品",
            "质量",
        ],
    ),
];
