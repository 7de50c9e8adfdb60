//! Forgetting: what is left is found as if the rest had never come.

mod samples;

use std::fmt::Write;

use proptest::prelude::*;
use samples::{fact, learned, open};
use sutra_engine::{Direction, ReadView, RecordedAnswer, Unit};
use sutra_model::{ConceptId, Error, Language, SourceId, TransactionId};

#[test]
fn what_is_forgotten_is_gone_from_every_search_and_answer() {
    let folder = tempfile::tempdir().unwrap();
    let engine = learned(folder.path());
    let before = engine.view().unwrap();
    let citing = |id: &str, source| {
        let answer = RecordedAnswer {
            sources: vec![SourceId(source)],
            record: vec![1],
        };
        engine.put_answer(id.into(), answer).unwrap();
    };
    citing("of the first", 1);
    citing("of the second", 2);
    assert_eq!(engine.forget(&[SourceId(7)], false).unwrap(), None);
    let told = engine.forget(&[SourceId(1)], true).unwrap().unwrap();
    assert_eq!(engine.view().unwrap().transaction(), TransactionId(2));
    let forgotten = engine.forget(&[SourceId(1)], false).unwrap().unwrap();
    assert_eq!(
        (forgotten.taken, forgotten.transaction),
        (told.taken, TransactionId(3))
    );
    let taken = forgotten.taken;
    assert_eq!((taken.sources, taken.statements, taken.entities), (1, 2, 1));
    // Not written yet, and by one who asked before.
    citing("late", 1);
    let erased = |id| matches!(engine.get_answer(id), Err(Error::AnswerErased(_)));
    assert!(erased("of the first") && erased("late") && !erased("of the second"));

    let gone = |view: &ReadView| {
        assert!(view.verify().unwrap().faults.is_empty());
        let words = view.search_words("Aln", 5, Unit::Passage, Language::English);
        assert_eq!(words.unwrap(), []);
        assert_eq!(
            view.search_words("Aln", 5, Unit::Entity, Language::English)
                .unwrap(),
            []
        );
        assert_eq!(view.entity("Aln").unwrap(), None);
        let nearest = view.search_vectors(&[1.0, 0.0, 0.0, 0.0], 5, Unit::Sentence, false);
        assert_eq!(nearest.unwrap(), [(ConceptId(6), 0.0)]);
        // The other one mentions Alham too.
        let alham = view.entity("Alham").unwrap().unwrap();
        assert_eq!(view.expand(alham, "mentions", Direction::In, 9), [ConceptId(6)]);
        assert_eq!(view.totals().sources, 1);
    };
    gone(&engine.view().unwrap());
    assert_eq!(before.entity("Aln").unwrap(), Some(ConceptId(3)));
    engine.close().unwrap();
    drop((engine, before));

    let engine = open(folder.path());
    gone(&engine.view().unwrap());
    for (id, erased) in [("of the first", true), ("late", true), ("of the second", false)] {
        let found = engine.get_answer(id);
        assert_eq!(matches!(found, Err(Error::AnswerErased(_))), erased, "{id}");
    }
    // What is learned anew gets numbers of its own.
    let again = engine
        .commit(fact(0, "The Aln flows past Alham.", ["Aln", "Alham"]))
        .unwrap();
    assert_eq!(again.concepts, [8, 9, 10, 4]);
    assert_eq!(again.sources, [SourceId(3)]);
}

const WORDS: [&str; 8] = [
    "river", "rivers", "harbour", "Alham", "Aln", "house", "houses", "Haus",
];
const NAMES: [&str; 4] = ["Aln", "Alham", "Cheviot county", "Harbour house"];

/// All that a view tells, as far as numbers that it gave out itself do not matter.
fn told(view: &ReadView) -> String {
    let mut told = format!("{:?} {:?}\n", view.totals(), view.languages());
    for word in WORDS.into_iter().chain(["haurbour", "hous", "rivres", "title 3"]) {
        for language in [Language::English, Language::German] {
            let passages = view.search_words(word, 50, Unit::Passage, language);
            let entities = view.search_words(word, 50, Unit::Entity, language);
            let near = view.near_words(word, 9, language);
            writeln!(told, "{word} {passages:?} {entities:?} {near:?}").unwrap();
        }
    }
    for unit in [Unit::Passage, Unit::Sentence] {
        for query in [[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.5]] {
            writeln!(told, "{:?}", view.search_vectors(&query, 50, unit, false)).unwrap();
        }
    }
    for id in (1..120).map(ConceptId) {
        let neighbours = view.neighbours(id, Direction::Both, None, 50).ok();
        writeln!(told, "{id:?} {:?} {neighbours:?}", view.concept(id).ok()).unwrap();
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn indexes_that_forgot_are_those_that_are_built_anew(
        texts in prop::collection::vec((prop::collection::vec(0_usize..8, 1..4), 0_usize..4, 0_usize..4), 1..24),
        forgotten in prop::collection::vec(1_u64..24, 1..12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path());
        let learn = |number: usize| {
            let (words, name, title) = &texts[number];
            let text = words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
            let mut batch = fact(*title, &text, [NAMES[*name], NAMES[(name + 1) % 4]]);
            batch.sources[0].address = format!("{number}.txt");
            if number % 2 == 1 {
                batch.sources[0].attributes.insert("language".into(), "de".into());
            }
            engine.commit(batch).unwrap();
        };
        let half = texts.len() / 2;
        (0..half).for_each(learn);
        let _ = told(&engine.view().unwrap()); // Builds the index of sentences.
        for source in &forgotten {
            engine.forget(&[SourceId(*source)], false).unwrap();
        }
        (half..texts.len()).for_each(learn);
        let sources: Vec<_> = forgotten.iter().rev().map(|source| SourceId(source + 3)).collect();
        engine.forget(&sources, false).unwrap();
        let kept_up = told(&engine.view().unwrap());
        engine.close().unwrap();
        drop(engine);
        let engine = open(folder.path());
        prop_assert_eq!(kept_up, told(&engine.view().unwrap()));
        prop_assert!(engine.verify().unwrap().faults.is_empty());
    }
}
