//! The engine as its users see it: visible at once, one state per view, shared syncs.

use std::sync::Arc;

mod samples;

use samples::{fact, learned, open, options};
use sutra_engine::{
    AnswerLimits, Direction, Engine, OpenOptions, PageRankQuery, PathQuery, ReadView, RecordedAnswer,
    Selection, Unit, WalkQuery,
};
use sutra_model::{ConceptId, Error, Language, SourceId, TransactionId};

fn answer(record: Vec<u8>) -> RecordedAnswer {
    RecordedAnswer {
        record,
        ..RecordedAnswer::default()
    }
}

#[test]
fn what_is_committed_is_found_by_the_next_view_and_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let engine = learned(folder.path());
    expect_both_facts(&engine);
    engine.close().unwrap();
    assert_eq!(engine.view().err().unwrap().code(), "store_closed");
    expect_both_facts(&open(folder.path()));
}

fn expect_both_facts(engine: &Engine) {
    let view = engine.view().unwrap();
    assert_eq!(view.transaction(), TransactionId(2));
    assert_eq!(
        view.search_words("county", 5, Unit::Passage, Language::English)
            .unwrap()[0]
            .0,
        ConceptId(5)
    );
    assert_eq!(
        view.search_words("title 0", 1, Unit::Passage, Language::English)
            .unwrap()[0]
            .0,
        ConceptId(1)
    );
    assert_eq!(
        view.search_words("cheviot", 1, Unit::Entity, Language::English)
            .unwrap()[0]
            .0,
        ConceptId(7)
    );
    let nearest = view
        .search_vectors(&[0.0, 1.0, 0.0, 0.0], 1, Unit::Sentence, false)
        .unwrap();
    assert_eq!(nearest, [(ConceptId(6), 1.0)]);
    assert_eq!(
        view.expand(ConceptId(4), "mentions", Direction::In, 10),
        [ConceptId(2), ConceptId(6)]
    );
}

#[test]
fn paths_and_spreading_cross_shared_entities() {
    let folder = tempfile::tempdir().unwrap();
    let engine = learned(folder.path());
    let view = engine.view().unwrap();
    let aln = view.entity("Aln").unwrap().unwrap();
    let county = view.entity("Cheviot County").unwrap().unwrap();
    let query = PathQuery {
        sources: vec![aln],
        targets: vec![county],
        k: 3,
        max_steps: 6,
        weights: vec![],
    };
    let found = view.paths(&query).paths;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].nodes, [3, 2, 4, 6, 7].map(ConceptId));
    assert_eq!(
        view.evidence(ConceptId(2), "mentions", aln, 10).unwrap()[0].statement,
        ConceptId(2)
    );
    let seeds = vec![(aln, 1.0)];
    let query = PageRankQuery {
        seeds,
        damping: 0.5,
        limit: 10,
        weights: vec![],
    };
    let ranked = view.pagerank(&query);
    let score = |id| ranked.iter().find(|(found, _)| *found == id).unwrap().1;
    assert!(score(aln) > score(ConceptId(2)) && score(ConceptId(2)) > score(county));
}

#[test]
fn walks_go_the_way_that_they_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let engine = learned(folder.path());
    let view = engine.view().unwrap();
    let walk = |direction, relations: Option<&str>, max_steps| WalkQuery {
        max_steps,
        direction,
        relations: relations.map(|name| vec![name.to_owned()]),
    };
    let both_ways = walk(Direction::Both, Some("mentions"), 6);
    let from = ConceptId(2);
    let reached = view.reach(&[from], &both_ways, 10);
    let expected = [(3, 1), (4, 1), (6, 2), (7, 3)].map(|(id, steps)| (ConceptId(id), steps));
    assert_eq!((&reached.found[..], reached.exhausted), (&expected[..], false));
    assert_eq!(view.reach(&[from], &both_ways, 3).found, expected[..3]);
    assert_eq!(
        view.reach(&[from], &walk(Direction::Out, None, 6), 10).found,
        expected[..2]
    );
    assert_eq!(
        view.reach(&[from], &walk(Direction::Both, Some("knows"), 6), 10)
            .found,
        []
    );

    let path = |to, query| view.shortest_path(from, ConceptId(to), &query).found;
    let way = path(7, both_ways.clone()).unwrap();
    assert_eq!(way.nodes, [2, 4, 6, 7].map(ConceptId));
    assert_eq!(
        way.steps.iter().map(|(_, inverse)| *inverse).collect::<Vec<_>>(),
        [false, true, false]
    );
    let same = view.paths(&PathQuery {
        sources: vec![from],
        targets: vec![ConceptId(7)],
        k: 1,
        max_steps: 6,
        weights: vec![],
    });
    assert!((same.paths[0].score - way.score).abs() < 1e-9);
    assert_eq!(path(7, walk(Direction::Both, None, 2)), None);
    assert_eq!(path(2, both_ways).unwrap().nodes, [from]);
}

