//! Recorded answers are kept for a time, and up to a size.

use std::collections::BTreeMap;
use std::time::Duration;

use sutra_store::{AnswerLimits, EmbedderId, OpenOptions, RecordedAnswer, Store};

#[test]
fn answers_expire_by_age_and_by_size() {
    let folder = tempfile::tempdir().unwrap();
    let limited = |age, bytes| OpenOptions {
        answers: AnswerLimits { age, bytes },
        ..OpenOptions::new(EmbedderId {
            fingerprint: "a".into(),
            dimension: 3,
        })
    };
    let long = Duration::from_secs(3600);
    let put = |store: &Store, id: &str, bytes: usize| {
        let answer = RecordedAnswer {
            record: vec![7; bytes],
            ..RecordedAnswer::default()
        };
        let answers = BTreeMap::from([(id.to_owned(), answer)]);
        store.put_answers(&answers).unwrap();
        std::thread::sleep(Duration::from_millis(2));
    };
    let kept = |store: &Store| -> Vec<&str> {
        let ids = ["one", "two", "three"];
        ids.into_iter()
            .filter(|id| store.answer(id).unwrap().is_some())
            .collect()
    };
    let store = Store::open(folder.path(), limited(long, 1000)).unwrap();
    put(&store, "one", 400);
    put(&store, "two", 400);
    // The same answer again is one record, the newest.
    put(&store, "one", 500);
    assert_eq!(kept(&store), ["one", "two"]);
    put(&store, "three", 300);
    assert_eq!(kept(&store), ["one", "three"]);
    drop(store);
    // Counted over reopening.
    let store = Store::open(folder.path(), limited(long, 1000)).unwrap();
    put(&store, "two", 400);
    assert_eq!(kept(&store), ["two", "three"]);
    drop(store);
    let store = Store::open(folder.path(), limited(Duration::from_millis(200), 1000)).unwrap();
    std::thread::sleep(Duration::from_millis(250));
    assert_eq!(kept(&store), [""; 0]);
    put(&store, "one", 1);
    assert_eq!(kept(&store), ["one"]);
    drop(store);
    // What had expired was removed, not only hidden.
    let store = Store::open(folder.path(), limited(long, 1000)).unwrap();
    assert_eq!(kept(&store), ["one"]);
}
