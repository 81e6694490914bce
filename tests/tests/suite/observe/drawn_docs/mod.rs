//! The pages of rustdoc's that chains are drawn on, as `cargo doc` makes them of the examples' chains.

mod known;
mod page;

use catena::Step;
use catena_examples::chains;
use page::Page;
use std::collections::HashSet;

const CHAINS: [&str; 6] = ["compare", "route", "retrieve", "summarise", "either", "thirty"];

fn pages() -> Vec<Page> {
    let functions = CHAINS.iter().map(|name| Page::read(&format!("fn.{name}.html")));
    functions.chain([Page::read("struct.Scale.html")]).collect()
}

#[test]
fn every_picture_is_well_formed_and_says_what_it_is() {
    for page in pages() {
        let pictures = page.pictures();
        assert!(!pictures.is_empty(), "{} has no picture", page.name);
        for (at, picture) in pictures.iter().enumerate() {
            let root = picture.root_element();
            assert_eq!(root.attribute("role"), Some("img"));
            let described: Vec<&str> = root.attribute("aria-labelledby").unwrap_or_default().split(' ').collect();
            let said = described.iter().map(|id| {
                let element = root.children().find(|child| child.attribute("id") == Some(id));
                element.and_then(|element| element.text()).unwrap_or_default()
            });
            let said: Vec<&str> = said.collect();
            assert!(page.name.contains(said[0]) || said[0].contains(' '), "{said:?}");
            assert!(said[1].ends_with('.') && said[1].contains("then"), "{said:?}");
            assert_eq!(root.attribute("class"), if at == 0 { None } else { Some("narrow") });
        }
    }
}

#[test]
fn it_stands_after_the_first_paragraph_with_its_text_below() {
    let page = Page::read("fn.compare.html");
    let [first, picture, text, second] = [
        "<p>Asks three models at once and says what they agree on.</p>",
        "<p><span class=\"catena-graph\"><svg",
        "<details class=\"catena-text\"><summary>The chain as text</summary><pre style=\"font-size:13px;line-height:1.25\">Question ─▶",
        "<p>The third may fail: its field is settled.</p>",
    ]
    .map(|part| page.html.find(part).unwrap_or_else(|| panic!("there is no {part} on the page")));
    assert!(first < picture && picture < text && text < second);
}

#[test]
fn lists_of_items_have_the_first_paragraph_alone() {
    let list = Page::read("index.html");
    assert!(list.html.contains("Asks three models at once and says what they agree on."));
    assert!(!list.html.contains("catena-graph"));
}

#[test]
fn ids_occur_once_on_a_page() {
    for page in pages() {
        let ids: Vec<&str> =
            page.html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect();
        let unique: HashSet<&&str> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{}", page.name);
    }
}

#[test]
fn boxes_lead_to_the_steps_that_have_pages() {
    let mut all = HashSet::new();
    for page in pages() {
        for step in page.steps() {
            if let Some(link) = step.link {
                assert!(page.leads_to(&link), "{}: {link} leads nowhere", page.name);
                all.insert((page.name.clone(), step.name));
            }
        }
    }
    let linked = |page: &str, step: &str| all.contains(&(format!("fn.{page}.html"), step.to_owned()));
    for step in ["opus", "sonnet", "haiku", "mini", "consensus"] {
        assert!(linked("compare", step), "{step}");
    }
    assert!(linked("either", "mini"));
    assert!(!linked("either", "signed"), "it is private");
    assert!(!linked("either", "dated"), "it is the function's own");
    // Where a link leads nowhere, its brackets are in no text that is shown.
    for page in pages() {
        for picture in page.pictures() {
            let texts = picture.descendants().filter(|node| node.has_tag_name("text"));
            assert!(texts.filter_map(|text| text.text()).all(|text| !text.contains("][")));
        }
    }
}

/// The description of what a function builds.
fn node<S: Step>(_: &S) -> catena::Node {
    S::NODE
}

#[test]
fn the_drawing_is_what_the_compiler_knows_of_the_chain() {
    let built = [
        ("compare", node(&chains::compare())),
        ("route", node(&chains::route())),
        ("retrieve", node(&chains::retrieve(1))),
        ("summarise", node(&chains::summarise(1))),
        ("thirty", node(&chains::thirty())),
    ];
    for (name, node) in built {
        let page = Page::read(&format!("fn.{name}.html"));
        let drawn: Vec<(String, String)> = page.steps().into_iter().map(|step| (step.id, step.shown)).collect();
        let known = known::steps(&node, &format!("catena-{name}-"));
        // What `..` copies is drawn as one.
        let copied = |id: &String| drawn.iter().all(|(other, _)| other != id);
        let known: Vec<_> = known.into_iter().filter(|(id, name)| !(copied(id) && name == "pick")).collect();
        assert_eq!(drawn, known, "{name}");
    }
}
