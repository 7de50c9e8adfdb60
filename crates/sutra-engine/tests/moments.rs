//! Which transaction was the last one at a moment.

mod samples;

use samples::{fact, open};
use sutra_engine::{Engine, Selection, now};
use sutra_model::{Error, SourceId, TransactionId};

#[test]
fn a_time_is_that_of_the_last_transaction_by_then() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let at = |engine: &Engine, time| engine.transaction_at(time).unwrap().0;
    assert_eq!(
        [i64::MIN, 0, now(), i64::MAX].map(|time| at(&engine, time)),
        [0; 4]
    );
    for (number, text) in ["The Aln.", "The Venn.", "The Lea.", "The Dee."]
        .iter()
        .enumerate()
    {
        engine.commit(fact(number, text, ["Aln", "Venn"])).unwrap();
    }
    engine
        .forget(&Selection::Sources(vec![SourceId(2)]), false)
        .unwrap();
    let times: Vec<i64> = engine
        .changes_since(TransactionId(0), 9)
        .unwrap()
        .iter()
        .map(|change| change.time)
        .collect();
    assert_eq!(times.len(), 5);
    let expect = |engine: &Engine| {
        for time in times.iter().flat_map(|time| [time - 1, *time, time + 1]) {
            let by_then = times.iter().filter(|made| **made <= time).count();
            assert_eq!(at(engine, time), by_then as u64, "{time} of {times:?}");
        }
        assert_eq!([at(engine, i64::MIN), at(engine, i64::MAX)], [0, 5]);
    };
    expect(&engine);
    engine.purge().unwrap();
    expect(&engine);
    engine.close().unwrap();
    assert!(matches!(engine.transaction_at(0), Err(Error::Closed)));
    drop(engine);
    expect(&open(folder.path()));
}
