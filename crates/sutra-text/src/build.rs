//! From documents to a segment.
//!
//! A document's words are looked up in the vocabulary as they stand; only a word not met before is tested against
//! the stop words and stemmed, which costs ten times as much. Postings are then laid out by counting, without
//! sorting anything but the distinct terms. The vocabulary is handed on, for it alone knows words unstemmed.

use rustc_hash::FxHashMap;
use sutra_model::Language;

use crate::analyse::{each_word, without_marks};
use crate::index::Document;
use crate::language::Rules;
use crate::segment::{Segment, Writer};
use crate::spellings::spelling;

/// The most documents in one segment.
const DOCUMENTS_MAX: usize = 1 << 16;
/// The most text that goes into one segment, unless a single document has more; bytes.
const TEXT_BYTES_MAX: usize = 64 << 20;

/// The segments that hold the documents, each with its words as they are written and how often: one, unless they are
/// very many.
pub(crate) fn build(documents: &[Document<'_>]) -> Vec<(Segment, Vec<(String, i64)>)> {
    let mut segments = Vec::new();
    let mut rest = documents;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fitting = rest.iter().take(DOCUMENTS_MAX).take_while(|document| {
            bytes += document.text.len();
            bytes <= TEXT_BYTES_MAX
        });
        let (chunk, later) = rest.split_at(fitting.count().max(1));
        segments.push(Builder::default().build(chunk));
        rest = later;
    }
    segments
}

/// A word as it stands in a text.
#[derive(Clone, Copy)]
struct Word {
    term: u32,
    is_stop_word: bool,
    occurrences: u32,
}

/// A term of the vocabulary, and where the document that is being read counts it.
struct Term {
    text: String,
    frequency: u32,
    last_document: u32,
    last_occurrence: u32,
}

#[derive(Default)]
struct Builder {
    /// By language, and then by the word.
    words: [FxHashMap<String, Word>; Language::ALL.len()],
    term_numbers: FxHashMap<String, u32>,
    terms: Vec<Term>,
    /// (term, count) of every document, one document after the other.
    occurrences: Vec<(u32, u16)>,
    /// Where the occurrences of each document end.
    occurrence_ends: Vec<usize>,
    lengths: Vec<u32>,
}

impl Builder {
    fn build(mut self, documents: &[Document<'_>]) -> (Segment, Vec<(String, i64)>) {
        let mut order: Vec<&Document> = documents.iter().collect();
        order.sort_by_key(|document| document.id);
        let rules = Language::ALL.map(Rules::of);
        let mut words = Vec::new();
        for document in &order {
            words.clear();
            let number = document.language.number();
            let rules = &rules[number];
            each_word(document.text, rules.keeps_marks(), |word| {
                words.push(self.word(number, rules, word));
            });
            self.add(&words);
        }
        let written = self.words.iter().flatten();
        let spellings = written
            .filter_map(|(raw, word)| Some((spelling(&without_marks(raw))?, i64::from(word.occurrences))))
            .collect();
        let segment = self.lay_out(&order);
        (segment, spellings)
    }

    fn word(&mut self, language: usize, rules: &Rules, raw: &str) -> Word {
        if let Some(word) = self.words[language].get_mut(raw) {
            word.occurrences = word.occurrences.saturating_add(1);
            return *word;
        }
        let text = rules.term(raw);
        let next = u32::try_from(self.terms.len()).expect("a segment has under 2^32 terms");
        let term = *self.term_numbers.entry(text).or_insert_with_key(|text| {
            self.terms.push(Term {
                text: text.clone(),
                frequency: 0,
                last_document: u32::MAX,
                last_occurrence: 0,
            });
            next
        });
        let word = Word {
            term,
            is_stop_word: rules.is_stop_word(raw),
            occurrences: 1,
        };
        self.words[language].insert(raw.to_owned(), word);
        word
    }

    fn add(&mut self, words: &[Word]) {
        let document = self.lengths.len() as u32;
        let keep_all = words.iter().all(|word| word.is_stop_word);
        let mut length = 0;
        for word in words.iter().filter(|word| keep_all || !word.is_stop_word) {
            length += 1;
            let term = &mut self.terms[word.term as usize];
            if term.last_document == document {
                let count = &mut self.occurrences[term.last_occurrence as usize].1;
                *count = count.saturating_add(1);
            } else {
                term.last_document = document;
                term.last_occurrence =
                    u32::try_from(self.occurrences.len()).expect("a segment has under 2^32 postings");
                term.frequency += 1;
                self.occurrences.push((word.term, 1));
            }
        }
        self.occurrence_ends.push(self.occurrences.len());
        self.lengths.push(length);
    }

    fn lay_out(self, documents: &[&Document]) -> Segment {
        let mut order: Vec<usize> = (0..self.terms.len())
            .filter(|&term| self.terms[term].frequency > 0)
            .collect();
        order.sort_unstable_by(|&left, &right| self.terms[left].text.cmp(&self.terms[right].text));
        let mut next = vec![0; self.terms.len()];
        let mut start = 0;
        for &term in &order {
            next[term] = start;
            start += self.terms[term].frequency as usize;
        }
        let mut by_term = vec![(0, 0); self.occurrences.len()];
        let mut begin = 0;
        for (document, end) in self.occurrence_ends.into_iter().enumerate() {
            for &(term, count) in &self.occurrences[begin..end] {
                by_term[next[term as usize]] = (document as u32, count);
                next[term as usize] += 1;
            }
            begin = end;
        }

        let mut writer = Writer::with_room(by_term.len());
        for (document, length) in documents.iter().zip(self.lengths) {
            writer.document(document.id.0, length, document.language.number() as u8);
        }
        let mut rest = &by_term[..];
        for term in order {
            let term = &self.terms[term];
            let (occurrences, later) = rest.split_at(term.frequency as usize);
            writer.term(term.text.as_bytes(), occurrences);
            rest = later;
        }
        writer.finish(false)
    }
}
