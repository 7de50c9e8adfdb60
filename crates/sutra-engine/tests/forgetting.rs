//! Forgetting: what is left is found as if the rest had never come.

mod samples;

use std::fmt::Write;
use std::path::Path;

use proptest::prelude::*;
use samples::{fact, learned, open};
use sutra_engine::{Direction, Engine, ReadView, RecordedAnswer, Selection, Unit, now};
use sutra_model::{
    AssociationDraft, AssociationKind, Batch, ConceptId, EntityDraft, EntityType, Error, Language, Roles,
    SourceDraft, SourceId, StatementDraft, TransactionId, Validity, entity_key, statement_key,
};

#[test]
fn what_is_forgotten_is_gone_from_every_search_and_answer() {
    let folder = tempfile::tempdir().unwrap();
    let engine = learned(folder.path());
    let before = engine.view().unwrap();
    let citing = |id: &str, source| {
        let answer = RecordedAnswer {
            transaction: TransactionId(2),
            sources: vec![SourceId(source)],
            record: vec![1],
        };
        engine.put_answer(id.into(), answer).unwrap();
    };
    citing("of the first", 1);
    citing("of the second", 2);
    assert_eq!(
        engine
            .forget(&Selection::Sources(vec![SourceId(7)]), false)
            .unwrap(),
        None
    );
    let told = engine
        .forget(&Selection::Sources(vec![SourceId(1)]), true)
        .unwrap()
        .unwrap();
    assert_eq!(engine.view().unwrap().transaction(), TransactionId(2));
    let forgotten = engine
        .forget(&Selection::Sources(vec![SourceId(1)]), false)
        .unwrap()
        .unwrap();
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

/// A titled passage of several sentences, each of which mentions its own names.
fn passage(address: &str, title: &str, sentences: &[(&str, &[&str])]) -> Batch {
    let mut batch = Batch {
        sources: vec![SourceDraft {
            address: address.into(),
            title: title.into(),
            ..SourceDraft::default()
        }],
        relations: vec![
            ("mentions".into(), AssociationKind::Semantic),
            ("contains".into(), AssociationKind::Compositional),
            ("about".into(), AssociationKind::Semantic),
        ],
        dimension: 4,
        ..Batch::default()
    };
    let draft = |start, end, sentence| StatementDraft {
        source: 0,
        start,
        end,
        roles: Roles {
            sentence,
            passage: !sentence,
        },
    };
    let text = sentences
        .iter()
        .map(|(text, _)| *text)
        .collect::<Vec<_>>()
        .join(" ");
    batch.statements.push(draft(0, text.len() as u64, false));
    let mut start = 0;
    for (sentence, _) in sentences {
        let end = start + sentence.len() as u64;
        batch.statements.push(draft(start, end, true));
        start = end + 1;
    }
    batch.sources[0].text = text;
    let associate = |subject, relation, object, evidence| AssociationDraft {
        subject,
        relation,
        object,
        evidence,
        confidence: 0.9,
        validity: Validity::default(),
        rules: 1,
    };
    let count = batch.statements.len() as u32;
    let entity = |batch: &mut Batch, name: &str| {
        let known = batch.entities.iter().position(|entity| entity.name == name);
        let position = known.unwrap_or_else(|| {
            batch.entities.push(EntityDraft {
                name: name.into(),
                entity_type: EntityType::Thing,
            });
            batch.entities.len() - 1
        });
        count + position as u32
    };
    for (number, (_, names)) in (1..).zip(sentences) {
        batch.associations.push(associate(0, 1, number, 0));
        for name in *names {
            let object = entity(&mut batch, name);
            batch.associations.push(associate(number, 0, object, number));
        }
    }
    if !title.is_empty() {
        let object = entity(&mut batch, title);
        batch.associations.push(associate(0, 2, object, 0));
    }
    batch.vector_references = (0..count).collect();
    batch.vectors = (0..count)
        .flat_map(|number| {
            if number % 2 == 0 {
                [1.0, 0.0, 0.0, 0.0]
            } else {
                [0.0, 1.0, 0.0, 0.0]
            }
        })
        .collect();
    batch
}

/// An engine with a passage that two sources have, and one of its sentences a third.
fn of_priya(folder: &Path) -> Engine {
    let engine = open(folder);
    let falcon: (&str, &[&str]) = (
        "Priya Raman leads the Falcon project.",
        &["Priya Raman", "Falcon"],
    );
    let river: (&str, &[&str]) = ("The Aln is a river.", &["Aln"]);
    for address in ["a.txt", "b.txt"] {
        engine
            .commit(passage(address, "Falcon", &[river, falcon]))
            .unwrap();
    }
    engine.commit(passage("c.txt", "People", &[falcon])).unwrap();
    let tea: (&str, &[&str]) = ("She likes tea with P. Raman.", &["Priya Raman"]);
    engine
        .commit(passage("d.txt", "Priya Raman", &[river, tea]))
        .unwrap();
    engine
}

fn found(view: &ReadView, words: &str) -> Vec<String> {
    let hits = view
        .search_words(words, 9, Unit::Passage, Language::English)
        .unwrap();
    hits.iter()
        .map(|(id, _)| view.text(&view.concept(*id).unwrap()).unwrap())
        .collect()
}

/// What must hold after forgetting, now and after opening again.
fn after_forgetting(folder: &Path, engine: Engine, holds: impl Fn(&ReadView)) -> Engine {
    let view = engine.view().unwrap();
    assert_eq!(view.verify().unwrap().faults, Vec::<String>::new());
    holds(&view);
    let kept_up = told(&view);
    engine.close().unwrap();
    drop((engine, view));
    let engine = open(folder);
    let view = engine.view().unwrap();
    holds(&view);
    assert_eq!(told(&view), kept_up);
    drop(view);
    engine
}

#[test]
fn a_statement_is_blanked_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let engine = of_priya(folder.path());
    let view = engine.view().unwrap();
    let priya = view.entity("Priya Raman").unwrap().unwrap();
    let sentence = view.expand(priya, "mentions", Direction::In, 1)[0];
    let citing = |id: &str, source, transaction| {
        let answer = RecordedAnswer {
            transaction: TransactionId(transaction),
            sources: vec![SourceId(source)],
            record: vec![1],
        };
        engine.put_answer(id.into(), answer).unwrap();
    };
    citing("of the first", 1, 4);
    citing("of the last", 4, 4);
    let selection = Selection::Concept(sentence);
    let told = engine.forget(&selection, true).unwrap().unwrap();
    let forgotten = engine.forget(&selection, false).unwrap().unwrap();
    assert_eq!(told.taken, forgotten.taken);
    // The sentence, and the passage that was nothing else.
    assert_eq!((forgotten.taken.statements, forgotten.redacted), (2, 3));
    citing("read before", 2, 4);
    citing("read after", 2, 5);
    let erased = |engine: &Engine, id| matches!(engine.get_answer(id), Err(Error::AnswerErased(_)));
    assert!(erased(&engine, "of the first") && erased(&engine, "read before"));
    assert!(!erased(&engine, "of the last") && !erased(&engine, "read after"));
    assert_eq!(engine.forget(&selection, false).unwrap(), None);
    drop(view);
    let engine = after_forgetting(folder.path(), engine, |view| {
        assert_eq!(found(view, "leads"), [] as [&str; 0]);
        let left = format!(
            "The Aln is a river. {}",
            " ".repeat("Priya Raman leads the Falcon project.".len())
        );
        assert!(found(view, "river").contains(&left));
        assert_eq!(found(view, "falcon"), [left.as_str()], "the title stays");
        for source in 1..=3 {
            let source = view.find(SourceId(source)).unwrap().unwrap();
            assert_eq!(source.redacted, Some(TransactionId(5)));
            assert!(!view.source_text(source.id).unwrap().contains("Priya"));
        }
        // Another sentence mentions her.
        assert!(view.entity("Priya Raman").unwrap().is_some());
        // Its passage waits for a new vector.
        assert_eq!(view.totals().statements - view.totals().vectors, 1);
    });
    assert!(erased(&engine, "of the first") && !erased(&engine, "read after"));
    // It may be learned anew.
    let falcon: (&str, &[&str]) = (
        "Priya Raman leads the Falcon project.",
        &["Priya Raman", "Falcon"],
    );
    engine.commit(passage("a.txt", "Falcon", &[falcon])).unwrap();
    assert_eq!(found(&engine.view().unwrap(), "leads"), [falcon.0]);
    assert!(engine.verify().unwrap().faults.is_empty());
}

