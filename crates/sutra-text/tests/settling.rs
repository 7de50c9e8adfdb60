//! What was settled while it changed, against plain counting and an index built anew.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sutra_model::{ConceptId, Language};
use sutra_segment::file::PAGE_BYTES;
use sutra_segment::{Kept, Sections};
use sutra_text::{B, Copies, Document, K1, Part, Parts, Spellings, State, WordIndex, analyse};

const WORDS: [&str; 24] = [
    "harbour", "falcon", "river", "stone", "bridge", "heron", "castle", "miller", "copper", "garden",
    "tower", "island", "valley", "winter", "market", "engine", "letter", "silver", "forest", "canal",
    "signal", "station", "printer", "weaver",
];

/// A small generator, so that thousands of documents cost proptest one number.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A document. The first words are in most of them, the last in few.
#[derive(Clone, Debug)]
struct Text {
    id: ConceptId,
    text: String,
    language: Language,
}

/// The text of a number. Ids neither rise nor fall with it.
fn text(number: u64) -> Text {
    let mut random = Random(number);
    random.below(2);
    let words = 1 + random.below(1 + number % 40);
    let word = |_| {
        let most = 1 << random.below(6);
        let word = WORDS[random.below(most.min(WORDS.len() as u64)) as usize];
        if random.below(30) == 0 { &word[1..] } else { word }
    };
    Text {
        id: ConceptId(number * 7919 % 1_000_003 + 1),
        text: (0..words).map(word).collect::<Vec<_>>().join(" "),
        language: [Language::English, Language::Other][number as usize % 2],
    }
}

fn documents(texts: &[Text]) -> Vec<Document<'_>> {
    (texts.iter())
        .map(|text| Document {
            id: text.id,
            text: &text.text,
            language: text.language,
        })
        .collect()
}

/// Every document's terms counted, and nothing else.
struct Oracle {
    documents: Vec<(ConceptId, BTreeMap<String, u32>, u32)>,
}

impl Oracle {
    fn new<'a>(texts: impl IntoIterator<Item = &'a Text>) -> Self {
        let count = |text: &Text| {
            let terms = sutra_text::analyse_in(&text.text, text.language);
            let mut counts = BTreeMap::new();
            for term in &terms {
                *counts.entry(term.clone()).or_insert(0) += 1;
            }
            (text.id, counts, terms.len() as u32)
        };
        Self {
            documents: texts.into_iter().map(count).collect(),
        }
    }

    /// All scores, best first, by the formula.
    fn search(&self, question: &str) -> Vec<(ConceptId, f32)> {
        let mut terms: Vec<(String, u32)> = Vec::new();
        for term in analyse(question) {
            match terms.iter_mut().find(|(known, _)| *known == term) {
                Some((_, count)) => *count += 1,
                None => terms.push((term, 1)),
            }
        }
        let all = self.documents.len() as f64;
        let total: u64 = self
            .documents
            .iter()
            .map(|(_, _, length)| u64::from(*length))
            .sum();
        let slope = (f64::from(K1 * B) / (total as f64 / all)) as f32;
        let weigh = |(term, count): &(String, u32)| {
            let having = self
                .documents
                .iter()
                .filter(|(_, counts, _)| counts.contains_key(term));
            let having = having.count() as f64;
            *count as f32 * (1.0 + (all - having + 0.5) / (having + 0.5)).ln() as f32
        };
        let weights: Vec<f32> = terms.iter().map(weigh).collect();
        let mut scored: Vec<(ConceptId, f32)> = Vec::new();
        for (id, counts, length) in &self.documents {
            let mut score = 0.0;
            for ((term, _), weight) in terms.iter().zip(&weights) {
                if let Some(count) = counts.get(term) {
                    let count = *count as f32;
                    let damping = count + K1 * (1.0 - B) + slope * *length as f32;
                    score += weight * (count * (K1 + 1.0) / damping);
                }
            }
            if score > 0.0 {
                scored.push((*id, score));
            }
        }
        scored.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        scored
    }
}

