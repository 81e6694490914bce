use std::borrow::Cow;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// The white space at the beginning after which no thoughts are looked for.
const BLANK: usize = 256;

/// A splitter of a text that may begin with thoughts between tags. The text comes in pieces, which may end anywhere. It
/// holds back at most a piece of a tag and white space at the beginning.
///
/// The opening tag may be missing, if the server's template has it. Then the text before the closing tag is given before it is
/// known to be thoughts, unless it comes in one piece with it.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: State,
    /// The text that may be a piece of a tag.
    held: String,
    /// `true` if thoughts ended, so that white space at the beginning separates them from the text.
    after_thoughts: bool,
    /// `true` if the thoughts are known, so that no closing tag ends others.
    is_settled: bool,
    /// The last byte of the text that was given before it is known what it is.
    last: Option<u8>,
}

#[derive(Debug, Default, PartialEq)]
enum State {
    /// Nothing but white space was read.
    #[default]
    Start,
    Thoughts,
    /// Text, or thoughts without an opening tag.
    Open,
    Text,
}

/// A piece of the text.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    Thought(Cow<'a, str>),
    Text(Cow<'a, str>),
    /// All text before was thoughts.
    ThoughtsBefore,
}

impl Splitter {
    /// Reads the next piece of the text.
    pub(super) fn push<'a>(&mut self, text: Cow<'a, str>, out: &mut Vec<Piece<'a>>) {
        // The common case: an answer without thoughts.
        if self.state == State::Start
            && self.held.is_empty()
            && !self.after_thoughts
            && text.bytes().next().is_some_and(|byte| byte != b'<' && !byte.is_ascii_whitespace())
        {
            self.begin_text();
        }
        if self.passes(&text) {
            out.push(Piece::Text(text));
            return;
        }
        self.held.push_str(&text);
        while self.step(out) {}
    }

    /// Returns whether this piece is text as it is, or is given as such.
    pub(super) fn passes(&mut self, text: &str) -> bool {
        if self.state == State::Text {
            return true;
        }
        let passes =
            self.state == State::Open && self.held.is_empty() && memchr::memchr(b'<', text.as_bytes()).is_none();
        if passes {
            self.last = text.as_bytes().last().copied().or(self.last);
        }
        passes
    }

    /// Notes that the thoughts came elsewhere: all that follows is text, unless it begins with a tag.
    pub(super) fn settle(&mut self, out: &mut Vec<Piece<'_>>) {
        self.is_settled = true;
        if self.state == State::Open {
            self.end(out);
        }
    }

    fn begin_text(&mut self) {
        self.state = if self.after_thoughts || self.is_settled { State::Text } else { State::Open };
    }

    /// Returns what is held back at the end of the text.
    pub(super) fn end(&mut self, out: &mut Vec<Piece<'_>>) {
        let held = std::mem::take(&mut self.held);
        if self.state == State::Open {
            self.state = State::Text;
        }
        match self.state {
            State::Thoughts if !held.is_empty() => out.push(Piece::Thought(held.into())),
            State::Start if self.after_thoughts => {
                let text = held.trim_start();
                if !text.is_empty() {
                    out.push(Piece::Text(text.to_owned().into()));
                }
            }
            _ if !held.is_empty() => out.push(Piece::Text(held.into())),
            _ => {}
        }
    }

    /// Reads what is held. Returns whether there may be more to read.
    fn step(&mut self, out: &mut Vec<Piece<'_>>) -> bool {
        match self.state {
            State::Start => {
                let text = self.held.trim_start();
                let is_far = self.held.len() - text.len() > BLANK;
                if is_far && self.after_thoughts {
                    self.held = text.to_owned();
                    return true;
                }
                if let Some(rest) = text.strip_prefix(OPEN).filter(|_| !is_far) {
                    self.held = rest.to_owned();
                    self.state = State::Thoughts;
                    return true;
                }
                if OPEN.starts_with(text) && !is_far {
                    return false;
                }
                if self.after_thoughts {
                    self.held = text.to_owned();
                }
                self.begin_text();
                true
            }
            State::Thoughts => {
                if let Some((thought, rest)) = self.held.split_once(CLOSE) {
                    if !thought.is_empty() {
                        out.push(Piece::Thought(thought.to_owned().into()));
                    }
                    self.held = rest.to_owned();
                    self.state = State::Start;
                    self.after_thoughts = true;
                    return true;
                }
                // The longest end that may begin the closing tag, which has one `<`.
                let end = self.held.rfind('<').filter(|at| CLOSE.starts_with(&self.held[*at..]));
                let tail = self.held.split_off(end.unwrap_or(self.held.len()));
                let thought = std::mem::replace(&mut self.held, tail);
                if !thought.is_empty() {
                    out.push(Piece::Thought(thought.into()));
                }
                false
            }
            State::Open => self.step_open(out),
            State::Text => {
                if !self.held.is_empty() {
                    out.push(Piece::Text(std::mem::take(&mut self.held).into()));
                }
                false
            }
        }
    }

    /// Looks for a closing tag whose opening one is missing. A tag in quotes is one that the text is about.
    fn step_open(&mut self, out: &mut Vec<Piece<'_>>) -> bool {
        let held = std::mem::take(&mut self.held);
        let mut text = held.len();
        for (at, _) in held.match_indices('<') {
            let rest = &held[at..];
            let before = held.as_bytes()[..at].last().copied().or(self.last);
            if rest.starts_with(OPEN) {
                self.state = State::Text;
                break;
            }
            if let Some(rest) = rest.strip_prefix(CLOSE).filter(|_| !before.is_some_and(|byte| b"`\"'".contains(&byte)))
            {
                if self.last.is_some() {
                    out.push(Piece::ThoughtsBefore);
                }
                if at > 0 {
                    out.push(Piece::Thought(held[..at].to_owned().into()));
                }
                rest.clone_into(&mut self.held);
                self.state = State::Start;
                self.after_thoughts = true;
                return true;
            }
            if OPEN.starts_with(rest) || CLOSE.starts_with(rest) {
                text = at;
            }
        }
        held[text..].clone_into(&mut self.held);
        if text > 0 {
            self.last = held.as_bytes()[..text].last().copied();
            out.push(Piece::Text(held[..text].to_owned().into()));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the thoughts and the text.
    fn split<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (String, String) {
        let (mut splitter, mut out) = (Splitter::default(), Vec::new());
        for piece in pieces {
            splitter.push(Cow::Borrowed(piece), &mut out);
        }
        splitter.end(&mut out);
        let (mut thoughts, mut text) = (String::new(), String::new());
        for piece in out {
            match piece {
                Piece::Thought(piece) => thoughts.push_str(&piece),
                Piece::Text(piece) => text.push_str(&piece),
                Piece::ThoughtsBefore => thoughts.push_str(&std::mem::take(&mut text)),
            }
        }
        (thoughts, text)
    }

    #[test]
    fn thoughts_at_the_beginning_are_split_off_at_every_cut() {
        for (text, thoughts, rest) in [
            ("<think>Say {\"a\":1}? No.</think>\n{\"b\":2}", "Say {\"a\":1}? No.", "{\"b\":2}"),
            ("\n <think>\u{e4} < b </thin</think>\n\nx </think> <think>", "\u{e4} < b </thin", "x </think> <think>"),
            ("<think>a</think>\n<think>b</think>c", "ab", "c"),
            ("<think></think> x", "", "x"),
            ("<think>never closed </thi", "never closed </thi", ""),
            ("<thin ice>", "", "<thin ice>"),
            ("<", "", "<"),
            (" \n", "", " \n"),
            (" Bits.\n", "", " Bits.\n"),
            ("a <think>b</think>", "", "a <think>b</think>"),
            ("", "", ""),
            // The server's template opens the tag.
            ("Hm. 1 < 2.\n</think>\n\nYes. </think> <think>", "Hm. 1 < 2.\n", "Yes. </think> <think>"),
            (" Briefly.</think>391", " Briefly.", "391"),
            ("</think>\n\nYes.", "", "Yes."),
            ("Hm.</think>", "Hm.", ""),
            ("\nHm.</think><think>So</think>Yes.", "\nHm.So", "Yes."),
            (
                "It ends by `</think>`, or by \"</think>\" </thin",
                "",
                "It ends by `</think>`, or by \"</think>\" </thin",
            ),
            ("Say `</think>`? No.</think>No.", "Say `</think>`? No.", "No."),
        ] {
            let expected = (thoughts.to_owned(), rest.to_owned());
            assert_eq!(split([text]), expected, "{text:?}");
            for (at, _) in text.char_indices() {
                let (first, second) = text.split_at(at);
                assert_eq!(split([first, second]), expected, "{first:?}, {second:?}");
            }
            let letters: Vec<String> = text.chars().map(String::from).collect();
            assert_eq!(split(letters.iter().map(String::as_str)), expected, "{text:?} by letters");
        }
    }
}
