//! A narrowed view against an engine that learned nothing else.

mod samples;

use std::collections::BTreeMap;

use proptest::prelude::*;
use samples::{fact, open};
use sutra_engine::{Direction, Engine, Filter, ReadView, Unit};
use sutra_model::{AssociationKind, Language, SourceId, TransactionId};

const WORDS: [&str; 6] = ["river", "harbour", "Alham", "Aln", "house", "Venn"];
const NAMES: [&str; 4] = ["Aln", "Alham", "Cheviot county", "Harbour house"];

/// A source for the engine to learn, by its number.
#[derive(Clone, Debug)]
struct Told {
    address: usize,
    words: Vec<usize>,
    title: usize,
    author: bool,
    time: Option<i64>,
}

fn told() -> impl Strategy<Value = Told> {
    (
        0_usize..9,
        prop::collection::vec(0_usize..6, 1..4),
        0_usize..3,
        any::<bool>(),
        prop::option::of(0_i64..4),
    )
        .prop_map(|(address, words, title, author, time)| Told {
            address,
            words,
            title,
            author,
            time,
        })
}

/// Learns a source, and tells its number; another text of its address is then retired.
fn learn(engine: &Engine, address: usize, told: &Told) -> SourceId {
    let text = told
        .words
        .iter()
        .map(|word| WORDS[*word])
        .collect::<Vec<_>>()
        .join(" ");
    // One sentence says the same of the same names, wherever it stands.
    let first = told.words[0];
    let mut batch = fact(told.title, &text, [NAMES[first % 4], NAMES[(first + 1) % 4]]);
    let mut vector = [0.2; 4];
    vector[first % 4] = 1.0 + told.words.len() as f32;
    batch.vectors = vector.repeat(2);
    let source = &mut batch.sources[0];
    source.address = format!("{address}.txt");
    source.last = true;
    source.time = told.time;
    if told.author {
        source.attributes.insert("author".into(), "Mara".into());
    }
    engine.commit(batch).unwrap().sources[0]
}

/// What a view finds, in words: two engines number differently.
fn found(view: &ReadView) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let said = |id| view.text(&view.concept(id).unwrap()).unwrap();
    let mut add = |what: String, mut hits: Vec<String>| {
        hits.sort();
        found.insert(what, hits);
    };
    for word in WORDS {
        for unit in [Unit::Passage, Unit::Entity] {
            let hits = view.search_words(word, 50, unit, Language::English).unwrap();
            add(
                format!("{word} {unit:?}"),
                hits.iter().map(|(id, _)| said(*id)).collect(),
            );
        }
    }
    for unit in [Unit::Passage, Unit::Sentence] {
        for exact in [true, false] {
            let hits = view
                .search_vectors(&[1.0, 0.5, 0.1, 0.1], 50, unit, exact)
                .unwrap();
            let hits = hits.iter().map(|(id, score)| format!("{} {score}", said(*id)));
            add(format!("{unit:?} {exact}"), hits.collect());
        }
    }
    for name in NAMES {
        let Some(id) = view.entity(name).unwrap() else {
            continue;
        };
        let neighbours = view.neighbours(id, Direction::Both, None, 50).unwrap();
        let shown = neighbours.iter().map(|association| {
            let end = said(association.key.subject);
            format!(
                "{end} {:.4} {}",
                association.confidence, association.evidence_count
            )
        });
        add(format!("of {name}"), shown.collect());
        add(
            format!("degree of {name}"),
            vec![view.degree(id, "mentions", Direction::In).to_string()],
        );
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_narrowed_view_finds_what_its_sources_say(
        sources in prop::collection::vec(told(), 1..14),
        chosen in prop::option::of(prop::collection::vec(1_u64..15, 0..6)),
        by_author in any::<bool>(),
        since in prop::option::of(0_i64..4),
        until in prop::option::of(0_i64..4),
        as_of in prop::option::of(0_u64..15),
    ) {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [engine, alone] = folders.each_ref().map(|folder| open(folder.path()));
        let learned: Vec<SourceId> = sources.iter().map(|told| learn(&engine, told.address, told)).collect();
        let filter = Filter {
            sources: chosen.clone().map(|chosen| chosen.into_iter().map(SourceId).collect()),
            attributes: by_author.then(|| ("author".to_owned(), "Mara".to_owned())).into_iter().collect(),
            since,
            until,
            as_of: as_of.map(|last| TransactionId(last).min(engine.view().unwrap().transaction())),
            holds_at: None,
            kinds: None,
        };
        let admitted = |number: usize| {
            // The same text again is no other source.
            if learned[..number].contains(&learned[number]) {
                return false;
            }
            let source = engine.view().unwrap().source(learned[number]).unwrap();
            let told = &sources[number];
            chosen.as_ref().is_none_or(|chosen| chosen.contains(&source.id.0))
                && (!by_author || told.author)
                && since.is_none_or(|since| told.time.is_some_and(|time| time >= since))
                && until.is_none_or(|until| told.time.is_some_and(|time| time < until))
                && match as_of {
                    Some(last) => {
                        source.learned.0 <= last && source.retired.is_none_or(|retired| retired.0 > last)
                    }
                    None => source.retired.is_none(),
                }
        };
        for number in (0..sources.len()).filter(|number| admitted(*number)) {
            learn(&alone, number, &sources[number]);
        }
        let narrowed = engine.lease().unwrap().within(&filter).unwrap();
        prop_assert_eq!(found(&narrowed.view().unwrap()), found(&alone.view().unwrap()));
        // However narrow a view is, the next is as wide as its filter.
        let again = narrowed.within(&filter).unwrap().view().unwrap();
        prop_assert_eq!(found(&again), found(&narrowed.view().unwrap()));
        let languages = narrowed.view().unwrap().languages();
        prop_assert_eq!(again.languages(), languages);
        engine.close().unwrap();
        prop_assert_eq!(narrowed.view().err().map(|error| error.code()), Some("store_closed"));
    }
}

