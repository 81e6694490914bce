//! SVG: a railroad from left to right.

mod around;
mod ends;
mod fan;
mod icons;
mod layout;
mod measure;
mod pen;
mod scene;
mod sequence;
mod step_box;
mod style;
mod tag;
mod trunk;
mod write;

use std::fmt::Write as _;

use crate::Diagram;
use crate::label::{clean, fit};

use scene::Laid;
use write::{Language, Writer};

pub(crate) use step_box::{class as kind_class, status as status_class};
pub use write::escape;
pub(crate) use write::escape_into;

/// A renderer of SVG: steps from left to right, in rows within a width.
///
/// The SVG is one line, because a line break would end the block of HTML in a doc comment. It has no script and no font, and loads
/// nothing. Its colours are those of the page, so that it is readable in all of rustdoc's themes.
///
/// | in the chain | in the picture |
/// |---|---|
/// | step | a box with a glyph and a caption for its kind, its details, and a link |
/// | type between steps | over the rail |
/// | parallel map | rails that part at a dot, with the fields' names; a dashed outline and `?` on a settled one |
/// | branch | rails that part at a diamond, with signposts for the patterns |
/// | fallback | dotted rails marked `else` |
/// | retry | an arrow back, with the number of attempts |
/// | timeout, configuration | a bracket with a clock, with sliders |
/// | race, map over items, task, name | a frame with a caption |
/// | boxed, lazy | a dashed box |
/// | stream | a dashed blue rail; a bar where it is buffered |
/// | outcome of a run | a line in the box, a bracket over longer parts; skipped parts are faint |
///
/// ```
/// use catena_graph::{Diagram, Kind, Svg, Track};
///
/// let chain = Track::sequence([Track::step("prompt", Kind::Prompt), Track::step("gpt", Kind::Model)]);
/// let html = Svg::new("answer").width(640).draw(&Diagram::new("answer", chain));
/// assert!(html.starts_with("<div class=\"catena-graph\">"));
/// assert!(!html.contains('\n'));
/// ```
#[derive(Clone, Debug)]
pub struct Svg {
    prefix: String,
    width: i32,
    narrow: i32,
    standalone: bool,
    markdown: bool,
}

/// Around everything.
const MARGIN: i32 = 8;

impl Svg {
    /// Creates a renderer for a page, on which every id of this picture begins with the prefix.
    pub fn new(prefix: impl AsRef<str>) -> Self {
        let prefix: String =
            prefix.as_ref().chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        Svg { prefix: format!("catena-{prefix}"), width: 780, narrow: 350, standalone: false, markdown: false }
    }

    /// Sets the maximum width in pixels, as far as the picture can be so narrow. The default is 780.
    pub fn width(mut self, pixels: u16) -> Self {
        self.width = i32::from(pixels);
        self
    }

    /// Sets the maximum width of a second picture for narrow screens, or 0 for none. The default is 350, and 0 for a file.
    pub fn narrow(mut self, pixels: u16) -> Self {
        self.narrow = i32::from(pixels);
        self
    }

    /// Sets that the picture is a separate file, which follows the reader's light or dark theme.
    ///
    /// ```
    /// use catena_graph::{Diagram, Kind, Svg, Track};
    ///
    /// let svg = Svg::new("file").standalone().draw(&Diagram::new("shout", Track::step("shout", Kind::Function)));
    /// assert!(svg.starts_with("<svg id=\"catena-file\""));
    /// ```
    pub fn standalone(mut self) -> Self {
        self.standalone = true;
        self
    }

