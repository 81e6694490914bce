//! From what is drawn to XML.

use std::fmt::Write as _;

use super::scene::{Item, Laid, Layer, What};

/// What the text is to be read as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// XML, or HTML as it is.
    Xml,
    /// A paragraph of Markdown: of tags, which it leaves alone, and text, in which nothing may mean anything.
    Markdown,
}

/// Writes tags and text.
pub(super) struct Writer<'a> {
    pub(super) language: Language,
    pub(super) xml: &'a mut String,
}

/// Returns text as content or as the value of an attribute, of XML or HTML.
///
/// ```
/// assert_eq!(catena_graph::escape("a < b"), "a &lt; b");
/// ```
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    escape_into(text, &mut escaped);
    escaped
}

/// Appends text as content or as the value of an attribute.
pub(crate) fn escape_into(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            c => into.push(c),
        }
    }
}

impl Writer<'_> {
    /// Text between tags.
    pub(super) fn text(&mut self, text: &str) {
        if self.language == Language::Xml {
            return escape_into(text, self.xml);
        }
        for c in text.chars() {
            if c.is_ascii_punctuation() {
                let _ = write!(self.xml, "&#{};", u32::from(c));
            } else {
                self.xml.push(c);
            }
        }
    }

    /// All items, from the lowest layer to the highest.
    pub(super) fn items(&mut self, laid: &Laid) {
        for (layer, class) in
            [(Layer::Frame, ""), (Layer::Rail, " class=\"r\""), (Layer::Stream, ""), (Layer::Mark, "")]
        {
            if laid.items.iter().all(|item| item.layer != layer) {
                continue;
            }
            let _ = write!(self.xml, "<g{class}>");
            let mut closing = Vec::new();
            for one in laid.items.iter().filter(|item| item.layer == layer) {
                self.item(one, &mut closing);
            }
            self.xml.push_str("</g>");
        }
    }

    /// The end of a tag around nothing. Rustdoc warns of `<rect/>`, which is none of HTML's own tags.
    fn empty(&mut self, name: &str) {
        if self.language == Language::Xml {
            self.xml.push_str("/>");
        } else {
            let _ = write!(self.xml, "></{name}>");
        }
    }

    /// A tooltip.
    fn title(&mut self, tip: Option<&str>) {
        if let Some(tip) = tip {
            self.xml.push_str("<title>");
            self.text(tip);
            self.xml.push_str("</title>");
        }
    }

    fn item(&mut self, item: &Item, closing: &mut Vec<String>) {
        let Item { x, y, dim, what, .. } = item;
        let dim = *dim && closing.is_empty();
        let class = |class: &str| match (class, dim) {
            ("", false) => String::new(),
            (class, false) => format!(" class=\"{class}\""),
            ("", true) => " class=\"v\"".to_owned(),
            (class, true) => format!(" class=\"{class} v\""),
        };
        match what {
            What::Path { class: c, d } => {
                let _ = write!(self.xml, "<path{} d=\"M{x} {y}{d}\"", class(c));
                self.empty("path");
            }
            What::Rect { class: c, w, h, r } => {
                let _ =
                    write!(self.xml, "<rect{} x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{r}\"", class(c));
                self.empty("rect");
            }
            What::Circle { class: c, r } => {
                let _ = write!(self.xml, "<circle{} cx=\"{x}\" cy=\"{y}\" r=\"{r}\"", class(c));
                self.empty("circle");
            }
            What::Text { class: c, text, tip } => {
                let _ = write!(self.xml, "<text{} x=\"{x}\" y=\"{y}\">", class(c));
                self.text(text);
                self.title(tip.as_deref());
                self.xml.push_str("</text>");
            }
            What::Open { class: c, id, link, item, tip } => {
                let _ = write!(self.xml, "<g{} id=\"", class(c));
                escape_into(id, self.xml);
                self.xml.push_str("\">");
                closing.push("</g>".to_owned());
                match (self.language, link, item) {
                    // Rustdoc makes an `<a>` of it. Where it finds no such item, or one without a page, the brackets stay:
                    // text that is in no `<text>` is not shown.
                    (Language::Markdown, _, Some(item)) => {
                        self.xml.push('[');
                        closing.push(format!("][{item}]"));
                    }
                    (_, Some(link), _) => {
                        self.xml.push_str("<a href=\"");
                        escape_into(link, self.xml);
                        self.xml.push_str("\">");
                        closing.push("</a>".to_owned());
                    }
                    _ => {}
                }
                self.title(tip.as_deref());
            }
            What::Close => {
                while let Some(tag) = closing.pop() {
                    self.xml.push_str(&tag);
                }
            }
        }
    }
}
