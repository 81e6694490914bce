//! The characters that text is drawn with.

/// A set of characters.
pub(super) struct Pens {
    pub(super) line: &'static str,
    pub(super) pieces: &'static str,
    pub(super) bar: &'static str,
    pub(super) arrow: &'static str,
    pub(super) down: &'static str,
    /// Where a fan starts: its first row, one between, its last.
    pub(super) fork: [&'static str; 3],
    /// Where it ends.
    pub(super) join: [&'static str; 3],
    /// The corners of a frame and of rails that go on in the next row: upper left, upper right, lower left, lower right.
    pub(super) corners: [&'static str; 4],
    /// A rail into a frame and out of it.
    pub(super) through: [&'static str; 2],
    pub(super) start: &'static str,
    pub(super) end: &'static str,
    /// In an outline: a part and the last part.
    pub(super) item: [&'static str; 2],
    pub(super) more: &'static str,
    pub(super) times: &'static str,
    pub(super) between: &'static str,
    pub(super) ascii: bool,
}

pub(super) const BOXES: Pens = Pens {
    line: "─",
    pieces: "┄",
    bar: "┃",
    arrow: "▶",
    down: "│",
    fork: ["┬", "├", "└"],
    join: ["┬", "┤", "┘"],
    corners: ["╭", "╮", "╰", "╯"],
    through: ["┤", "├"],
    start: "○",
    end: "◉",
    item: ["├─ ", "└─ "],
    more: "…",
    times: "×",
    between: " · ",
    ascii: false,
};

pub(super) const ASCII: Pens = Pens {
    line: "-",
    pieces: ".",
    bar: "|",
    arrow: ">",
    down: "|",
    fork: ["+", "+", "+"],
    join: ["+", "+", "+"],
    corners: ["+", "+", "+", "+"],
    through: ["+", "+"],
    start: "o",
    end: "*",
    item: ["|- ", "`- "],
    more: "...",
    times: "x",
    between: ", ",
    ascii: true,
};
