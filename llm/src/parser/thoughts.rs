//! Thoughts in the text of an answer.

use std::borrow::Cow;

/// The tags between which models put their thoughts.
const TAGS: [(&str, &str); 3] = [("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<thought>", "</thought>")];

/// The most white space before thoughts that is looked past.
const MOST_BLANK: usize = 256;

/// A filter that leaves out thoughts at the beginning of an answer, piece by piece.
#[derive(Debug, Default)]
pub(super) struct Thoughts {
    state: State,
    /// Text of which it is not known yet whether it belongs to the answer.
    held: String,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Before the answer. `true` if thoughts came before.
    Before(bool),
    /// Between tags, with the closing one.
    Inside(&'static str),
    /// In the answer.
    #[default]
    Answer,
}

impl Thoughts {
    /// Creates a filter for an answer that has not begun.
    pub(super) fn new() -> Self {
        Thoughts { state: State::Before(false), held: String::new() }
    }

    /// Reads more text. Returns the part of it, and of the text that was held back, that belongs to the answer.
    pub(super) fn push<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        if matches!(self.state, State::Answer) {
            return Cow::Borrowed(text);
        }
        if self.held.is_empty() && matches!(self.state, State::Before(false)) && !text.trim_start().starts_with('<') {
            // Most answers have no thoughts in them.
            if !text.trim_start().is_empty() {
                self.state = State::Answer;
                return Cow::Borrowed(text);
            }
        }
        self.held.push_str(text);
        loop {
            match self.state {
                State::Answer => return Cow::Owned(std::mem::take(&mut self.held)),
                State::Before(after_thoughts) => {
                    let rest = self.held.trim_start();
                    if let Some((open, close)) = TAGS.iter().find(|(open, _)| rest.starts_with(open)) {
                        let end = self.held.len() - rest.len() + open.len();
                        self.held.drain(..end);
                        self.state = State::Inside(close);
                    } else if TAGS.iter().any(|(open, _)| open.starts_with(rest))
                        && self.held.len() - rest.len() <= MOST_BLANK
                    {
                        return Cow::Borrowed("");
                    } else {
                        if after_thoughts {
                            self.held.drain(..self.held.len() - rest.len());
                        }
                        self.state = State::Answer;
                    }
                }
                State::Inside(close) => {
                    let Some(at) = self.held.find(close) else {
                        // The end may be the beginning of the closing tag, which has one `<`.
                        let end = self.held.rfind('<').filter(|at| close.starts_with(&self.held[*at..]));
                        self.held.drain(..end.unwrap_or(self.held.len()));
                        return Cow::Borrowed("");
                    };
                    self.held.drain(..at + close.len());
                    self.state = State::Before(true);
                }
            }
        }
    }

    /// Returns the text that is held back, once the answer has ended.
    pub(super) fn finish(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        match std::mem::take(&mut self.state) {
            State::Before(true) if held.trim().is_empty() => String::new(),
            State::Before(_) => held,
            State::Inside(_) | State::Answer => String::new(),
        }
    }
}

/// Returns a whole answer without the thoughts at its beginning.
pub(crate) fn without(text: &str) -> Cow<'_, str> {
    let mut thoughts = Thoughts::new();
    match (thoughts.push(text), thoughts.finish()) {
        (answer, held) if held.is_empty() => answer,
        (_, held) => held.into(),
    }
}

/// Returns the text after a closing tag without an opening one, which some models leave out. Such a text is no JSON as
/// a whole.
pub(super) fn after_closing(text: &str) -> Option<&str> {
    let (at, close) = TAGS.iter().filter_map(|(_, close)| Some((text.find(close)?, close))).min()?;
    text.get(at + close.len()..)
}

#[cfg(test)]
mod tests {
    use super::{Thoughts, after_closing, without};

    #[test]
    fn thoughts_at_the_beginning_are_left_out_at_every_cut() {
        for (text, answer) in [
            ("<think>Say {\"a\":1}? No.</think>\n{\"b\":2}", "{\"b\":2}"),
            ("\n <thinking>\u{e4} < b </thin</thinking>\n\nx </think> <think>", "x </think> <think>"),
            ("<think>a</think>\n<thought>b</thought>c", "c"),
            ("<think></think> x", "x"),
            ("<think>never closed </thi", ""),
            ("<thin ice>", "<thin ice>"),
            ("<", "<"),
            (" \n", " \n"),
            (" Bits.\n", " Bits.\n"),
            ("a <think>b</think>", "a <think>b</think>"),
            ("", ""),
        ] {
            assert_eq!(without(text), answer, "{text:?}");
            for (at, _) in text.char_indices() {
                let mut thoughts = Thoughts::new();
                let mut read = thoughts.push(&text[..at]).into_owned();
                read += &thoughts.push(&text[at..]);
                read += &thoughts.finish();
                assert_eq!(read, answer, "{text:?} at {at}");
            }
        }
    }

    #[test]
    fn a_closing_tag_alone_ends_thoughts() {
        assert_eq!(after_closing("Hm. {\"a\":1}</think>{\"b\":2}"), Some("{\"b\":2}"));
        assert_eq!(after_closing("Hm."), None);
    }
}
