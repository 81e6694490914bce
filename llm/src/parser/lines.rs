/// A text that comes in pieces, line by line.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The line that has not ended.
    pub(super) rest: String,
}

impl Lines {
    /// More text; each line that it completes, without its end.
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
