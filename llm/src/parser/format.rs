//! The trait of a format: how a text becomes a value.

use super::{ParseError, error::failed};
use catena::{Assemble, Details, Result, Types, Whole};

/// A format of answers. [`Parser::new`](super::Parser::new) makes a step of it.
///
/// A format that is parsed as a whole uses a [`WholeReader`]:
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
    /// The name of the step.
    const NAME: &'static str;
    /// `true` if the reader emits chunks before the answer is complete.
    const STREAMS: bool = false;
    /// `true` if each chunk replaces the preceding one, so that a better value may follow.
    const REPLACES: bool = false;
    /// `true` if the format also reads the thoughts at the beginning of an answer, between `<think>` and `</think>`.
    /// Otherwise they are left out before.
    const READS_THOUGHTS: bool = false;
    /// The parsed value.
    type Output: Send + 'static;
    /// The reader of one answer.
    type Reader: Reader<Output = Self::Output>;

    /// Creates a reader for one answer.
    fn reader(&self) -> Self::Reader;

    /// Returns the instructions for a model to answer in this format. Empty if there are none.
    fn instructions(&self) -> String {
        String::new()
    }

    /// Checks the settings of the format. Called before each answer.
    ///
    /// # Errors
    /// If the settings are invalid.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Adds the settings, for graphs and manifests.
    fn details(&self, _details: &mut Details) {}

    /// Registers the types of the output, for the events of a run.
    fn types(&self, _types: &mut Types) {}

    /// Parses a whole answer.
    ///
    /// # Errors
    /// The kind [`Parse`](catena::ErrorKind::Parse) if the text does not have this format.
    fn parse(&self, text: &str) -> Result<Self::Output> {
        self.check()?;
        let mut reader = self.reader();
        let mut whole = reader.assembler();
        reader.push(text, &mut |chunk| whole.push(chunk)).map_err(failed)?;
        reader.finish(&mut |chunk| whole.push(chunk)).map_err(failed)?;
        whole.finish()
    }
}

/// A reader of one answer, which receives the text as it arrives.
pub trait Reader: Send {
    /// The parsed value.
    type Output: Send + 'static;
    /// The chunks that are emitted before and at the end.
    type Chunk: Send + 'static;
    /// The assembler of the chunks.
    type Assembler: Assemble<Chunk = Self::Chunk, Output = Self::Output>;

    /// Creates an assembler.
    fn assembler(&self) -> Self::Assembler;

    /// Reads more text.
    ///
    /// # Errors
    /// If the answer is already known to be wrong.
    fn push(&mut self, text: &str, emit: &mut dyn FnMut(Self::Chunk)) -> Result<(), ParseError>;

    /// Reads the end of the answer.
    ///
    /// # Errors
    /// If the answer does not have the format.
    fn finish(&mut self, emit: &mut dyn FnMut(Self::Chunk)) -> Result<(), ParseError>;
}

/// A reader that buffers the answer, and parses it when it is complete.
pub struct WholeReader<T> {
    text: String,
    read: Option<Box<Read<T>>>,
}

type Read<T> = dyn FnOnce(&str) -> Result<T, ParseError> + Send;

impl<T> WholeReader<T> {
    /// Creates a reader that parses by this function.
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
