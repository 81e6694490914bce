//! Replays in the events of a run.

use crate::work::{Counts, Folder};
use catena::{Config, Event, EventKind, Observer, prelude::*};
use catena_durable::{ConfigExt, DurableExt};
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// The names and events of a run, with the output of each end.
#[derive(Default)]
struct Seen(Mutex<Vec<(String, String, Option<Value>)>>);

impl Observer for Seen {
    fn event(&self, event: &Event) {
        let data = match &event.kind {
            EventKind::Custom { data, .. } => data.as_deref().cloned(),
            _ => event.output().cloned(),
        };
        self.0.lock().unwrap().push((event.event().to_owned(), event.name().to_owned(), data));
    }
}

#[tokio::test]
async fn a_replay_says_that_it_is_one() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let chain = chain!(u32 => counts.step("a").durable("a/1") | |n| n * 10);
    let mut runs = Vec::new();
    for _ in 0..2 {
        let seen = Arc::new(Seen::default());
        let config = Config::new().observe(Arc::clone(&seen)).durable(journal.run("x"));
        assert_eq!(chain.invoke_with(1, config).await.unwrap(), 20);
        runs.push(std::mem::take(&mut *seen.0.lock().unwrap()));
    }
    let replayed =
        |run: &[(String, String, Option<Value>)]| run.iter().filter(|(_, name, _)| name == "replayed").count();
    assert_eq!((replayed(&runs[0]), replayed(&runs[1])), (0, 1));
    let (event, _, data) = runs[1].iter().find(|(_, name, _)| name == "replayed").unwrap();
    assert_eq!((&**event, &data.as_ref().unwrap()["key"]), ("on_custom_event", &"a/1".into()));
    // The step has its start and its end, with its output, as when it ran.
    let ends = |run: &[(String, String, Option<Value>)]| {
        run.iter().filter(|(event, ..)| event == "on_chain_end").map(|(.., output)| output.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ends(&runs[0]), ends(&runs[1]));
    assert_eq!(ends(&runs[1])[0], Some(2.into()));
}
