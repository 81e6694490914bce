/// The arguments of a call, as far as they were sent.
///
/// Some servers send them again once they are complete, or begin them again after a part of them. What repeats is left
/// out.
#[derive(Debug, Default)]
pub(super) struct Progress {
    text: String,
    has_begun: bool,
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    /// The number of bytes after the complete arguments that repeat their beginning.
    repeated: usize,
}

impl Progress {
    /// Reads a piece. Returns the part of it that says something new.
    pub(super) fn push(&mut self, mut piece: String) -> String {
        if piece.is_empty() {
            return piece;
        }
        if self.is_complete() && self.text.starts_with('{') {
            piece = self.after_the_end(&piece);
        } else if self.depth == 1
            && !self.in_string
            && piece.starts_with('{')
            && !self.text.trim_ascii_end().ends_with([':', ',', '['])
            && let Some(rest) = piece.strip_prefix(self.text.as_str())
        {
            // An object cannot begin here, so that this is the same one again.
            piece = rest.to_owned();
        }
        for byte in piece.bytes() {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.in_string => self.is_escaped = true,
                b'"' => self.in_string = !self.in_string,
                b'{' | b'[' if !self.in_string => self.depth += 1,
                b'}' | b']' if !self.in_string => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self.has_begun = self.has_begun || !piece.trim_ascii_start().is_empty();
        self.text.push_str(&piece);
        piece
    }

    /// Reads a piece after the end of the object. Returns the part of it that does not repeat the object.
    #[cold]
    fn after_the_end(&mut self, piece: &str) -> String {
        let (mut rest, mut repeated) = (piece, self.repeated);
        while !rest.is_empty() {
            let expected = &self.text[repeated..];
            if let Some(after) = rest.strip_prefix(expected) {
                (rest, repeated) = (after, 0);
            } else if expected.starts_with(rest) {
                (rest, repeated) = ("", repeated + rest.len());
            } else {
                self.repeated = 0;
                return [&self.text[..repeated], rest].concat();
            }
        }
        self.repeated = repeated;
        String::new()
    }

    /// Returns the rest of the arguments: an empty object if there are none.
    pub(super) fn end(&mut self) -> String {
        if !self.has_begun {
            self.has_begun = true;
            return "{}".to_owned();
        }
        let repeated = std::mem::take(&mut self.repeated);
        self.text[..repeated].to_owned()
    }

    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Returns whether the value may be complete.
    pub(super) fn is_complete(&self) -> bool {
        self.has_begun && self.depth == 0 && !self.in_string
    }

    /// Returns whether the value has begun and goes on.
    pub(super) fn is_open(&self) -> bool {
        self.has_begun && !self.is_complete()
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    fn read(pieces: &[&str]) -> String {
        let mut arguments = Progress::default();
        let mut read: String = pieces.iter().map(|piece| arguments.push((*piece).to_owned())).collect();
        read.push_str(&arguments.end());
        read
    }

    #[test]
    fn what_repeats_is_left_out() {
        let whole = r#"{"city": "Bonn", "in": {"a": ["}"]}}"#;
        for at in 0..whole.len() {
            let (first, second) = whole.split_at(at);
            assert_eq!(read(&[first, second]), whole);
            assert_eq!(read(&[whole, first, second]), whole, "again, cut at {at}");
            assert_eq!(read(&[first, second, whole, whole]), whole, "cut at {at}, then again");
        }
        assert_eq!(read(&["{", whole]), whole);
        assert_eq!(read(&[r#"{"a": "x""#, r#"{"a": "x", "b": 1}"#]), r#"{"a": "x", "b": 1}"#);
        assert_eq!(read(&[r#"{"a": "#, r#"{"a": 1}}"#]), r#"{"a": {"a": 1}}"#);
        assert_eq!(read(&["", " "]), " {}");
    }

    #[test]
    fn what_differs_is_kept() {
        assert_eq!(read(&[r#"{"a":1}"#, r#"{"a":2}"#]), r#"{"a":1}{"a":2}"#);
        assert_eq!(read(&[r#"{"a":1}"#, r#"{"a""#]), r#"{"a":1}{"a""#);
        assert_eq!(read(&[r#"{"a":1}"#, "}"]), r#"{"a":1}}"#);
    }
}
