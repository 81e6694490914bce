//! A text made by the compiler, for its own errors.

/// At most so many bytes: enough for any sentence, not for every name.
const ROOM: usize = 512;

/// A message made by the compiler.
pub(crate) struct Message {
    bytes: [u8; ROOM],
    len: usize,
}

impl Message {
    pub(crate) const fn new() -> Self {
        Message { bytes: [0; ROOM], len: 0 }
    }

    /// A word of the user's, in quotes; cut where it is longer than any word should be.
    pub(crate) const fn quoted(self, word: &str) -> Self {
        const LONG: usize = 80;
        let end = word.floor_char_boundary(LONG);
        let cut = if end < word.len() { ".." } else { "" };
        self.with("`").with(word.split_at(end).0).with(cut).with("`")
    }

    pub(crate) const fn with(mut self, text: &str) -> Self {
        let (text, mut i) = (text.as_bytes(), 0);
        // Whole texts only, and so whole characters.
        if self.len + text.len() <= self.bytes.len() {
            while i < text.len() {
                self.bytes[self.len] = text[i];
                self.len += 1;
                i += 1;
            }
        }
        self
    }

    pub(crate) const fn text(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn long_words_are_cut_between_characters() {
        let long = "\u{1f980}".repeat(200);
        let message = Message::new().quoted(&long).with(" is long");
        assert_eq!(message.text(), format!("`{}..` is long", "\u{1f980}".repeat(20)));
        assert_eq!(Message::new().quoted("gpt").text(), "`gpt`");
    }
}
