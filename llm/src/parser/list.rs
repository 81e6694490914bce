use super::{OutputParser, ParseError, Parser, Reader, lines::Lines};
use catena::{Append, Details, Types};

/// Creates a parser of lists whose items are separated by commas or line breaks. An item that contains a comma is
/// quoted, as in CSV. Items are trimmed, and empty items are left out. An empty answer is an empty list.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::parser;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let list = parser::comma_list().invoke("salt, \"pepper, black\",\noil").await?;
/// assert_eq!(list, ["salt", "pepper, black", "oil"]);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// Yields each complete item, as a list of one.
pub const fn comma_list() -> Parser<List> {
    Parser::new(List { style: Style::Comma })
}

/// Creates a parser of lists whose lines begin with `1.` or `1)`. Indented lines continue an item; all other lines are
/// prose and left out. An answer without such a line is an error.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::parser;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let list = parser::numbered_list().invoke("Here you are:\n1. Boil water.\n2. Add tea.").await?;
/// assert_eq!(list, ["Boil water.", "Add tea."]);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// Yields each complete item, as a list of one.
pub const fn numbered_list() -> Parser<List> {
    Parser::new(List { style: Style::Numbered })
}

/// Creates a parser of lists whose lines begin with `-`, `*`, `+` or `•`. Otherwise like [`numbered_list`].
pub const fn bulleted_list() -> Parser<List> {
    Parser::new(List { style: Style::Bulleted })
}

/// The format of [`comma_list`], [`numbered_list`] and [`bulleted_list`].
#[derive(Clone, Copy, Debug)]
pub struct List {
    style: Style,
}

#[derive(Clone, Copy, Debug)]
enum Style {
    Comma,
    Numbered,
    Bulleted,
}

impl OutputParser for List {
    const NAME: &'static str = "list";
    const STREAMS: bool = true;
    type Output = Vec<String>;
    type Reader = ListReader;

    fn reader(&self) -> ListReader {
        ListReader(match self.style {
            Style::Comma => State::Comma(Comma::default()),
            Style::Numbered => State::Marked(Marked::of("a numbered list", "no line begins with a number", numbered)),
            Style::Bulleted => State::Marked(Marked::of("a bulleted list", "no line begins with a bullet", bulleted)),
        })
    }

    fn instructions(&self) -> String {
        match self.style {
            Style::Comma => "Answer with a list separated by commas, and nothing else: `one, two, three`",
            Style::Numbered => "Answer with a numbered list, one item a line, and nothing else:\n1. one\n2. two",
            Style::Bulleted => "Answer with a bulleted list, one item a line, and nothing else:\n- one\n- two",
        }
        .to_owned()
    }

    fn details(&self, details: &mut Details) {
        let class = match self.style {
            Style::Comma => "CommaSeparatedListOutputParser",
            Style::Numbered => "NumberedListOutputParser",
            Style::Bulleted => "MarkdownListOutputParser",
        };
        details.class(["langchain", "output_parsers", "list", class]);
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<Vec<String>>();
    }
}

/// The reader of a list.
#[derive(Debug)]
pub struct ListReader(State);

#[derive(Debug)]
enum State {
    Comma(Comma),
    Marked(Marked),
}

impl Reader for ListReader {
    type Output = Vec<String>;
    type Chunk = Vec<String>;
    type Assembler = Append<String>;

    fn assembler(&self) -> Append<String> {
        Append::default()
    }

    fn push(&mut self, text: &str, emit: &mut dyn FnMut(Vec<String>)) -> Result<(), ParseError> {
        match &mut self.0 {
            State::Comma(comma) => comma.push(text, emit),
            State::Marked(marked) => marked.push(text, emit),
        }
        Ok(())
    }

    fn finish(&mut self, emit: &mut dyn FnMut(Vec<String>)) -> Result<(), ParseError> {
        match &mut self.0 {
            State::Comma(comma) => comma.finish(emit),
            State::Marked(marked) => marked.finish(emit),
        }
    }
}

#[derive(Debug, Default)]
struct Comma {
    /// The whole answer, for the error.
    raw: String,
    item: String,
    quote: Quote,
}