#[test]
fn what_does_not_hold_at_a_time_is_no_association() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    for (number, from, to) in [(0, None, Some(10)), (1, Some(10), None), (2, None, None)] {
        let mut batch = fact(number, WORDS[number], ["Aln", "Venn"]);
        for association in &mut batch.associations {
            association.validity.from = from;
            association.validity.to = to;
        }
        engine.commit(batch).unwrap();
    }
    for (time, count) in [(9, 2), (10, 2), (11, 2)] {
        let filter = Filter {
            holds_at: Some(time),
            ..Filter::default()
        };
        let view = engine.view().unwrap().within(&filter).unwrap();
        let aln = view.entity("Aln").unwrap().unwrap();
        let held = view.expand(aln, "mentions", Direction::In, 9);
        assert_eq!(held.len(), count, "{time}");
        let said: Vec<String> = held
            .iter()
            .map(|id| view.text(&view.concept(*id).unwrap()).unwrap())
            .collect();
        assert_eq!(said.contains(&WORDS[0].to_owned()), time < 10);
        assert_eq!(said.contains(&WORDS[1].to_owned()), time >= 10);
    }
}

#[test]
fn associations_of_other_kinds_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let mut batch = fact(0, "The Aln feeds the Venn.", ["Aln", "Venn"]);
    let (mentions, feeds) = (
        batch.relations[0].clone(),
        ("feeds".to_owned(), AssociationKind::Causal),
    );
    assert_ne!(mentions.1, feeds.1);
    let mut told = batch.associations[0].clone();
    told.relation = batch.relations.len() as u32;
    batch.relations.push(feeds);
    batch.associations.push(told);
    engine.commit(batch).unwrap();
    for (kinds, expected) in [
        (None, ["mentions", "feeds"].as_slice()),
        (Some(vec![AssociationKind::Causal]), &["feeds"]),
        (Some(vec![AssociationKind::Temporal]), &[]),
        (Some(Vec::new()), &[]),
    ] {
        let filter = Filter {
            kinds,
            ..Filter::default()
        };
        let view = engine.view().unwrap().within(&filter).unwrap();
        let degree = |name: &&str| {
            let aln = view.entity("Aln").unwrap();
            aln.is_some_and(|aln| view.degree(aln, name, Direction::Both) > 0)
        };
        let found: Vec<&str> = ["mentions", "feeds"].into_iter().filter(degree).collect();
        assert_eq!(found, expected);
        // What is found by its words is of no kind.
        let hits = view
            .search_words("Aln", 5, Unit::Passage, Language::English)
            .unwrap();
        assert_eq!(hits.len(), 1);
    }
}