/// A part that was written to a file and read from it.
fn in_file<P: Kept>(part: &P) -> P {
    let sections = Sections::open(part.laid_out(|layout| layout.to_bytes())).unwrap();
    sections.check().unwrap();
    P::open(&sections).unwrap().marked(part.marks())
}

/// The index of the files of another, all of which was set apart.
fn in_files(index: &WordIndex) -> WordIndex {
    let Parts { documents, spellings } = index.parts();
    let parts = Parts {
        documents: documents.iter().map(in_file).collect(),
        spellings: spellings.iter().map(in_file).collect(),
    };
    WordIndex::of_parts(parts, in_file(&index.state()))
}

/// Copies in files of what was set apart.
fn copies(index: &WordIndex) -> Copies {
    let Parts { documents, spellings } = index.parts();
    let state = index.state();
    Copies {
        documents: documents
            .iter()
            .map(|part| (part.clone(), in_file(part)))
            .collect(),
        spellings: spellings
            .iter()
            .map(|part| (part.clone(), in_file(part)))
            .collect(),
        state: Some((state.clone(), in_file(&state))),
    }
}

fn settled(index: &WordIndex) -> WordIndex {
    let mut index = index.apart();
    while let Some(made) = index.settle(&|| true) {
        index = index.with_settled(&made);
    }
    index
}

#[derive(Clone, Debug)]
enum Step {
    Add(u64),
    /// The first number, how many, and each how manieth; of these every other comes back.
    Take(u64, u64, usize),
    /// What was begun before takes its place, and the next is begun: all is settled, or gathered alone.
    Begin(bool),
    End,
    Files,
    /// As files, in the place of what they are copies of.
    Copies,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u64..3000).prop_map(Step::Add),
        2 => (0_u64..5000, 0_u64..2000, 1_usize..4).prop_map(|(first, count, each)| Step::Take(first, count, each)),
        2 => any::<bool>().prop_map(Step::Begin),
        1 => Just(Step::End),
        1 => Just(Step::Files),
        1 => Just(Step::Copies),
    ]
}

