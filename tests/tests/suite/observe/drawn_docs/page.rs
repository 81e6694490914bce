//! A page of the examples' docs, and the pictures on it.

use roxmltree::{Document, Node};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

/// Where the pages are.
static DOCS: LazyLock<PathBuf> = LazyLock::new(|| {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in a workspace");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is a folder in the target directory");
    // Asked when it runs: a path in the program would build it again for another cargo.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["doc", "--quiet", "--package", "catena-examples", "--no-deps", "--target-dir"])
        .arg(target)
        .current_dir(workspace)
        .env("RUSTDOCFLAGS", "-D warnings")
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the docs are made without a warning");
    target.join("doc")
});

pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) html: String,
    folder: PathBuf,
}

/// A box.
pub(crate) struct Step {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Its name; what it is, where its name is the text of a closure or pick.
    pub(crate) shown: String,
    pub(crate) link: Option<String>,
}

impl Page {
    /// A page about the examples' chains.
    pub(crate) fn read(name: &str) -> Self {
        let folder = DOCS.join("catena_examples/chains");
        let html = fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        Page { name: name.to_owned(), html, folder }
    }

    /// Its pictures, each a well-formed one on one line: for wide screens first.
    pub(crate) fn pictures(&self) -> Vec<Document<'_>> {
        let spans = self.html.split("<span class=\"catena-graph\">").skip(1);
        let pictures = spans.flat_map(|rest| {
            let span = rest.split("</span>").next().unwrap_or_default();
            assert!(!span.contains('\n'), "{}: a picture is one line", self.name);
            span.split_inclusive("</svg>")
        });
        pictures.map(|svg| Document::parse(svg).unwrap_or_else(|error| panic!("{}: {error}", self.name))).collect()
    }

    /// The boxes of the first picture.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let pictures = self.pictures();
        let boxes = pictures[0].descendants().filter(|node| {
            node.has_tag_name("g") && node.attribute("class").is_some_and(|class| class.starts_with("b "))
        });
        boxes.map(|node| step(&node)).collect()
    }

    /// Whether a link leads to a page.
    pub(crate) fn leads_to(&self, link: &str) -> bool {
        self.folder.join(link.split('#').next().unwrap_or_default()).is_file()
    }
}

fn step(node: &Node<'_, '_>) -> Step {
    let texts: Vec<&str> =
        node.descendants().filter(|node| node.has_tag_name("text")).filter_map(|text| text.text()).collect();
    let name = texts.first().copied().unwrap_or_default().to_owned();
    let shown = match texts.get(1) {
        Some(&kind @ ("closure" | "pick")) => kind.to_owned(),
        _ => name.clone(),
    };
    let link = node.descendants().find_map(|node| node.attribute("href")).map(str::to_owned);
    Step { id: node.attribute("id").unwrap_or_default().to_owned(), name, shown, link }
}