/// The position relative to quotation marks.
#[derive(Debug, Default, PartialEq)]
enum Quote {
    #[default]
    None,
    Inside,
    /// After a quotation mark that closes, unless another one follows.
    Behind,
}

impl Comma {
    fn push(&mut self, text: &str, emit: &mut dyn FnMut(Vec<String>)) {
        self.raw.push_str(text);
        for letter in text.chars() {
            match (&self.quote, letter) {
                (Quote::None, '"') if self.item.trim().is_empty() => {
                    self.item.clear();
                    self.quote = Quote::Inside;
                }
                (Quote::Inside, '"') => self.quote = Quote::Behind,
                (Quote::Behind, '"') => {
                    self.item.push('"');
                    self.quote = Quote::Inside;
                }
                (Quote::None | Quote::Behind, ',' | '\n') => self.end(emit),
                (_, letter) => self.item.push(letter),
            }
        }
    }

    fn end(&mut self, emit: &mut dyn FnMut(Vec<String>)) {
        self.quote = Quote::None;
        let item = self.item.trim();
        if !item.is_empty() {
            emit(vec![item.to_owned()]);
        }
        self.item.clear();
    }

    fn finish(&mut self, emit: &mut dyn FnMut(Vec<String>)) -> Result<(), ParseError> {
        if self.quote == Quote::Inside {
            let reason = format!("the quotation mark before {:?} is not closed", self.item);
            return Err(ParseError::new(&self.raw, "a list separated by commas", reason));
        }
        self.end(emit);
        Ok(())
    }
}

/// A function that returns the text after the mark of an item.
type Mark = fn(&str) -> Option<&str>;

#[derive(Debug)]
struct Marked {
    /// The whole answer, for the error; `None` after the first item.
    raw: Option<String>,
    lines: Lines,
    item: Option<String>,
    mark: Mark,
    expected: &'static str,
    missing: &'static str,
}

impl Marked {
    fn of(expected: &'static str, missing: &'static str, mark: Mark) -> Self {
        Marked { raw: Some(String::new()), lines: Lines::default(), item: None, mark, expected, missing }
    }

    fn push(&mut self, text: &str, emit: &mut dyn FnMut(Vec<String>)) {
        if let Some(raw) = &mut self.raw {
            raw.push_str(text);
        }
        let Marked { raw, lines, item, mark, .. } = self;
        lines.push(text, |line| next(line, *mark, item, raw, emit));
    }

    fn finish(&mut self, emit: &mut dyn FnMut(Vec<String>)) -> Result<(), ParseError> {
        let Marked { raw, lines, item, mark, .. } = self;
        let rest = std::mem::take(&mut lines.rest);
        next(&rest, *mark, item, raw, emit);
        emit_item(item, emit);
        match self.raw.take() {
            Some(raw) => Err(ParseError::new(raw, self.expected, self.missing)),
            None => Ok(()),
        }
    }
}

fn emit_item(item: &mut Option<String>, emit: &mut dyn FnMut(Vec<String>)) {
    if let Some(item) = item.take().filter(|item| !item.is_empty()) {
        emit(vec![item]);
    }
}

fn next(
    line: &str,
    mark: Mark,
    item: &mut Option<String>,
    raw: &mut Option<String>,
    emit: &mut dyn FnMut(Vec<String>),
) {
    if let Some(begun) = mark(line.trim()) {
        emit_item(item, emit);
        *item = Some(begun.to_owned());
        *raw = None;
        return;
    }
    match item {
        Some(item) if line.starts_with([' ', '\t']) && !line.trim().is_empty() => {
            if !item.is_empty() {
                item.push(' ');
            }
            item.push_str(line.trim());
        }
        item => emit_item(item, emit),
    }
}

fn numbered(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    if rest.len() == line.len() {
        return None;
    }
    apart(rest.strip_prefix(['.', ')'])?)
}

fn bulleted(line: &str) -> Option<&str> {
    apart(line.strip_prefix(['-', '*', '+', '•'])?)
}

/// Returns the text after a mark, which white space must separate: `1.5` and `*bold*` are not marks.
fn apart(item: &str) -> Option<&str> {
    (item.is_empty() || item.starts_with(char::is_whitespace)).then(|| item.trim())
}