#[test]
fn an_entity_goes_with_all_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = of_priya(folder.path());
    let priya = engine.view().unwrap().entity("priya raman").unwrap().unwrap();
    let asked = RecordedAnswer {
        transaction: TransactionId(4),
        sources: Vec::new(),
        record: br#"{"question": "Who is PRIYA RAMAN?"}"#.to_vec(),
    };
    engine.put_answer("asked".into(), asked).unwrap();
    let forgotten = engine.forget(&Selection::Concept(priya), false).unwrap().unwrap();
    assert_eq!((forgotten.redacted, forgotten.answers), (4, 1));
    after_forgetting(folder.path(), engine, |view| {
        assert_eq!(view.entity("Priya Raman").unwrap(), None);
        for words in ["Priya", "Raman", "leads", "tea"] {
            assert_eq!(found(view, words), [] as [&str; 0], "{words}");
            assert_eq!(
                view.search_words(words, 9, Unit::Entity, Language::English)
                    .unwrap(),
                []
            );
        }
        assert_eq!(view.near_words("Priyo", 9, Language::English), []);
        for source in 1..=4 {
            let source = view.find(SourceId(source)).unwrap().unwrap();
            let text = view.source_text(source.id).unwrap();
            assert!(
                !text.contains("Raman") && !source.title.contains("Raman"),
                "{text}"
            );
        }
        // Two passages and the sentence about the river, which stands in three sources, are left.
        assert_eq!((view.totals().statements, view.totals().passages), (3, 2));
        let falcon = view.entity("Falcon").unwrap().unwrap();
        assert_eq!(view.expand(falcon, "about", Direction::In, 9).len(), 1);
        assert_eq!(view.expand(falcon, "mentions", Direction::In, 9), []);
    });
}

