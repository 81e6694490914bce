use super::{OutputParser, ParseError, Parser, WholeReader};
use crate::schema;
use catena::{Details, Error, ErrorKind, Result, Types};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{any::type_name, fmt, marker::PhantomData, sync::Arc};

/// Creates a parser of the variants of an enum, by their `serde` names. All variants must be unit variants.
///
/// The answer must consist of that name. White space, punctuation, quotation marks and Markdown around it are ignored,
/// and so is case.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::parser;
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
/// #[serde(rename_all = "snake_case")]
/// enum Mood { Good, NotSoGood }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mood = parser::choice::<Mood>();
/// assert_eq!(mood.invoke("**Good**.\n").await?, Mood::Good);
/// assert!(mood.invoke("It is good, I think").await.is_err());
/// assert_eq!(mood.instructions(), "Answer with one of these words, and nothing else: good, not_so_good");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// If `E` is not such an enum, every call fails with [`ErrorKind::BadInput`].
///
/// # Streaming
/// Reads chunks as they arrive, and yields the variant when the answer is complete.
pub fn choice<E: DeserializeOwned + JsonSchema + Send + 'static>() -> Parser<Choice<E>> {
    let words = schema::words(&schema::of::<E>());
    let make = |word: &str| serde_json::from_value(Value::from(word)).map_err(|error| error.to_string());
    Parser::new(Choice { words: words.into(), make, of: PhantomData })
}

/// Creates a parser of one of these words, by the rules of [`choice`]. The parser returns the word in the spelling
/// given here.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::parser;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let color = parser::choice_of(["red", "green"]);
/// assert_eq!(color.invoke("\"Green\"").await?, "green");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub fn choice_of<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Parser<Choice<String>> {
    let words = words.into_iter().map(Into::into).collect();
    Parser::new(Choice { words, make: |word| Ok(word.to_owned()), of: PhantomData })
}

/// The format of [`choice`] and [`choice_of`].
pub struct Choice<E> {
    words: Arc<[String]>,
    make: fn(&str) -> std::result::Result<E, String>,
    of: PhantomData<fn() -> E>,
}

impl<E> Clone for Choice<E> {
    fn clone(&self) -> Self {
        Choice { words: Arc::clone(&self.words), make: self.make, of: PhantomData }
    }
}

impl<E> fmt::Debug for Choice<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choice").field("words", &self.words).finish_non_exhaustive()
    }
}

impl<E: Send + 'static> OutputParser for Choice<E> {
    const NAME: &'static str = "choice";
    type Output = E;
    type Reader = WholeReader<E>;

    fn reader(&self) -> WholeReader<E> {
        let (words, make) = (Arc::clone(&self.words), self.make);
        WholeReader::new(move |text| {
            let wrong = |reason: String| ParseError::new(text, format!("one of {}", words.join(", ")), reason);
            let word = chosen(text, &words).map_err(|reason| wrong(reason.to_owned()))?;
            make(word).map_err(wrong)
        })
    }

    fn instructions(&self) -> String {
        format!("Answer with one of these words, and nothing else: {}", self.words.join(", "))
    }

    fn check(&self) -> Result<()> {
        if !self.words.is_empty() {
            return Ok(());
        }
        let message =
            format!("there is nothing to choose from: `{}` is not an enum of unit variants", type_name::<E>());
        Err(Error::new(ErrorKind::BadInput, message).while_doing("setting up a parser of choices"))
    }

    fn details(&self, details: &mut Details) {
        details.set("words", self.words.to_vec());
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<String>();
    }
}

/// Returns the word that the answer consists of.
fn chosen<'a>(text: &str, words: &'a [String]) -> std::result::Result<&'a str, &'static str> {
    let text = text.trim();
    let bare = text.trim_matches(|letter: char| {
        letter.is_whitespace()
            || matches!(letter, '"' | '\'' | '`' | '*' | '_' | '.' | ',' | ':' | ';' | '!' | '(' | ')')
    });
    for said in [text, bare] {
        if let Some(word) = words.iter().find(|word| *word == said) {
            return Ok(word);
        }
        let said = said.to_lowercase();
        let mut alike = words.iter().filter(|word| word.to_lowercase() == said);
        match (alike.next(), alike.next()) {
            (Some(word), None) => return Ok(word),
            (Some(_), Some(_)) => return Err("it matches several of them that differ only in case"),
            (None, _) => {}
        }
    }
    Err("it is none of them")
}
