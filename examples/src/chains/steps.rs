//! The steps of the chains, which only pretend.

use catena::prelude::*;

/// What a user wants to know.
#[derive(Clone, Debug, Record)]
pub struct Question {
    /// In their words.
    pub text: String,
}

/// What a question is about.
#[derive(Clone, Debug)]
pub enum Route {
    /// Something to compute.
    Math(String),
    /// Something to program.
    Code {
        /// What it should do.
        text: String,
        /// In which language.
        language: String,
    },
    /// Numbers.
    Numbers(Vec<f64>),
    /// Anything else.
    Other(String),
}

/// A text that was found.
#[derive(Clone, Debug)]
pub struct Document(pub String);

/// What was found, the best first.
#[derive(Clone, Debug)]
pub struct Documents(pub Vec<Document>);

/// An answer, and how many models had a say in it.
#[derive(Clone, Debug, Record)]
pub struct Answers {
    /// The answer.
    pub answer: String,
    /// How many models had a say.
    pub models: usize,
}

/// How good a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grade(pub u8);

/// What sort of question it is.
#[runnable]
pub fn classify(question: &str) -> Route {
    match question.split_once(": ") {
        Some(("math", term)) => Route::Math(term.to_owned()),
        Some((language, text)) => Route::Code { text: text.to_owned(), language: language.to_owned() },
        None if question.parse::<f64>().is_ok() => Route::Numbers(numbers::function(&[question.to_owned()])),
        None => Route::Other(question.to_owned()),
    }
}

/// What most of them say, of those that answered.
#[runnable]
pub fn consensus(opus: String, sonnet: String, mini: catena::Result<String>) -> String {
    let agreed = mini.is_ok_and(|mini| mini == opus) || sonnet == opus;
    if agreed { opus } else { sonnet }
}

/// Documents like a question.
#[runnable(kind = retriever)]
pub fn vectors(question: &str) -> Documents {
    Documents(question.split(' ').map(|word| Document(word.to_owned())).collect())
}

/// The longest first.
#[runnable]
pub fn rerank(mut documents: Documents) -> Documents {
    documents.0.sort_by_key(|document| std::cmp::Reverse(document.0.len()));
    documents
}

/// The answer, with its sources.
#[runnable]
pub fn cite(answer: &str) -> String {
    format!("{answer} [1]")
}

/// Parts of a text.
#[runnable]
pub fn split(text: &str) -> Vec<String> {
    text.split("\n\n").map(str::to_owned).collect()
}

/// The words of a text.
#[runnable]
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Those of the words that are numbers.
#[runnable]
pub fn numbers(words: &[String]) -> Vec<f64> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

/// How good a text is.
#[runnable]
pub fn grade(text: &str) -> Grade {
    Grade(u8::try_from(text.len()).unwrap_or(u8::MAX))
}

/// Texts to texts, which differ in name alone.
macro_rules! texts {
    ($($(#[$attribute:meta])* $name:ident: $with:expr;)*) => {$(
        $(#[$attribute])*
        pub fn $name(text: &str) -> String { ($with)(text) }
    )*};
}

texts! {
    /// Without the space around it.
    #[runnable] trimmed: |text: &str| text.trim().to_owned();
    /// In small letters.
    #[runnable] lowercased: str::to_lowercase;
    /// In capitals.
    #[runnable] shout: str::to_uppercase;
    /// Without tabs.
    #[runnable] cleaned: |text: &str| text.replace('\t', " ");
    /// The first line.
    #[runnable] summary: |text: &str| text.lines().next().unwrap_or_default().to_owned();
    /// A large model.
    #[runnable(kind = model)] opus: |text: &str| format!("Certainly: {text}");
    /// A model of middling size.
    #[runnable(kind = model)] sonnet: |text: &str| format!("Yes: {text}");
    /// A small model.
    #[runnable(kind = model)] haiku: |text: &str| format!("{text}, then");
    /// A very small one.
    #[runnable(kind = model)] mini: |text: &str| text.to_owned();
}

/// A step with a chain in it.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// By how much.
    pub by: f64,
}

/// Reads numbers, and scales their sum.
#[runnable]
impl Runnable<String> for Scale {
    type Output = f64;
    async fn call(&self, input: String, cx: &Context) -> catena::Result<f64> {
        let sum = chain!(String => words | numbers | |list: Vec<f64>| list.iter().sum::<f64>());
        Ok(sum.call(input, cx).await? * self.by)
    }
}
