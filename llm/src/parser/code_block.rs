use super::{OutputParser, ParseError, Parser, Reader};
use catena::{Concat, Details, Types};
use std::borrow::Cow;

/// Creates a parser of the first fenced block of Markdown. It returns the contents without the fences and without the
/// last line break.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::parser;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let code = parser::code_block().invoke("Try this:\n```rust\nfn main() {}\n```\nIt does nothing.").await?;
/// assert_eq!(code, "fn main() {}");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// An answer without a block, or with an unclosed one, is an error.
///
/// # Streaming
/// Yields the contents as they arrive, except for text that may be the closing fence.
pub const fn code_block() -> Parser<CodeBlock> {
    Parser::new(CodeBlock { language: None })
}

/// Creates a parser of the first fenced block in this language, which is the first word after the opening fence, in any
/// case. Blocks in other languages are skipped. Otherwise like [`code_block`].
pub fn code_block_in(language: impl Into<Cow<'static, str>>) -> Parser<CodeBlock> {
    Parser::new(CodeBlock { language: Some(language.into()) })
}

/// The format of [`code_block`] and [`code_block_in`].
#[derive(Clone, Debug)]
pub struct CodeBlock {
    language: Option<Cow<'static, str>>,
}

impl OutputParser for CodeBlock {
    const NAME: &'static str = "code_block";
    const STREAMS: bool = true;
    type Output = String;
    type Reader = CodeReader;

    fn reader(&self) -> CodeReader {
        CodeReader {
            language: self.language.clone(),
            raw: String::new(),
            line: 0,
            sent: 0,
            place: Place::Before,
            newline: false,
        }
    }

    fn instructions(&self) -> String {
        let language = self.language.as_deref().unwrap_or_default();
        format!("Answer with one fenced block of code:\n```{language}\n..\n```")
    }

    fn details(&self, details: &mut Details) {
        if let Some(language) = &self.language {
            details.set("language", language.as_ref());
        }
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<String>();
    }
}

/// The reader of a fenced block.
#[derive(Debug)]
pub struct CodeReader {
    language: Option<Cow<'static, str>>,
    raw: String,
    /// The start of the current line.
    line: usize,
    /// The end of the part that was emitted.
    sent: usize,
    place: Place,
    /// `true` if a line break precedes the next text.
    newline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Before,
    /// Inside a block in another language.
    Passing(Fence),
    Inside(Fence),
    After,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Fence {
    of: char,
    length: usize,
}

impl Reader for CodeReader {
    type Output = String;
    type Chunk = String;
    type Assembler = Concat;

    fn assembler(&self) -> Concat {
        Concat::default()
    }

    fn push(&mut self, text: &str, emit: &mut dyn FnMut(String)) -> Result<(), ParseError> {
        let from = self.raw.len();
        self.raw.push_str(text);
        let mut look = from;
        while let Some(end) = self.raw[look..].find('\n').map(|end| look + end) {
            self.end_line(end, emit);
            (self.line, self.sent, look) = (end + 1, end + 1, end + 1);
        }
        if let Place::Inside(fence) = self.place
            && !may_close(&self.raw[self.line..], fence)
        {
            // A carriage return is removed when the line ends.
            let end = self.raw.len() - usize::from(self.raw.ends_with('\r'));
            self.give(end, emit);
        }
        Ok(())
    }

    fn finish(&mut self, emit: &mut dyn FnMut(String)) -> Result<(), ParseError> {
        self.end_line(self.raw.len(), emit);
        let reason = match (self.place, &self.language) {
            (Place::After, _) => return Ok(()),
            (Place::Inside(_), _) => "the block is not closed".to_owned(),
            (_, None) => "there is no fence".to_owned(),
            (_, Some(language)) => format!("there is no fence with `{language}` behind it"),
        };
        Err(ParseError::new(&self.raw, "a fenced block of code", reason))
    }
}

impl CodeReader {
    /// Reads the end of a line.
    fn end_line(&mut self, end: usize, emit: &mut dyn FnMut(String)) {
        let line = &self.raw[self.line..end];
        match self.place {
            Place::Before => {
                if let Some((fence, info)) = opened(line) {
                    let language = info.split_whitespace().next().unwrap_or_default();
                    let wanted = self.language.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(language));
                    self.place = if wanted { Place::Inside(fence) } else { Place::Passing(fence) };
                    self.newline = false;
                }
            }
            Place::Passing(fence) if closes(line, fence) => self.place = Place::Before,
            Place::Inside(fence) if closes(line, fence) => self.place = Place::After,
            Place::Inside(_) => {
                self.give(end - usize::from(line.ends_with('\r')), emit);
                if std::mem::replace(&mut self.newline, true) {
                    // The line is empty.
                    emit("\n".to_owned());
                }
            }
            Place::Passing(_) | Place::After => {}
        }
    }

    /// Emits the line up to this position, preceded by the pending line break.
    fn give(&mut self, end: usize, emit: &mut dyn FnMut(String)) {
        if self.sent >= end {
            return;
        }
        let text = &self.raw[self.sent..end];
        emit(if std::mem::take(&mut self.newline) { format!("\n{text}") } else { text.to_owned() });
        self.sent = end;
    }
}

/// Returns the fence of a line, and the text after it.
fn opened(line: &str) -> Option<(Fence, &str)> {
    let line = line.trim();
    let of = line.chars().next().filter(|of| matches!(of, '`' | '~'))?;
    let info = line.trim_start_matches(of);
    let length = line.len() - info.len();
    // `code` within a line is not a fence.
    (length >= 3 && !info.contains('`')).then_some((Fence { of, length }, info))
}

fn closes(line: &str, fence: Fence) -> bool {
    let line = line.trim();
    line.len() >= fence.length && line.chars().all(|letter| letter == fence.of)
}

/// Returns whether the line may still become the closing fence.
fn may_close(line: &str, fence: Fence) -> bool {
    line.trim().chars().all(|letter| letter == fence.of)
}
