/// A splitter of streamed text into lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The incomplete last line.
    pub(super) rest: String,
}

impl Lines {
    /// Adds text, and passes each completed line, without its line break, to `line`.
    pub(super) fn push(&mut self, text: &str, mut line: impl FnMut(&str)) {
        let mut text = text;
        while let Some((end, after)) = text.split_once('\n') {
            self.rest.push_str(end);
            line(self.rest.strip_suffix('\r').unwrap_or(&self.rest));
            self.rest.clear();
            text = after;
        }
        self.rest.push_str(text);
    }
}
