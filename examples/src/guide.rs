//! The guide's code, compiled and run.

macro_rules! pages {
    ($($page:ident: $file:literal)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("../../docs/src/", $file, ".md"))]
            pub mod $page {}
        )*

        #[test]
        fn every_page_is_in_the_summary_and_is_compiled() {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src");
            let summary = std::fs::read_to_string(folder.join("SUMMARY.md")).unwrap();
            let linked: Vec<_> = summary.split("](").skip(1).filter_map(|rest| rest.split_once(".md)")).collect();
            let linked: Vec<&str> = linked.into_iter().map(|(page, _)| page).collect();
            assert_eq!(linked, [$($file),*]);
            let files = std::fs::read_dir(&folder).unwrap().filter(|entry| {
                entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "md")
            });
            assert_eq!(files.count(), linked.len() + 1, "a page is not in SUMMARY.md");
            for page in [$($file),*] {
                let text = std::fs::read_to_string(folder.join(format!("{page}.md"))).unwrap();
                for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(".md")).map(|(link, _)| link) {
                    assert!(linked.contains(&link), "{page}.md links to {link}.md, which is no page");
                }
            }
        }
    };
}

pages! {
    introduction: "introduction"
    first_chain: "first-chain"
    fields_and_maps: "fields-and-maps"
    branches: "branches"
    closures_with_state: "closures-with-state"
    errors: "errors"
    agents: "agents"
    mcp: "mcp"
    hooks: "hooks"
    approval: "approval"
    streaming_to_a_browser: "streaming-to-a-browser"
    testing: "testing"
    evaluation: "evaluation"
    observing: "observing"
    drawings: "drawings"
    traces: "traces"
    retrieval: "retrieval"
    in_services: "in-services"
    durable_runs: "durable-runs"
    from_langchain: "from-langchain"
    from_rig: "from-rig"
    from_async_fn: "from-async-fn"
    features: "features"
    compatibility: "compatibility"
}
