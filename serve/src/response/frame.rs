//! Server-sent events.

use serde::Serialize;
use std::borrow::Cow;

/// One server-sent event, whose data is JSON on one line or a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    event: Option<&'static str>,
    data: Option<Cow<'static, str>>,
}

impl Frame {
    /// An event without data.
    pub(crate) fn event(event: &'static str) -> Self {
        Frame { event: Some(event), data: None }
    }

    /// An event whose data is a line, such as JSON.
    pub(crate) fn data(data: impl Into<Cow<'static, str>>) -> Self {
        Frame { event: None, data: Some(data.into()) }
    }

    /// An event whose data is written as JSON.
    pub(crate) fn json(data: &impl Serialize) -> Self {
        // What the server writes are maps with text for keys, which always can be written.
        Frame::data(serde_json::to_string(data).unwrap_or_else(|_| "null".to_owned()))
    }

    pub(crate) fn named(mut self, event: &'static str) -> Self {
        self.event = Some(event);
        self
    }

    /// The bytes of the event over the wire, or some more; of data with several lines, some less.
    pub(super) fn size(&self) -> usize {
        let event = self.event.map_or(0, |event| "event: \n".len() + event.len());
        let data = self.data.as_ref().map_or(0, |data| "data: \n".len() + data.len());
        event + data + 1
    }

    /// Appends the event as it goes over the wire.
    pub(crate) fn write(&self, to: &mut String) {
        if let Some(event) = self.event {
            for part in ["event: ", event, "\n"] {
                to.push_str(part);
            }
        }
        if let Some(data) = &self.data {
            for line in data.split('\n') {
                for part in ["data: ", line.trim_end_matches('\r'), "\n"] {
                    to.push_str(part);
                }
            }
        }
        to.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::Frame;

    #[test]
    fn frames_are_lines() {
        let mut text = String::new();
        Frame::event("end").write(&mut text);
        Frame::data("\"a\"").named("data").write(&mut text);
        Frame::data("a\r\nb").write(&mut text);
        assert_eq!(text, "event: end\n\nevent: data\ndata: \"a\"\n\ndata: a\ndata: b\n\n");
    }
}