#[test]
fn a_view_keeps_its_state_while_learning_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let engine = learned(folder.path());
    let before = engine.view().unwrap();
    engine
        .commit(fact(2, "The county is hilly.", ["county", "hill"]))
        .unwrap();
    assert_eq!(
        before
            .search_words("hilly", 5, Unit::Passage, Language::English)
            .unwrap(),
        []
    );
    assert_eq!(
        engine
            .view()
            .unwrap()
            .search_words("hilly", 5, Unit::Passage, Language::English)
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn many_writers_are_all_acknowledged_with_transactions_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(open(folder.path()));
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let engine = Arc::clone(&engine);
            std::thread::spawn(move || {
                (0..20)
                    .map(|n| {
                        let number = writer * 100 + n;
                        let batch = fact(number, &format!("Fact {number} is told."), ["A", "B"]);
                        engine.commit(batch).unwrap().transaction.0
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut transactions: Vec<u64> = writers
        .into_iter()
        .flat_map(|writer| writer.join().unwrap())
        .collect();
    transactions.sort_unstable();
    assert_eq!(transactions, (1..=160).collect::<Vec<u64>>());
    let view = engine.view().unwrap();
    assert_eq!(view.totals().statements, 320);
    assert_eq!(
        view.search_words("told", 1000, Unit::Passage, Language::English)
            .unwrap()
            .len(),
        160
    );
    assert!(view.verify().unwrap().faults.is_empty());
}

#[test]
fn answers_are_found_at_once_and_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let engine = learned(folder.path());
    engine
        .put_answer("one".into(), answer(b"first".to_vec()))
        .unwrap();
    assert_eq!(engine.get_answer("one").unwrap().as_deref(), Some(&b"first"[..]));
    engine.close().unwrap();
    let engine = open(folder.path());
    assert_eq!(engine.get_answer("one").unwrap().as_deref(), Some(&b"first"[..]));
    assert_eq!(engine.get_answer("two").unwrap(), None);
}

#[test]
fn what_another_engine_learns_and_forgets_is_followed() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let leader = learned(folders[0].path());
    let follower = open(folders[1].path());
    let follow = |follower: &Engine| {
        let since = follower.view().unwrap().transaction();
        let events = leader.changes_since(since, 10).unwrap();
        let data: Vec<Vec<u8>> = events.into_iter().map(|event| event.data).collect();
        follower.apply_changes(&data).unwrap()
    };
    let compare = |follower: &Engine| {
        let (here, there) = (follower.view().unwrap(), leader.view().unwrap());
        assert_eq!(
            (here.transaction(), here.totals()),
            (there.transaction(), there.totals())
        );
        for (axis, word) in [(0, "Aln"), (1, "Alham"), (2, "flows")] {
            let mut query = [0.1; 4];
            query[axis] = 1.0;
            for unit in [Unit::Passage, Unit::Sentence] {
                let nearest = |view: &ReadView| view.search_vectors(&query, 5, unit, false).unwrap();
                assert_eq!(nearest(&here), nearest(&there));
            }
            for unit in [Unit::Passage, Unit::Entity] {
                let found = |view: &ReadView| view.search_words(word, 5, unit, Language::English).unwrap();
                assert_eq!(found(&here), found(&there), "{word}");
            }
            let Some(entity) = there.entity(word).unwrap() else {
                continue;
            };
            assert_eq!(here.entity(word).unwrap(), Some(entity));
            let neighbours = |view: &ReadView| view.neighbours(entity, Direction::Both, None, 9).unwrap();
            assert_eq!(neighbours(&here), neighbours(&there));
        }
        assert!(here.verify().unwrap().faults.is_empty());
    };
    let before = follower.view().unwrap();
    assert_eq!(follow(&follower), TransactionId(2));
    assert_eq!(before.totals().sources, 0);
    compare(&follower);
    let citing = RecordedAnswer {
        transaction: TransactionId(2),
        sources: vec![SourceId(1)],
        record: vec![1],
    };
    follower.put_answer("citing".into(), citing).unwrap();
    leader
        .forget(&Selection::Sources(vec![SourceId(1)]), false)
        .unwrap()
        .unwrap();
    leader
        .commit(fact(2, "The Aln flows on.", ["Aln", "Venn"]))
        .unwrap();
    assert_eq!(follow(&follower), TransactionId(4));
    compare(&follower);
    assert!(matches!(
        follower.get_answer("citing"),
        Err(Error::AnswerErased(_))
    ));
    // There is nothing new, and what is old is refused.
    assert_eq!(follow(&follower), TransactionId(4));
    let old: Vec<Vec<u8>> = leader
        .changes_since(TransactionId(3), 1)
        .unwrap()
        .into_iter()
        .map(|event| event.data)
        .collect();
    assert_eq!(follower.apply_changes(&old).unwrap_err().code(), "invalid_change");
    follower.close().unwrap();
    drop((follower, before));
    let follower = open(folders[1].path());
    compare(&follower);
}

#[test]
fn queries_that_make_no_sense_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let engine = learned(folder.path());
    let view = engine.view().unwrap();
    let code = |result: sutra_model::Result<Vec<(ConceptId, f32)>>| result.unwrap_err().code();
    assert_eq!(
        code(view.search_vectors(&[1.0; 3], 1, Unit::Passage, false)),
        "invalid_value"
    );
    assert_eq!(
        code(view.search_vectors(&[0.0; 4], 1, Unit::Passage, false)),
        "invalid_value"
    );
    assert_eq!(
        code(view.search_vectors(&[1.0; 4], 1, Unit::Entity, false)),
        "invalid_value"
    );
    assert_eq!(
        code(view.search_words("a", 1, Unit::Sentence, Language::English)),
        "invalid_value"
    );
    assert_eq!(view.concept(ConceptId(0)).unwrap_err().code(), "unknown_concept");
}

#[test]
fn a_closed_engine_lets_go_of_the_folder_though_leases_are_held() {
    let folder = tempfile::tempdir().unwrap();
    let engine = learned(folder.path());
    let lease = engine.lease().unwrap();
    engine.close().unwrap();
    assert_eq!(lease.view().err().unwrap().code(), "store_closed");
    assert_eq!(
        engine
            .put_answer("late".into(), answer(vec![1]))
            .unwrap_err()
            .code(),
        "store_closed"
    );
    assert_eq!(
        open(folder.path()).view().unwrap().transaction(),
        TransactionId(2)
    );
}

#[test]
fn questions_alone_do_not_make_the_file_grow_without_bound() {
    let folder = tempfile::tempdir().unwrap();
    drop(learned(folder.path()));
    let options = OpenOptions {
        answers: AnswerLimits {
            bytes: 400_000,
            ..AnswerLimits::DEFAULT
        },
        ..options()
    };
    let engine = Engine::open(folder.path(), options).unwrap();
    let mut sizes = Vec::new();
    for round in 0..8 {
        for number in 0..50 {
            let id = format!("answer {number} of round {round}");
            engine.put_answer(id, answer(vec![round; 4000])).unwrap();
        }
        // Longer than the answers wait for company, so that each round is a flush of its own.
        std::thread::sleep(std::time::Duration::from_millis(700));
        let file = std::fs::metadata(folder.path().join("storage.dat")).unwrap();
        sizes.push(file.len());
        assert!(
            engine
                .get_answer(&format!("answer 49 of round {round}"))
                .unwrap()
                .is_some()
        );
    }
    assert!(engine.get_answer("answer 0 of round 0").unwrap().is_none());
    // Twice the bound and the pages that an older view still held are the most that it takes.
    assert!(sizes[7] <= sizes[4], "{sizes:?}");
}

#[test]
fn nothing_is_recorded_where_nothing_may_be_written() {
    let folder = tempfile::tempdir().unwrap();
    drop(learned(folder.path()));
    let options = OpenOptions {
        read_only: true,
        ..options()
    };
    let engine = Engine::open(folder.path(), options).unwrap();
    assert_eq!(engine.view().unwrap().transaction(), TransactionId(2));
    let refused = engine.put_answer("one".into(), answer(vec![1])).unwrap_err();
    assert_eq!(refused.code(), "read_only");
    assert_eq!(
        engine
            .commit(fact(3, "Cid met Dot.", ["Cid", "Dot"]))
            .unwrap_err()
            .code(),
        "read_only"
    );
    engine.close().unwrap();
}
