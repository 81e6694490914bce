//! What a format is: how its text becomes a value.

use super::{ParseError, error::failed};
use catena::{Assemble, Details, Result, Types, Whole};

/// A format that answers come in. [`Parser::new`](super::Parser::new) makes a step of it.
///
/// One that reads all at once is written with a [`WholeReader`]:
///
/// ```
/// use catena::{Result, prelude::*};
/// use catena_llm::parser::{OutputParser, ParseError, Parser, WholeReader};
///
/// struct Grade;
///
/// impl OutputParser for Grade {
///     const NAME: &'static str = "grade";
///     type Output = u8;
///     type Reader = WholeReader<u8>;
///
///     fn reader(&self) -> WholeReader<u8> {
///         WholeReader::new(|text| {
///             let wrong = |_| ParseError::new(text, "a grade", "it is no whole number");
///             text.trim().parse().map_err(wrong)
///         })
///     }
///
///     fn instructions(&self) -> String { "Answer with a grade from 1 to 6, and nothing else.".into() }
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(Parser::new(Grade).invoke(" 5\n").await?, 5);
/// assert!(Parser::new(Grade).invoke("good").await.is_err());
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub trait OutputParser: Send + Sync + 'static {
    /// What the step is called.
    const NAME: &'static str;
    /// Whether its reader gives pieces before all has come.
    const STREAMS: bool = false;
    /// Whether each piece takes the place of the one before, so that a better value may still follow.
    const REPLACES: bool = false;
    /// The value.
    type Output: Send + 'static;
    /// Reads one answer.
    type Reader: Reader<Output = Self::Output>;

    /// A fresh reader, for one answer.
    fn reader(&self) -> Self::Reader;

    /// What to tell a model, so that it answers in this format. Empty where there is nothing to say.
    fn instructions(&self) -> String {
        String::new()
    }

    /// Whether it can read anything at all: asked before each answer.
    ///
    /// # Errors
    /// Where it is set up wrongly.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Tell the settings, for graphs and manifests.
    fn details(&self, _details: &mut Details) {}

    /// Tell what is known of the types it gives, for the events of a run.
    fn types(&self, _types: &mut Types) {}

    /// The value of a whole answer.
    ///
    /// # Errors
    /// Where the text is not of this format: the kind [`Parse`](catena::ErrorKind::Parse).
    fn parse(&self, text: &str) -> Result<Self::Output> {
        self.check()?;
        let mut reader = self.reader();
        let mut whole = reader.assembler();
        reader.push(text, &mut |chunk| whole.push(chunk)).map_err(failed)?;
        reader.finish(&mut |chunk| whole.push(chunk)).map_err(failed)?;
        whole.finish()
    }
}

/// Reads one answer, as it comes.
pub trait Reader: Send {
    /// The value.
    type Output: Send + 'static;
    /// What it gives on the way.
    type Chunk: Send + 'static;
    /// Makes the value of the chunks.
    type Assembler: Assemble<Chunk = Self::Chunk, Output = Self::Output>;

    /// A fresh assembler of its chunks.
    fn assembler(&self) -> Self::Assembler;

    /// Read on.
    ///
    /// # Errors
    /// Where it is certain already that the answer is wrong.
    fn push(&mut self, text: &str, emit: &mut dyn FnMut(Self::Chunk)) -> Result<(), ParseError>;

    /// The answer is complete.
    ///
    /// # Errors
    /// Where it is not of the format.
    fn finish(&mut self, emit: &mut dyn FnMut(Self::Chunk)) -> Result<(), ParseError>;
}

/// Reads an answer in one, when all of it has come.
pub struct WholeReader<T> {
    text: String,
    read: Option<Box<Read<T>>>,
}

type Read<T> = dyn FnOnce(&str) -> Result<T, ParseError> + Send;

impl<T> WholeReader<T> {
    /// By this function.
    pub fn new(read: impl FnOnce(&str) -> Result<T, ParseError> + Send + 'static) -> Self {
        WholeReader { text: String::new(), read: Some(Box::new(read)) }
    }
}

impl<T: Send + 'static> Reader for WholeReader<T> {
    type Output = T;
    type Chunk = T;
    type Assembler = Whole<T>;

    fn assembler(&self) -> Whole<T> {
        Whole::default()
    }

    fn push(&mut self, text: &str, _emit: &mut dyn FnMut(T)) -> Result<(), ParseError> {
        self.text.push_str(text);
        Ok(())
    }

    fn finish(&mut self, emit: &mut dyn FnMut(T)) -> Result<(), ParseError> {
        if let Some(read) = self.read.take() {
            emit(read(&self.text)?);
        }
        Ok(())
    }
}
