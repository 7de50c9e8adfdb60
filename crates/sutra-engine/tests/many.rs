//! Reads of many things in one call, against one call for each.

mod samples;

use proptest::prelude::*;
use samples::{fact, open};
use sutra_engine::{Direction, Unit, Walk};
use sutra_model::{ConceptId, Language};

const WORDS: [&str; 6] = ["river", "harbour", "Alham", "Aln", "house", "Venn"];
const RELATIONS: [&str; 4] = ["mentions", "contains", "about", "unknown"];
const DIRECTIONS: [Direction; 3] = [Direction::Out, Direction::In, Direction::Both];

fn words() -> impl Strategy<Value = String> {
    prop::collection::vec(0_usize..6, 1..5).prop_map(|words| {
        words
            .into_iter()
            .map(|word| WORDS[word])
            .collect::<Vec<_>>()
            .join(" ")
    })
}

fn walk() -> impl Strategy<Value = Walk> {
    (
        prop::collection::vec(0_u64..30, 0..6),
        0_usize..4,
        0_usize..3,
        prop::option::of(0_usize..4),
    )
        .prop_map(|(ids, relation, direction, limit)| Walk {
            ids: ids.into_iter().map(ConceptId).collect(),
            relation: RELATIONS[relation].to_owned(),
            direction: DIRECTIONS[direction],
            limit: limit.unwrap_or(usize::MAX),
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn what_is_read_at_once_is_what_each_call_reads(
        texts in prop::collection::vec(words(), 0..8),
        queries in prop::collection::vec(words(), 0..5),
        vectors in prop::collection::vec(prop::collection::vec(0.1_f32..1.0, 4), 0..5),
        walks in prop::collection::vec(walk(), 0..5),
        k in 0_usize..6,
        exact in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path());
        for (number, text) in texts.iter().enumerate() {
            engine.commit(fact(number, text, ["Aln", WORDS[number % 6]])).unwrap();
        }
        let view = engine.view().unwrap();
        for unit in [Unit::Passage, Unit::Sentence] {
            let each = vectors.iter().map(|query| view.search_vectors(query, k, unit, exact).unwrap());
            let each: Vec<_> = each.collect();
            prop_assert_eq!(view.search_vectors_of(&vectors, k, unit, exact).unwrap(), each);
        }
        for unit in [Unit::Passage, Unit::Entity] {
            let each = queries.iter().map(|query| view.search_words(query, k, unit, Language::English).unwrap());
            let each: Vec<_> = each.collect();
            prop_assert_eq!(view.search_words_of(&queries, k, unit, Language::English).unwrap(), each);
        }
        let each: Vec<Vec<Vec<ConceptId>>> = walks
            .iter()
            .map(|walk| {
                let expand = |id: &ConceptId| view.expand(*id, &walk.relation, walk.direction, walk.limit);
                walk.ids.iter().map(expand).collect()
            })
            .collect();
        prop_assert_eq!(view.expand_of(&walks), each);
    }
}

#[test]
fn one_query_that_is_refused_refuses_all() {
    let folder = tempfile::tempdir().unwrap();
    let view = open(folder.path()).view().unwrap();
    let queries = [vec![1.0_f32; 4], vec![0.0; 4]];
    assert!(view.search_vectors_of(&queries, 1, Unit::Passage, false).is_err());
    let asked = ["river".to_owned()];
    assert!(
        view.search_words_of(&asked, 1, Unit::Sentence, Language::English)
            .is_err()
    );
}
