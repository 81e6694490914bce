//! Journals that earlier versions wrote, and this one goes on with: `compatibility/0.1.db` is what 0.1 wrote. None is ever changed;
//! `WRITE_COMPATIBILITY=0.2` writes that of a new version.

use crate::work::Counts;
use catena::{Config, ErrorKind, prelude::*};
use catena_durable::{ConfigExt, DurableExt, Journal, pause};
use std::{fs, path::Path};

fn chain(counts: &Counts) -> impl Runnable<u32, Output = u32> + use<> {
    chain!(u32 =>
        counts.step("a").durable("a/1")
        | <sum: _, more: pause::<u32>("manager")>
        | |both| both.sum + both.more
        | counts.step("b").durable("b/1"))
}

#[tokio::test]
async fn journals_are_gone_on_with() {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/compatibility");
    if let Ok(version) = std::env::var("WRITE_COMPATIBILITY") {
        fs::create_dir_all(&all).unwrap();
        let journal = Journal::sqlite(all.join(format!("{version}.db"))).await.unwrap();
        let config = Config::new().durable(journal.run("order-42"));
        let error = chain(&Counts::default()).invoke_with(1, config).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Paused);
    }
    let mut read = 0;
    for file in fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "db") {
            continue;
        }
        // A copy: a run that goes on changes it.
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("journal.db");
        fs::copy(&file, &copy).unwrap();
        let (journal, counts) = (Journal::sqlite(&copy).await.unwrap(), Counts::default());
        journal.answer("order-42", "manager", 40_u32).await.unwrap();
        let config = Config::new().durable(journal.run("order-42"));
        assert_eq!(chain(&counts).invoke_with(1, config).await.unwrap(), 43, "{}", file.display());
        // What the old version had finished is not done again.
        assert_eq!((counts.of("a(1)"), counts.of("b(42)")), (0, 1));
        read += 1;
    }
    assert!(read > 0);
}