#[test]
fn an_entity_alone_goes_without_the_words_that_name_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = of_priya(folder.path());
    let before = engine.view().unwrap().totals();
    let priya = engine.view().unwrap().entity("Priya Raman").unwrap().unwrap();
    let forgotten = engine.forget(&Selection::Node(priya), false).unwrap().unwrap();
    assert_eq!((forgotten.taken.entities, forgotten.taken.statements), (1, 0));
    after_forgetting(folder.path(), engine, |view| {
        assert_eq!(view.entity("Priya Raman").unwrap(), None);
        assert_eq!(found(view, "leads").len(), 2);
        assert_eq!(view.totals().statements, before.statements);
        assert_eq!(view.totals().associations, before.associations - 3);
    });
}

#[test]
fn what_was_learned_before_a_time_goes() {
    let folder = tempfile::tempdir().unwrap();
    let engine = of_priya(folder.path());
    assert_eq!(engine.forget(&Selection::Before(0), false).unwrap(), None);
    let time = now();
    engine
        .commit(passage("e.txt", "River", &[("The Aln is a river.", &["Aln"])]))
        .unwrap();
    let forgotten = engine.forget(&Selection::Before(time), false).unwrap().unwrap();
    assert_eq!((forgotten.taken.sources, forgotten.staying), (4, 1));
    after_forgetting(folder.path(), engine, |view| {
        assert_eq!(found(view, "river"), ["The Aln is a river."]);
        assert_eq!(view.totals().sources, 1);
    });
}

#[test]
fn what_is_left_of_a_passage_gets_a_new_vector() {
    let folder = tempfile::tempdir().unwrap();
    let engine = of_priya(folder.path());
    let sentence = engine.view().unwrap().entity("Priya Raman").unwrap().unwrap();
    let before = engine.view().unwrap().transaction();
    engine.forget(&Selection::Concept(sentence), false).unwrap();
    let waiting = engine.view().unwrap().pending_after(ConceptId(0), 9).unwrap();
    let read = engine.view().unwrap().transaction();
    assert_eq!(waiting.len(), 2);
    let vector = vec![0.0, 0.0, 3.0, 4.0];
    for (wrong, why) in [(vec![1.0], "one component"), (vec![0.0; 4], "zeros")] {
        let error = engine.give_vectors(read, &[(waiting[0], wrong)]).unwrap_err();
        assert_eq!(error.code(), "invalid_value", "{why}");
    }
    let known = ConceptId(2);
    let given = [
        (waiting[0], vector.clone()),
        (known, vector.clone()),
        (ConceptId(999), vector.clone()),
    ];
    // The words that were read before are not what it says any more.
    assert_eq!(engine.give_vectors(before, &given).unwrap(), 0);
    assert_eq!(engine.give_vectors(read, &given).unwrap(), 1);
    assert_eq!(engine.give_vectors(read, &given).unwrap(), 0);
    after_forgetting(folder.path(), engine, |view| {
        let nearest = view
            .search_vectors(&[0.0, 0.0, 3.0, 4.0], 1, Unit::Passage, false)
            .unwrap();
        assert_eq!(nearest[0].0, waiting[0]);
        assert!(nearest[0].1 > 0.999);
        assert_eq!(view.pending_after(ConceptId(0), 9).unwrap(), waiting[1..]);
    });
}

/// All bytes of all files below a folder.
fn bytes_below(folder: &Path) -> String {
    let mut bytes = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        bytes += &match path.is_dir() {
            true => bytes_below(&path),
            false => String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned(),
        };
    }
    bytes
}

