//! From what is drawn to XML.

use std::fmt::Write as _;

use super::scene::{Item, Laid, Layer, What};

/// Text in XML, in content and in attributes.
pub(crate) fn escape(text: &str, into: &mut String) {
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

/// All items, from the lowest layer to the highest.
pub(super) fn items(laid: &Laid, xml: &mut String) {
    for (layer, class) in [(Layer::Frame, ""), (Layer::Rail, " class=\"r\""), (Layer::Stream, ""), (Layer::Mark, "")] {
        if laid.items.iter().all(|item| item.layer != layer) {
            continue;
        }
        let _ = write!(xml, "<g{class}>");
        let mut closing = Vec::new();
        for one in laid.items.iter().filter(|item| item.layer == layer) {
            item(one, &mut closing, xml);
        }
        xml.push_str("</g>");
    }
}

/// A tooltip.
fn title(tip: Option<&str>, xml: &mut String) {
    if let Some(tip) = tip {
        xml.push_str("<title>");
        escape(tip, xml);
        xml.push_str("</title>");
    }
}

fn item(item: &Item, closing: &mut Vec<&'static str>, xml: &mut String) {
    let Item { x, y, dim, what, .. } = item;
    let dim = *dim && closing.is_empty();
    let class = |class: &str| match (class, dim) {
        ("", false) => String::new(),
        (class, false) => format!(" class=\"{class}\""),
        ("", true) => " class=\"v\"".to_owned(),
        (class, true) => format!(" class=\"{class} v\""),
    };
    let _ = match what {
        What::Path { class: c, d } => write!(xml, "<path{} d=\"M{x} {y}{d}\"/>", class(c)),
        What::Rect { class: c, w, h, r } => {
            write!(xml, "<rect{} x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{r}\"/>", class(c))
        }
        What::Circle { class: c, r } => write!(xml, "<circle{} cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>", class(c)),
        What::Text { class: c, text, tip } => {
            let _ = write!(xml, "<text{} x=\"{x}\" y=\"{y}\">", class(c));
            escape(text, xml);
            title(tip.as_deref(), xml);
            write!(xml, "</text>")
        }
        What::Open { class: c, id, link, tip } => {
            let _ = write!(xml, "<g{} id=\"", class(c));
            escape(id, xml);
            xml.push_str("\">");
            closing.push("</g>");
            if let Some(link) = link {
                xml.push_str("<a href=\"");
                escape(link, xml);
                xml.push_str("\">");
                closing.push("</a>");
            }
            title(tip.as_deref(), xml);
            Ok(())
        }
        What::Close => {
            while let Some(tag) = closing.pop() {
                xml.push_str(tag);
            }
            Ok(())
        }
    };
}
