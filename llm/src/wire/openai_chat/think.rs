use std::borrow::Cow;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// The white space at the beginning after which no thoughts are looked for.
const BLANK: usize = 256;

/// A splitter of a text that may begin with thoughts between tags. The text comes in pieces, which may end anywhere. It
/// holds back at most a piece of a tag and white space at the beginning.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: State,
    /// The text that may be a piece of a tag.
    held: String,
    /// `true` if thoughts ended, so that white space at the beginning separates them from the text.
    after_thoughts: bool,
}

#[derive(Debug, Default, PartialEq)]
enum State {
    /// Nothing but white space was read.
    #[default]
    Start,
    Thoughts,
    Text,
}

/// A piece of the text.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    Thought(Cow<'a, str>),
    Text(Cow<'a, str>),
}

impl Splitter {
    /// Reads the next piece of the text.
    pub(super) fn push<'a>(&mut self, text: Cow<'a, str>, out: &mut Vec<Piece<'a>>) {
        if self.state == State::Text {
            out.push(Piece::Text(text));
            return;
        }
        // The common case: an answer without thoughts.
        if self.state == State::Start
            && self.held.is_empty()
            && !self.after_thoughts
            && text.bytes().next().is_some_and(|byte| byte != b'<' && !byte.is_ascii_whitespace())
        {
            self.state = State::Text;
            out.push(Piece::Text(text));
            return;
        }
        self.held.push_str(&text);
        while self.step(out) {}
    }

    /// Returns whether all that follows is text.
    pub(super) fn is_text(&self) -> bool {
        self.state == State::Text
    }

    /// Returns what is held back at the end of the text.
    pub(super) fn end(&mut self, out: &mut Vec<Piece<'_>>) {
        let held = std::mem::take(&mut self.held);
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
                let held = std::mem::take(&mut self.held);
                let text = if self.after_thoughts { held.trim_start().to_owned() } else { held };
                self.state = State::Text;
                out.push(Piece::Text(text.into()));
                false
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
            State::Text => false,
        }
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