#[test]
fn what_was_forgotten_goes_from_every_byte_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let engine = of_priya(folder.path());
    let asked = RecordedAnswer {
        transaction: TransactionId(4),
        sources: vec![SourceId(1)],
        record: b"Priya Raman leads it".to_vec(),
    };
    engine.put_answer("asked".into(), asked).unwrap();
    let priya = engine.view().unwrap().entity("Priya Raman").unwrap().unwrap();
    let forgotten = engine.forget(&Selection::Concept(priya), false).unwrap().unwrap();
    assert!(bytes_below(folder.path()).contains("Priya"));
    let (receipt, gone) = engine.receipt(forgotten.transaction).unwrap().unwrap();
    assert_eq!((&receipt.forgotten, gone), (&forgotten, None));

    let lease = engine.lease().unwrap();
    let reading = lease.view().unwrap();
    let before = told(&reading);
    let purged = engine.purge().unwrap();
    assert_eq!(purged.transaction, forgotten.transaction);
    assert!(!bytes_below(folder.path()).contains("Priya"));
    // Whoever reads goes on reading, and the file without a name is not gone before he ends.
    assert_eq!(told(&reading), before);
    assert_eq!(engine.receipt(forgotten.transaction).unwrap().unwrap().1, None);
    drop(reading);
    drop(lease);
    let gone = (0..500).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        engine.receipt(forgotten.transaction).unwrap().unwrap().1
    });
    assert_eq!(gone, Some(purged.time));
    // Only whoever has the text can tell that it went.
    for (key, went) in [
        (entity_key("Priya Raman"), true),
        (statement_key("Priya Raman leads the Falcon project."), true),
        (statement_key("The Aln is a river."), false),
    ] {
        assert_eq!(engine.went(&receipt, key).unwrap(), went);
    }
    assert!(!bytes_below(folder.path()).contains("leads"));
    let river: (&str, &[&str]) = ("The Aln flows on.", &["Aln"]);
    engine.commit(passage("e.txt", "River", &[river])).unwrap();
    assert_eq!(
        engine.receipts_after(TransactionId(0)).unwrap(),
        [(forgotten.transaction, receipt.time)]
    );
    after_forgetting(folder.path(), engine, |view| {
        assert_eq!(found(view, "flows"), ["The Aln flows on."]);
        assert_eq!(view.totals().sources, 5);
    });
}

#[test]
fn whoever_writes_meanwhile_waits_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    std::thread::scope(|scope| {
        let writers = (0..4).map(|writer| {
            let engine = &engine;
            scope.spawn(move || {
                for number in 0..20 {
                    let text = format!("Writer {writer} wrote line {number}.");
                    let (id, record) = (text.clone(), text.clone().into_bytes());
                    engine
                        .commit(fact(20 * writer + number, &text, ["Aln", "Alham"]))
                        .unwrap();
                    let answer = RecordedAnswer {
                        record,
                        ..RecordedAnswer::default()
                    };
                    engine.put_answer(id, answer).unwrap();
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        for _ in 0..6 {
            engine.purge().unwrap();
        }
        writers.into_iter().for_each(|writer| writer.join().unwrap());
    });
    engine.close().unwrap();
    drop(engine);
    let engine = open(folder.path());
    assert_eq!(engine.view().unwrap().totals().passages, 80);
    assert!(engine.get_answer("Writer 3 wrote line 19.").unwrap().is_some());
    assert!(engine.get_answer("Writer 0 wrote line 0.").unwrap().is_some());
    assert!(engine.verify().unwrap().faults.is_empty());
}

#[test]
fn there_has_to_be_something_to_forget() {
    let folder = tempfile::tempdir().unwrap();
    let engine = of_priya(folder.path());
    let sentence = ConceptId(2);
    for nothing in [
        Selection::Concept(ConceptId(999)),
        Selection::Node(sentence),
        Selection::Sources(vec![]),
    ] {
        assert_eq!(engine.forget(&nothing, false).unwrap(), None, "{nothing:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn indexes_that_forgot_are_those_that_are_built_anew(
        texts in prop::collection::vec((prop::collection::vec(0_usize..8, 1..4), 0_usize..4, 0_usize..4), 1..24),
        forgotten in prop::collection::vec((1_u64..24, 0..4), 1..12),
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
        for (number, what) in &forgotten {
            let selection = match what {
                0 => Selection::Concept(ConceptId(*number)),
                1 => Selection::Node(ConceptId(*number)),
                _ => Selection::Sources(vec![SourceId(*number)]),
            };
            engine.forget(&selection, false).unwrap();
        }
        (half..texts.len()).for_each(learn);
        let sources: Vec<_> = forgotten.iter().rev().map(|(source, _)| SourceId(source + 3)).collect();
        engine.forget(&Selection::Sources(sources), false).unwrap();
        let kept_up = told(&engine.view().unwrap());
        engine.close().unwrap();
        drop(engine);
        let engine = open(folder.path());
        prop_assert_eq!(kept_up, told(&engine.view().unwrap()));
        prop_assert!(engine.verify().unwrap().faults.is_empty());
    }
}
