//! Chinese, Japanese and Korean in the full-text index.

use super::{document, ids};
use catena::RunnableExt;
use catena_llm::retrieval::{Bm25, Filter, Retrieve};

async fn search(index: &Bm25, query: &str) -> Vec<String> {
    let found = Retrieve::new(index).invoke(query).await.unwrap();
    ids(&found).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn words_are_found_without_spaces_around_them() {
    let index = Bm25::in_memory().unwrap();
    let documents = [
        document("zh", "备份每天凌晨两点运行，由运维团队负责。"),
        document("ja", "東京都庁は新宿にあります。コーヒーは二階です。"),
        document("ko", "백업은 매일 새벽 두 시에 실행됩니다."),
        document("mixed", "我们用Rust语言编写服务"),
        document("en", "Backups run at two."),
    ];
    index.add(documents).await.unwrap();
    for (query, first) in [
        ("备份什么时候运行", "zh"),
        ("运维", "zh"),
        ("新宿", "ja"),
        ("コーヒー", "ja"),
        ("庁", "ja"),
        ("백업", "ko"),
        ("새벽에 백업", "ko"),
        ("语言", "mixed"),
        ("rust", "mixed"),
        ("backup", "en"),
    ] {
        assert_eq!(search(&index, query).await.first().map(String::as_str), Some(first), "{query}");
    }
    // Characters that are next to each other in no document find nothing.
    assert_eq!(search(&index, "点团").await, [""; 0]);
    assert_eq!(index.remove(["zh"]).await.unwrap(), 1);
    assert_eq!(search(&index, "运维").await, [""; 0]);
}

/// The tables of the version before there were segments.
const OLD: &str = "
    CREATE TABLE catena_versions (part TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO catena_versions VALUES ('bm25', 1);
    CREATE TABLE catena_bm25_documents (
        key INTEGER PRIMARY KEY, id TEXT UNIQUE, content TEXT NOT NULL, metadata TEXT NOT NULL
    );
    CREATE VIRTUAL TABLE catena_bm25 USING fts5(
        content, content = 'catena_bm25_documents', content_rowid = 'key',
        tokenize = 'porter unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER catena_bm25_added AFTER INSERT ON catena_bm25_documents BEGIN
        INSERT INTO catena_bm25 (rowid, content) VALUES (new.key, new.content);
    END;
    CREATE TRIGGER catena_bm25_removed AFTER DELETE ON catena_bm25_documents BEGIN
        INSERT INTO catena_bm25 (catena_bm25, rowid, content) VALUES ('delete', old.key, old.content);
    END;
    INSERT INTO catena_bm25_documents (id, content, metadata) VALUES
        ('zh', '备份每天凌晨两点运行', '{\"lang\":\"zh\"}'), ('en', 'Backups run at two.', '{\"lang\":\"en\"}');
";

#[tokio::test]
async fn a_file_of_an_earlier_version_is_indexed_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(OLD).unwrap();
    for _ in 0..2 {
        let index = Bm25::open(&path).await.unwrap();
        assert_eq!(search(&index, "凌晨").await, ["zh"]);
        assert_eq!(search(&index, "backup").await, ["en"]);
        let only = Retrieve::new(&index).filter(Filter::new().equals("lang", "en"));
        assert_eq!(ids(&only.invoke("backup 凌晨").await.unwrap()), ["en"]);
    }
    let index = Bm25::open(&path).await.unwrap();
    index.add([document("zh", "咖啡在楼上")]).await.unwrap();
    assert_eq!(search(&index, "凌晨").await, [""; 0]);
    assert_eq!(search(&index, "咖啡").await, ["zh"]);
    assert_eq!(index.len().await.unwrap(), 2);
    let check = "INSERT INTO catena_bm25 (catena_bm25, rank) VALUES ('integrity-check', 1)";
    drop(index);
    rusqlite::Connection::open(&path).unwrap().execute(check, []).unwrap();
}