    /// Draws a diagram for a doc comment, with links to the [items](method@crate::Step::item) of steps.
    ///
    /// Rustdoc knows their addresses, but looks for links in Markdown only. So this is a line of Markdown, and the boxes are
    /// the texts of links in it. Those that lead nowhere are not links and leave no trace. The style sheet stands on a line
    /// before it. Blank lines go around it.
    ///
    /// ```
    /// use catena_graph::{Diagram, Kind, Step, Svg};
    ///
    /// let step = Step::new("shout", Kind::Function).item("text::shout");
    /// let markdown = Svg::new("loud").markdown().draw(&Diagram::new("loud", step.into()));
    /// let lines: Vec<&str> = markdown.lines().collect();
    /// assert!(lines[0].starts_with("<style>") && lines[1].starts_with("<span class=\"catena-graph\"><svg"));
    /// assert!(lines[1].contains("</text>][text::shout]</g>"));
    /// ```
    pub fn markdown(mut self) -> Self {
        self.markdown = true;
        self
    }

    /// Draws a diagram.
    pub fn draw(&self, diagram: &Diagram) -> String {
        let mut xml = String::with_capacity(24 * 1024);
        let wide = ends::whole(diagram, &self.prefix, self.width - 2 * MARGIN);
        if self.standalone {
            self.sheet(&wide, diagram, "", " class=\"catena-graph\" xmlns=\"http://www.w3.org/2000/svg\"", &mut xml);
            return xml;
        }
        let tag = if self.markdown { "span" } else { "div" };
        if self.markdown {
            self.style(&wide, &mut xml);
            xml.push('\n');
        }
        let _ = write!(xml, "<{tag} class=\"catena-graph\">");
        self.sheet(&wide, diagram, "", "", &mut xml);
        if self.has_narrow(&wide) {
            let narrow = ends::whole(diagram, &format!("{}-narrow", self.prefix), self.narrow - 2 * MARGIN);
            self.sheet(&narrow, diagram, "-narrow", " class=\"narrow\"", &mut xml);
        }
        let _ = write!(xml, "</{tag}>");
        xml
    }

    /// `true` if there is a second picture.
    fn has_narrow(&self, wide: &Laid) -> bool {
        !self.standalone && self.narrow > 0 && wide.w + 2 * MARGIN > self.narrow
    }

    /// One picture; all but the first do without a style sheet of their own.
    fn sheet(&self, laid: &Laid, diagram: &Diagram, suffix: &str, attributes: &str, xml: &mut String) {
        let (w, h) = (laid.w + 2 * MARGIN, laid.h + 2 * MARGIN);
        let least = least(laid);
        let id = format!("{}{suffix}", self.prefix);
        let _ = write!(
            xml,
            "<svg id=\"{id}\"{attributes} role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"-{MARGIN} -{MARGIN} {w} {h}\" style=\"max-width:100%;min-width:{least}px;height:auto\">"
        );
        let language = if self.markdown { Language::Markdown } else { Language::Xml };
        let title = clean(&diagram.title);
        let _ = write!(xml, "<title id=\"{id}-title\">");
        Writer { language, xml }.text(if title.is_empty() { "chain" } else { &title });
        let _ = write!(xml, "</title><desc id=\"{id}-desc\">");
        Writer { language, xml }.text(&fit(&diagram.words(), 4000));
        xml.push_str("</desc>");
        if suffix.is_empty() && !self.markdown {
            self.style(laid, xml);
        }
        Writer { language, xml }.items(laid);
        xml.push_str("</svg>");
    }

    /// The style sheet, on one line.
    fn style(&self, wide: &Laid, xml: &mut String) {
        xml.push_str("<style>");
        xml.push_str(if self.standalone { style::STANDALONE } else { style::INLINE });
        xml.push_str(style::SHARED);
        if self.has_narrow(wide) {
            // The narrow one takes over where this one would have to be scrolled.
            let (id, most) = (&self.prefix, least(wide) - 1);
            let _ = write!(
                xml,
                "@container(max-width:{most}px){{#{id}{{display:none!important}}#{id}-narrow{{display:block!important}}}}"
            );
        }
        xml.push_str("</style>");
    }
}

/// It may shrink a little; what would be too small to read is scrolled instead.
fn least(laid: &Laid) -> i32 {
    (laid.w + 2 * MARGIN) * 17 / 20
}
