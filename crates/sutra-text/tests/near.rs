//! Words that a word may be a slip of, against all words of the documents and the plain recursion.

use proptest::collection::vec;
use proptest::prelude::*;
use sutra_model::{ConceptId, Language};
use sutra_text::{Document, STOP_WORDS, WordIndex};

/// The recursion of optimal string alignment, as it is defined.
fn edits(word: &[u8], other: &[u8]) -> usize {
    let ([rest @ .., last], [others @ .., its]) = (word, other) else {
        return word.len().max(other.len());
    };
    let mut least = (edits(rest, others) + usize::from(last != its))
        .min(edits(rest, other) + 1)
        .min(edits(word, others) + 1);
    if let ([start @ .., before], [starts @ .., its_before]) = (rest, others)
        && before == its
        && last == its_before
    {
        least = least.min(edits(start, starts) + 1);
    }
    least
}

fn allowed(word: &str) -> usize {
    match word.len() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

fn index(commits: &[Vec<String>]) -> WordIndex {
    let mut index = WordIndex::new();
    for (number, words) in commits.iter().enumerate() {
        index = index.with_english(&[(ConceptId(number as u64 + 1), &words.join(" "))]);
    }
    index
}

proptest! {
    #[test]
    fn what_is_near_is_found_and_nothing_else(
        commits in vec(vec("[xyz]{2,9}", 1..6), 1..12),
        word in "[xyz]{3,9}",
    ) {
        let index = index(&commits);
        let found = index.near(&word, usize::MAX);
        if index.search(&word, 1).is_empty() {
            let mut expected: Vec<_> = commits.iter().flatten().collect();
            expected.retain(|other| allowed(&word) > 0 && edits(word.as_bytes(), other.as_bytes()) <= allowed(&word));
            expected.sort();
            expected.dedup();
            let mut names: Vec<_> = found.iter().map(|(word, _)| word).collect();
            names.sort();
            prop_assert_eq!(names, expected);
        } else {
            prop_assert!(found.is_empty());
        }
        for (other, documents) in &found {
            prop_assert_eq!(*documents, index.search(other, usize::MAX).len());
        }
        let key = |(other, documents): &(String, usize)| {
            (edits(word.as_bytes(), other.as_bytes()), usize::MAX - documents, other.clone())
        };
        prop_assert!(found.is_sorted_by_key(key));
        prop_assert_eq!(index.near(&word, 2), &found[..found.len().min(2)]);
    }
}

proptest! {
    #[test]
    fn what_was_taken_out_might_never_have_come(
        texts in vec(vec("[xyz]{2,5}(ed|s)?", 1..6), 1..60),
        stays in vec(any::<bool>(), 60),
        chunk in 1_usize..20,
        word in "[xyz]{3,5}s?",
    ) {
        let languages = [Language::English, Language::German];
        let texts: Vec<String> = texts.iter().map(|words| words.join(" ")).collect();
        let documents: Vec<Document> = (texts.iter().enumerate())
            .map(|(number, text)| Document { id: ConceptId(number as u64 + 1), text, language: languages[number % 2] })
            .collect();
        let of = |stay: bool| {
            let chosen = documents.iter().zip(&stays).filter(move |(_, stays)| **stays == stay);
            chosen.map(|(document, _)| *document).collect::<Vec<_>>()
        };
        let learn = |documents: &[Document]| {
            documents.chunks(chunk).fold(WordIndex::new(), |index, documents| index.with(documents))
        };
        let (left, expected) = (learn(&documents).without(&of(false)), learn(&of(true)));
        prop_assert_eq!(left.len(), expected.len());
        prop_assert_eq!(left.languages(), expected.languages());
        prop_assert_eq!(left.near(&word, usize::MAX), expected.near(&word, usize::MAX));
        prop_assert_eq!(left.weights(&word), expected.weights(&word));
        let ids: Vec<ConceptId> = documents.iter().map(|document| document.id).collect();
        for question in texts.iter().chain([&word]) {
            prop_assert_eq!(left.search(question, 100), expected.search(question, 100));
            prop_assert_eq!(left.score(question, &ids), expected.score(question, &ids));
        }
        // Whoever is not there cannot be taken out.
        prop_assert_eq!(left.without(&of(false)).len(), expected.len());
        let again = left.with(&of(false));
        prop_assert_eq!(again.near(&word, usize::MAX), learn(&documents).near(&word, usize::MAX));
        prop_assert_eq!(again.search(&word, 100), learn(&documents).search(&word, 100));
    }
}

fn learned(texts: &[&str]) -> WordIndex {
    let documents: Vec<_> = (1..).map(ConceptId).zip(texts.iter().copied()).collect();
    WordIndex::new().with_english(&documents)
}

fn near(index: &WordIndex, word: &str) -> Vec<String> {
    index.near(word, 3).into_iter().map(|(word, _)| word).collect()
}

#[test]
fn more_documents_come_first_among_equally_near() {
    let index = learned(&["a barn", "the bark", "barks"]);
    assert_eq!(
        index.near("bart", 3),
        [("bark".to_owned(), 2), ("barn".to_owned(), 1)]
    );
}

#[test]
fn a_word_that_occurs_in_any_form_is_no_slip() {
    let index = learned(&["She leads the rivers project"]);
    assert_eq!(near(&index, "lead"), Vec::<String>::new());
    assert_eq!(near(&index, "river"), Vec::<String>::new());
    assert_eq!(near(&index, "laeds"), ["leads"]);
}

#[test]
fn function_words_are_found_first_and_are_no_slips() {
    let index = learned(&["their tier"]);
    assert_eq!(near(&index, "thier"), ["their", "tier"]);
    assert!(STOP_WORDS.iter().all(|word| near(&index, word).is_empty()));
}

#[test]
fn digits_and_what_is_not_one_word_have_nothing_near() {
    let index = learned(&["sensor F709a falcon"]);
    for word in ["F709b", "falc0n", "falcn sensr", "", "...", "fal"] {
        assert!(near(&index, word).is_empty(), "{word}");
    }
    assert_eq!(near(&index, " Fálcn!"), ["falcon"]);
}

#[test]
fn what_is_learned_later_does_not_show_in_a_snapshot() {
    let before = learned(&["heron"]);
    let after = before.with_english(&[(ConceptId(9), "falcon")]);
    assert!(near(&before, "falcn").is_empty());
    assert_eq!(near(&after, "falcn"), ["falcon"]);
    assert_eq!(near(&after, "hero"), ["heron"]);
}
