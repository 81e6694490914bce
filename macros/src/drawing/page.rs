//! Drawings in the docs of an item.

use super::rustdoc;
use catena_graph::{Diagram, Shape, Svg, Text, Track};
use proc_macro2::Span;
use std::fmt::Write as _;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, parse_quote_spanned, spanned::Spanned};

/// The width of a drawing in characters: that of a line of code on a page of rustdoc.
const COLUMNS: usize = 96;

/// Drawings for the docs of an item.
pub(crate) struct Page {
    diagrams: Vec<Diagram>,
    prefix: String,
}

impl Page {
    /// Creates drawings whose ids begin with the prefix, which has to be unique on the page.
    pub(crate) fn new(prefix: impl Into<String>, diagrams: impl IntoIterator<Item = Diagram>) -> Self {
        Page { diagrams: diagrams.into_iter().collect(), prefix: prefix.into() }
    }

    /// Adds the drawings to the docs if rustdoc runs the macro.
    pub(crate) fn in_rustdoc(prefix: &str, docs: &mut Vec<Attribute>, draw: impl FnOnce() -> Vec<Diagram>) {
        if rustdoc::runs() {
            Page::new(prefix, draw()).add_to(docs);
        }
    }

    /// Adds the drawings after the first paragraph, which lists of items show.
    pub(crate) fn add_to(&self, docs: &mut Vec<Attribute>) {
        if self.diagrams.is_empty() || docs.iter().any(is_hidden) {
            return;
        }
        // A broken link is not an error of the user. Like all lints, those of rustdoc ignore what a macro writes; the
        // last attribute of an item's docs decides that.
        let quiet = self.diagrams.iter().any(|diagram| has_items(&diagram.root));
        let written = docs.iter().find(|attribute| text(attribute).is_some()).map(Spanned::span);
        let span = written.filter(|_| !quiet).unwrap_or_else(Span::call_site);
        let spaced = docs.iter().find_map(text).is_none_or(|text| text.value().starts_with(' '));
        let indent = if spaced { " " } else { "" };
        let drawn = format!("{indent}{}", self.markdown().replace('\n', &format!("\n{indent}")));
        let drawn: Attribute = parse_quote_spanned!(span=> #[doc = #drawn]);
        match first_paragraph(docs) {
            Some(End::After(at)) => docs.insert(at + 1, drawn),
            Some(End::Inside(at, line)) => {
                let Some(whole) = text(&docs[at]) else { return };
                let value = whole.value();
                let lines: Vec<&str> = value.lines().collect();
                let (before, after) = lines.split_at(line.min(lines.len()));
                let (before, after) = (before.join("\n"), after.join("\n"));
                let span = docs[at].span();
                docs[at] = parse_quote_spanned!(span=> #[doc = #before]);
                docs.insert(at + 1, drawn);
                docs.insert(at + 2, parse_quote_spanned!(span=> #[doc = #after]));
            }
            None => {
                let first = format!(" {}", self.paragraph());
                docs.push(parse_quote_spanned!(span=> #[doc = #first]));
                docs.push(drawn);
            }
        }
        if quiet {
            docs.push(parse_quote_spanned!(Span::call_site()=> #[doc = ""]));
        }
    }

    /// Writes the drawings as blocks of a doc comment. Each is a line that Markdown or HTML reads as one block.
    fn markdown(&self) -> String {
        let mut markdown = String::from("\n");
        for (at, diagram) in self.diagrams.iter().enumerate() {
            let prefix = if at == 0 { self.prefix.clone() } else { format!("{}-{}", self.prefix, at + 1) };
            markdown.push_str(&Svg::new(prefix).markdown().draw(diagram));
            // In one line, because a blank line would end the block of HTML.
            let text = html(&Text::new(COLUMNS).draw(diagram)).replace('\n', "&#10;");
            let _ = writeln!(
                markdown,
                "\n\n<details class=\"catena-text\"><summary>The chain as text</summary>\
                 <pre style=\"font-size:13px;line-height:1.25\">{text}</pre></details>\n"
            );
        }
        markdown
    }

    /// Returns a first paragraph for an item without docs, for lists of items to show.
    fn paragraph(&self) -> String {
        let diagram = &self.diagrams[0];
        let mut text = format!("A chain of {} steps", diagram.root.steps());
        if diagram.root.steps() == 1 {
            text.pop();
        }
        for (word, ty) in [("from", &diagram.input), ("to", &diagram.output)] {
            if let Some(ty) = ty {
                let _ = write!(text, " {word} `{}`", ty.replace('`', ""));
            }
        }
        text.push('.');
        text
    }
}

/// Returns whether an attribute is `#[doc(hidden)]`.
fn is_hidden(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::List(list) => list.path.is_ident("doc") && list.tokens.to_string() == "hidden",
        _ => false,
    }
}

/// Returns whether a box may have a link.
fn has_items(track: &Track) -> bool {
    match &track.shape {
        Shape::Step(step) => step.item.is_some(),
        _ => track.parts().into_iter().any(has_items),
    }
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The end of a first paragraph.
enum End {
    /// After this attribute.
    After(usize),
    /// Inside this attribute, before this line.
    Inside(usize, usize),
}

/// Returns the end of the first paragraph, or `None` if there are no docs.
fn first_paragraph(docs: &[Attribute]) -> Option<End> {
    let (mut started, mut fence, mut last) = (false, None, None);
    for (at, attribute) in docs.iter().enumerate() {
        let Some(text) = text(attribute) else {
            // Text from elsewhere, `include_str!(..)`, cannot be seen.
            if matches!(&attribute.meta, Meta::NameValue(doc) if doc.path.is_ident("doc")) {
                return Some(End::After(at));
            }
            continue;
        };
        last = Some(End::After(at));
        let value = text.value();
        let lines = value.lines().count();
        for (number, line) in value.lines().enumerate() {
            let line = line.trim();
            let mark = ["```", "~~~"].into_iter().find(|mark| line.starts_with(mark));
            match (fence, mark) {
                (Some(open), Some(mark)) if open == mark => fence = None,
                (Some(_), _) => {}
                // An example ends the paragraph.
                (None, Some(_)) if started => return Some(End::Inside(at, number)),
                (None, Some(mark)) => (fence, started) = (Some(mark), true),
                (None, None) if line.is_empty() && started => {
                    return Some(if number + 1 == lines { End::After(at) } else { End::Inside(at, number) });
                }
                (None, None) => started = started || !line.is_empty(),
            }
        }
        // An empty line of `///`.
        if lines == 0 && started && fence.is_none() {
            return Some(End::After(at));
        }
    }
    last.filter(|_| started)
}

/// Returns the text of a doc comment.
fn text(attribute: &Attribute) -> Option<&LitStr> {
    match &attribute.meta {
        Meta::NameValue(doc) if doc.path.is_ident("doc") => match &doc.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