fn assert_equal(index: &WordIndex, here: &BTreeMap<u64, Text>, questions: &[String]) {
    let anew: Vec<Text> = here.values().cloned().collect();
    let oracle = Oracle::new(&anew);
    let anew = WordIndex::new().with(&documents(&anew));
    assert_eq!(index.len(), here.len());
    assert_eq!(index.languages(), anew.languages());
    for word in ["harbor", "falcom", "rivre", "tation", "wever", "mill"] {
        assert_eq!(index.near(word, 99), anew.near(word, 99), "{word}");
    }
    for question in questions {
        assert_eq!(index.weights(question), anew.weights(question));
        let expected = oracle.search(question);
        for k in [1, 10, 100, usize::MAX] {
            let found = index.search(question, k);
            assert_eq!(found, expected[..k.min(expected.len())], "{question}");
        }
        let asked = std::cell::RefCell::new(BTreeSet::new());
        let admit = |id: ConceptId| {
            assert!(asked.borrow_mut().insert(id), "asked twice");
            id.0.is_multiple_of(3)
        };
        let found = index.search_where(question, 10, &admit);
        let admitted: Vec<_> = expected
            .iter()
            .filter(|(id, _)| id.0.is_multiple_of(3))
            .take(10)
            .copied()
            .collect();
        assert_eq!(found, admitted, "{question}");
        let ids: Vec<ConceptId> = expected.iter().map(|(id, _)| *id).step_by(7).collect();
        let scores: Vec<f32> = expected.iter().map(|(_, score)| *score).step_by(7).collect();
        assert_eq!(index.score(question, &ids), scores);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_settled_while_it_changed_is_what_was_given_and_not_taken_out(
        steps in prop::collection::vec(step(), 1..12), seed: u64,
    ) {
        let mut random = Random(seed);
        let mut question = || {
            let words = (0..1 + random.below(4)).map(|_| WORDS[random.below(WORDS.len() as u64) as usize]);
            words.collect::<Vec<_>>().join(" ")
        };
        let questions: Vec<String> = (0..6).map(|_| question()).collect();
        let mut index = WordIndex::new();
        let (mut next, mut here) = (0, BTreeMap::new());
        let mut settling = None;
        for step in steps {
            match step {
                Step::Add(count) => {
                    let texts: Vec<Text> = (next..next + count).map(text).collect();
                    index = texts.chunks(700).fold(index, |index, texts| index.with(&documents(texts)));
                    here.extend((next..).zip(texts));
                    next += count;
                }
                Step::Take(first, count, each) => {
                    let numbers = (first..first + count).step_by(each);
                    // Some of them are not here.
                    let gone: Vec<Text> = numbers.clone().map(text).collect();
                    index = index.without(&documents(&gone));
                    let back: Vec<u64> = numbers.clone().step_by(2).filter(|number| *number < next).collect();
                    numbers.for_each(|number| { here.remove(&number); });
                    let texts: Vec<Text> = back.iter().map(|number| text(*number)).collect();
                    index = index.with(&documents(&texts));
                    here.extend(back.into_iter().zip(texts));
                }
                Step::Begin(all) => {
                    index = settling.take().map_or(index.clone(), |made| index.with_settled(&made)).apart();
                    settling = if all { index.settle(&|| true) } else { index.gather(&|| true) };
                }
                Step::End => index = settling.take().map_or(index.clone(), |made| index.with_settled(&made)),
                Step::Files => {
                    settling = None;
                    index = in_files(&index.apart());
                }
                Step::Copies => {
                    settling = None;
                    index = index.with_copies(&copies(&index));
                }
            }
            for number in [0, next / 2, next] {
                prop_assert_eq!(index.has(text(number).id), here.contains_key(&number));
            }
        }
        assert_equal(&index, &here, &questions);
        let settled = settled(&index);
        prop_assert_eq!(settled.unsettled(), 0);
        assert_equal(&settled, &here, &questions);
        assert_equal(&in_files(&settled), &here, &questions);
    }
}

/// Beyond what 16 bits number: a word that one document in 40,000 has, and windows that no question's terms are in.
#[test]
fn a_part_of_many_documents_is_searched_as_any_other() {
    let count = 150_000;
    let texts: Vec<Text> = (0..count)
        .map(|number| Text {
            id: ConceptId(number + 1),
            language: Language::English,
            text: match number % 40_000 {
                77 => format!("kestrel {}", WORDS[number as usize % 3]),
                _ => format!(
                    "{} {} stone",
                    WORDS[number as usize % 3],
                    WORDS[number as usize / 9000]
                ),
            },
        })
        .collect();
    let index = texts
        .chunks(20_000)
        .fold(WordIndex::new(), |index, texts| index.with(&documents(texts)));
    let index = settled(&index);
    assert_eq!((index.parts().documents.len(), index.unsettled()), (1, 0));
    let oracle = Oracle::new(&texts);
    for question in [
        "kestrel",
        "harbour kestrel",
        "stone",
        "market stone",
        "river kestrel stone",
        "engine",
    ] {
        let expected = oracle.search(question);
        for k in [1, 10, 1000] {
            assert_eq!(
                index.search(question, k),
                expected[..k.min(expected.len())],
                "{question}"
            );
        }
    }
}

#[test]
fn what_was_taken_out_of_settled_parts_goes_for_good_when_they_settle_again() {
    let texts: Vec<Text> = (0..4000).map(text).collect();
    let index = settled(&WordIndex::new().with(&documents(&texts)));
    let less = index.without(&documents(&texts[..1500]));
    assert!(less.settle(&|| true).is_none(), "most of it is still there");
    assert!(!less.parts().documents[0].marks().is_empty());
    let less = settled(&less.without(&documents(&texts[1500..2500])));
    let parts = less.parts().documents;
    assert_eq!((parts.len(), parts[0].len(), less.len()), (1, 1500, 1500));
    assert!(parts[0].marks().is_empty());
    let none = settled(&less.without(&documents(&texts)));
    assert!(none.parts().documents.is_empty() && none.is_empty());
    assert!(none.near("harbor", 1).is_empty());
    let empty = WordIndex::new().state().laid_out(|layout| layout.bytes());
    let state = none.state().laid_out(|layout| layout.bytes());
    assert_eq!(state, empty, "nothing is left to correct");
}

#[test]
fn files_of_another_kind_are_refused() {
    let texts: Vec<Text> = (0..10).map(text).collect();
    let index = WordIndex::new().with(&documents(&texts)).apart();
    let Parts { documents, spellings } = index.parts();
    let part = documents[0].laid_out(|layout| layout.to_bytes());
    let words = spellings[0].laid_out(|layout| layout.to_bytes());
    let part = Sections::open(part).unwrap();
    let words = Sections::open(words).unwrap();
    assert!(
        Part::open(&words)
            .unwrap_err()
            .contains("not those of an index of words")
    );
    assert!(
        Spellings::open(&part)
            .unwrap_err()
            .contains("not those of a vocabulary")
    );
    assert!(
        State::open(&words)
            .unwrap_err()
            .contains("do not belong together")
    );
}

/// What a file with some of its bytes changed says.
fn damaged<P: Kept>(part: &P, damage: &[(usize, u8)]) -> Option<P> {
    let mut file = part.laid_out(|layout| layout.to_bytes());
    let arrays = file.len() - PAGE_BYTES;
    for (at, byte) in damage {
        file[PAGE_BYTES + at % arrays] = *byte;
    }
    P::open(&Sections::open(file).ok()?).ok()
}

proptest! {
    #[test]
    fn a_damaged_file_gives_wrong_answers_at_worst(
        damage in prop::collection::vec((any::<usize>(), any::<u8>()), 1..60), count in 1_u64..400,
    ) {
        let texts: Vec<Text> = (0..count).map(text).collect();
        let index = settled(&WordIndex::new().with(&documents(&texts)));
        let index = index.without(&documents(&texts[..texts.len() / 4])).apart();
        let Parts { documents: parts, spellings } = index.parts();
        let read = (
            parts.iter().map(|part| damaged(part, &damage)).collect::<Option<Vec<_>>>(),
            spellings.iter().map(|part| damaged(part, &damage)).collect::<Option<Vec<_>>>(),
            damaged(&index.state(), &damage),
        );
        let (Some(read), Some(spellings), Some(state)) = read else { return Ok(()) };
        let read = read.into_iter().zip(&parts).map(|(read, part)| read.marked(part.marks())).collect();
        let mut index = WordIndex::of_parts(Parts { documents: read, spellings }, state);
        let ids: Vec<ConceptId> = texts.iter().map(|text| text.id).collect();
        for _ in 0..2 {
            for question in ["harbour", "falcon river stone", "weaver printer harbour"] {
                prop_assert!(index.search(question, 3).len() <= 3);
                prop_assert_eq!(index.score(question, &ids).len(), ids.len());
            }
            index.near("harbor", 9);
            index.languages();
            index = settled(&index.with(&documents(&texts[..1])).without(&documents(&texts[texts.len() / 2..])));
        }
    }
}

#[test]
fn what_is_gathered_becomes_fewer_parts_that_are_not_settled() {
    let texts: Vec<Text> = (0..5000).map(text).collect();
    let batches = texts.chunks(50);
    let index = batches.fold(WordIndex::new(), |index, texts| {
        index.with(&documents(texts)).apart()
    });
    assert_eq!(index.parts().documents.len(), 100);
    let mut gathered = index.clone();
    while let Some(made) = gathered.gather(&|| true) {
        gathered = gathered.with_settled(&made);
    }
    assert!(gathered.parts().documents.len() < 5);
    assert_eq!((gathered.len(), gathered.unsettled()), (5000, 5000));
    assert_eq!(
        gathered.search("harbour river", 50),
        index.search("harbour river", 50)
    );
    assert!(
        index.gather(&|| false).is_none() && index.settle(&|| false).is_none(),
        "not wanted"
    );
}
