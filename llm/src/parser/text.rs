use super::{OutputParser, ParseError, Parser, Reader};
use catena::{Concat, Details, Types};

/// Creates a parser that returns the text of an answer unchanged. On a stream it yields the text as it arrives.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{Message, parser};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(parser::text().invoke(Message::assistant("Hello")).await?, "Hello");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub const fn text() -> Parser<Text> {
    Parser::new(Text)
}

/// The format of [`text`].
#[derive(Clone, Copy, Debug)]
pub struct Text;

impl OutputParser for Text {
    const NAME: &'static str = "text";
    const STREAMS: bool = true;
    const READS_THOUGHTS: bool = true;
    type Output = String;
    type Reader = TextReader;

    fn reader(&self) -> TextReader {
        TextReader
    }

    fn details(&self, details: &mut Details) {
        details.class(["langchain", "schema", "output_parser", "StrOutputParser"]);
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<String>();
    }
}

/// The reader of [`text`], which forwards text.
#[derive(Debug)]
pub struct TextReader;

impl Reader for TextReader {
    type Output = String;
    type Chunk = String;
    type Assembler = Concat;

    fn assembler(&self) -> Concat {
        Concat::default()
    }

    fn push(&mut self, text: &str, emit: &mut dyn FnMut(String)) -> Result<(), ParseError> {
        if !text.is_empty() {
            emit(text.to_owned());
        }
        Ok(())
    }

    fn finish(&mut self, _emit: &mut dyn FnMut(String)) -> Result<(), ParseError> {
        Ok(())
    }
}
