//! Documents cut into pieces.

use super::ids;
use catena::{ErrorKind, RunnableExt};
use catena_llm::retrieval::{Document, Splitter};
use proptest::prelude::*;

const MARKDOWN: &str =
    "# Backups\n\nThey run at two.\n\n## Restore\n\nAsk the helpdesk. It takes an hour.\n\n- first\n- second\n";

#[tokio::test]
async fn pieces_keep_what_is_known_of_the_document_and_their_place_in_it() {
    let document = Document::new(MARKDOWN).with_id("guide").with("source", "guide.md");
    let pieces = Splitter::markdown(40).invoke(document.clone()).await.unwrap();
    assert!(pieces.len() > 2);
    assert_eq!(ids(&pieces)[..2], ["guide#0", "guide#1"]);
    for piece in &pieces {
        assert_eq!((piece.source(), piece.get("document").unwrap().as_str()), (Some("guide.md"), Some("guide")));
        let place = |key: &str| usize::try_from(piece.get(key).unwrap().as_u64().unwrap()).unwrap();
        assert_eq!(&MARKDOWN[place("start")..place("end")], piece.content());
    }
    let headings = pieces.iter().filter(|piece| piece.content().starts_with('#')).count();
    assert_eq!(headings, 2, "{pieces:?}");
    let both = Splitter::markdown(40).invoke(vec![document.clone(), document]).await.unwrap();
    assert_eq!(both.len(), 2 * pieces.len());
}

#[tokio::test]
async fn pieces_overlap_and_are_measured_as_wanted() {
    let words = (0..40).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    let count = |text: &str| text.split_whitespace().count();
    let pieces = Splitter::text(10).overlap(3).measured_by(count).split(&Document::new(words)).unwrap();
    for two in pieces.windows(2) {
        assert!(count(two[0].content()) <= 10);
        let last = two[0].content().split_whitespace().last().unwrap();
        assert!(two[1].content().split_whitespace().take(3).any(|word| word == last), "{two:?}");
    }
}

#[test]
fn sizes_that_cannot_be_are_an_error() {
    let text = Document::new("text");
    for splitter in [Splitter::text(0), Splitter::text(10).overlap(10), Splitter::markdown(3).overlap(7)] {
        assert_eq!(splitter.split(&text).unwrap_err().kind(), &ErrorKind::BadInput, "{splitter:?}");
    }
    assert_eq!(Splitter::text(10).split(&Document::new(" \n ")).unwrap(), []);
}

proptest! {
    #[test]
    fn no_piece_is_too_large_and_nothing_but_space_is_lost(text in "([a-zäß日🦀]{1,9}[ .\n]{1,3}){0,30}", size in 1..30usize) {
        let pieces = Splitter::text(size).split(&Document::new(text.clone())).unwrap();
        prop_assert!(pieces.iter().all(|piece| piece.content().chars().count() <= size));
        let kept: String = pieces.iter().flat_map(|piece| piece.content().chars()).filter(|c| !c.is_whitespace()).collect();
        let all: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        prop_assert_eq!(kept, all);
    }
}
