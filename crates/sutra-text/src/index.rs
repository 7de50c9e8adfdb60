//! The snapshot: what is searched, and how scores are made.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use sutra_model::{ConceptId, Language};

use crate::analyse::{analyse_in, each_word, without_marks};
use crate::build::build;
use crate::language::Rules;
use crate::merge::settle;
use crate::ranking::Ranking;
use crate::segment::{Posting, Segment};
use crate::vocabulary::{Vocabulary, spelling};

/// BM25's saturation of repeated terms.
pub const K1: f32 = 1.2;
/// BM25's share of length normalisation.
pub const B: f32 = 0.75;

/// A text to be found by its words.
#[derive(Clone, Copy, Debug)]
pub struct Document<'t> {
    /// What is found.
    pub id: ConceptId,
    /// Its words.
    pub text: &'t str,
    /// The language that they are in.
    pub language: Language,
}

/// An immutable snapshot of all words. Cloning it copies a few pointers.
#[derive(Clone, Debug, Default)]
pub struct WordIndex {
    segments: Arc<Vec<Arc<Segment>>>,
    vocabulary: Vocabulary,
    documents: usize,
    length_total: u64,
    /// How many documents are in each language, by its number.
    languages: [usize; Language::ALL.len()],
    /// The language that questions are in.
    asked_in: Language,
}

impl WordIndex {
    /// An index without documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many documents it has, those without a term included.
    pub fn len(&self) -> usize {
        self.documents
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.documents == 0
    }

    /// How many documents are in each language that any is in, in the order of [`Language::ALL`].
    pub fn languages(&self) -> Vec<(Language, usize)> {
        let counted = Language::ALL.into_iter().zip(self.languages);
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// The same documents, asked in another language: the words of questions are taken as words of it, and so find
    /// documents in it by every form. An index is asked in English until it is told otherwise.
    pub fn in_language(&self, language: Language) -> Self {
        Self {
            asked_in: language,
            ..self.clone()
        }
    }

    /// A new snapshot with these English documents besides, as [`with`](Self::with).
    pub fn with_english(&self, documents: &[(ConceptId, &str)]) -> Self {
        self.with(&english(documents))
    }

    /// A new snapshot without these English documents, as [`without`](Self::without).
    pub fn without_english(&self, documents: &[(ConceptId, &str)]) -> Self {
        self.without(&english(documents))
    }

    /// A new snapshot with these documents besides; this one stays as it is, and both share what they have in
    /// common. Ids may come in any order.
    ///
    /// A document that was given before would be counted and found twice: giving each id once is the caller's duty.
    pub fn with(&self, documents: &[Document<'_>]) -> Self {
        let mut segments = Vec::clone(&self.segments);
        let mut vocabulary = self.vocabulary.clone();
        let mut length_total = self.length_total;
        for (segment, spellings) in build(documents) {
            vocabulary = vocabulary.with(spellings);
            length_total += segment.length_total();
            segments.push(Arc::new(segment));
            settle(&mut segments);
        }
        let mut languages = self.languages;
        for document in documents {
            languages[document.language.number()] += 1;
        }
        Self {
            segments: Arc::new(segments),
            vocabulary,
            documents: self.documents + documents.len(),
            length_total,
            languages,
            asked_in: self.asked_in,
        }
    }

    /// A new snapshot without these documents, given as they were when they came: with the same words, in the same
    /// language. Scores, counts and near words are then as if they had never come. What is not here changes nothing.
    pub fn without(&self, documents: &[Document<'_>]) -> Self {
        let here = |document: &&Document| {
            self.segments
                .iter()
                .any(|part| part.position(document.id).is_some())
        };
        let documents: Vec<Document> = documents.iter().filter(here).copied().collect();
        if documents.is_empty() {
            return self.clone();
        }
        let mut vocabulary = self.vocabulary.clone();
        for (_, spellings) in build(&documents) {
            vocabulary = vocabulary.with(spellings.into_iter().map(|(word, count)| (word, -count)));
        }
        let mut languages = self.languages;
        for document in &documents {
            languages[document.language.number()] -= 1;
        }
        let gone: FxHashSet<ConceptId> = documents.iter().map(|document| document.id).collect();
        let segments: Vec<Arc<Segment>> = self
            .segments
            .iter()
            .map(
                |segment| match segment.documents.iter().any(|id| gone.contains(id)) {
                    true => Arc::new(segment.without(&gone)),
                    false => Arc::clone(segment),
                },
            )
            .filter(|segment| segment.len() > 0)
            .collect();
        Self {
            vocabulary,
            documents: self.documents - documents.len(),
            length_total: segments.iter().map(|segment| segment.length_total()).sum(),
            segments: Arc::new(segments),
            languages,
            asked_in: self.asked_in,
        }
    }

    /// The best `k` documents by BM25, by falling score, equal scores by rising id. Documents that share no term
    /// with the question are left out.
    ///
    /// score = Σ over the question's distinct terms of n · idf · f · (k1 + 1) / (f + k1 · (1 − b + b · l / l̄)), where n
    /// counts the term in the question, f in the document, l is the document's length in terms (see [`analyse`]) and
    /// l̄ its mean over all documents; idf = ln(1 + (N − df + 0.5) / (df + 0.5)). With [`K1`] and [`B`].
    ///
    /// S. Robertson, H. Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond* (2009), §3.
    pub fn search(&self, query: &str, k: usize) -> Vec<(ConceptId, f32)> {
        self.search_where(query, k, &|_| true)
    }

    /// As [`search`](Self::search), among the documents for which `admit` holds. Statistics stay those of all
    /// documents. `admit` is asked only for documents good enough to be found, and at most once for each.
    pub fn search_where(
        &self,
        query: &str,
        k: usize,
        admit: &dyn Fn(ConceptId) -> bool,
    ) -> Vec<(ConceptId, f32)> {
        let terms = self.query_terms(query);
        let norm = self.norm();
        let mut ranking = Ranking::new(k);
        let mut scores = SCORES.take();
        for segment in self.segments.iter() {
            scores.resize(segment.len(), 0.0);
            for term in &terms {
                for posting in segment.postings_of(&term.text) {
                    let document = usize::from(posting.document);
                    scores[document] += term.weight * norm.saturate(posting, segment.lengths[document]);
                }
            }
            for (document, score) in scores.drain(..).enumerate() {
                let id = segment.documents[document];
                if score > 0.0 && ranking.admits(score) && admit(id) {
                    ranking.offer(id, score);
                }
            }
        }
        SCORES.set(scores);
        ranking.into_sorted()
    }

    /// The BM25 scores of given documents, in the order of `ids`; 0 for one that shares no term with the question
    /// or is not here. Equal to what [`search`](Self::search) gives.
    pub fn score(&self, query: &str, ids: &[ConceptId]) -> Vec<f32> {
        let terms = self.query_terms(query);
        let norm = self.norm();
        let mut scores = vec![0.0; ids.len()];
        for segment in self.segments.iter() {
            let postings: Vec<_> = terms.iter().map(|term| segment.postings_of(&term.text)).collect();
            for (score, &id) in scores.iter_mut().zip(ids) {
                let Some(document) = segment.position(id) else {
                    continue;
                };
                let length = segment.lengths[usize::from(document)];
                for (term, postings) in terms.iter().zip(&postings) {
                    if let Ok(at) = postings.binary_search_by_key(&document, |posting| posting.document) {
                        *score += term.weight * norm.saturate(&postings[at], length);
                    }
                }
            }
        }
        scores
    }

    /// The distinct terms of a text in order of first appearance, each with its idf in this snapshot (greater
    /// than 0; a term that no document has gets the greatest).
    pub fn weights(&self, text: &str) -> Vec<(String, f32)> {
        distinct(analyse_in(text, self.asked_in))
            .into_iter()
            .map(|(term, _)| {
                let idf = self.idf(&term);
                (term, idf)
            })
            .collect()
    }

    /// The `limit` words that a word may be a slip of, best first: by rising number of edits, then by falling
    /// number of documents that have the word in any form, then by their letters. Each with that number; a word
    /// among [`STOP_WORDS`](crate::STOP_WORDS) counts as in all documents.
    ///
    /// Words are as rule 4 of [`analyse`] leaves them, in lower case and without marks, and occur in some document.
    /// An edit exchanges, adds or drops a letter, or swaps two neighbours; one is allowed from 4 letters on, two
    /// from 8 on. None for a word that is no slip, because some document has it in some form or it is a stop word,
    /// and none for what has a digit in it or is not one word.
    pub fn near(&self, word: &str, limit: usize) -> Vec<(String, usize)> {
        let rules = Rules::of(self.asked_in);
        let mut words = Vec::new();
        each_word(word, rules.keeps_marks(), |word| words.push(word.to_owned()));
        let [raw] = words.as_slice() else {
            return Vec::new();
        };
        let Some(word) = spelling(&without_marks(raw)) else {
            return Vec::new();
        };
        if rules.is_stop_word(raw) || self.frequency(&rules.term(raw)) > 0 {
            return Vec::new();
        }
        let near = self.vocabulary.near(&word).into_iter();
        let mut ranked: Vec<(usize, Reverse<usize>, &str)> = near
            .map(|(near, edits)| (edits, Reverse(self.documents_with(&rules, near)), near))
            .collect();
        ranked.sort_unstable();
        let best = ranked.into_iter().take(limit);
        best.map(|(_, Reverse(documents), near)| (near.to_owned(), documents))
            .collect()
    }

    /// How many documents have a word of the vocabulary in any form.
    fn documents_with(&self, rules: &Rules, word: &str) -> usize {
        if rules.is_stop_word(word) {
            return self.documents;
        }
        let mut documents = 0;
        each_word(word, rules.keeps_marks(), |raw| {
            documents = self.frequency(&rules.term(raw));
        });
        documents
    }

    fn query_terms(&self, query: &str) -> Vec<QueryTerm> {
        distinct(analyse_in(query, self.asked_in))
            .into_iter()
            .map(|(text, count)| QueryTerm {
                weight: count as f32 * self.idf(&text),
                text,
            })
            .collect()
    }

    fn idf(&self, term: &str) -> f32 {
        let (total, frequency) = (self.documents as f64, self.frequency(term) as f64);
        (1.0 + (total - frequency + 0.5) / (frequency + 0.5)).ln() as f32
    }

    /// How many documents have a term.
    fn frequency(&self, term: &str) -> usize {
        let having = self
            .segments
            .iter()
            .map(|segment| segment.postings_of(term).len());
        having.sum()
    }

    fn norm(&self) -> Norm {
        let mean = self.length_total as f64 / self.documents.max(1) as f64;
        Norm {
            constant: K1 * (1.0 - B),
            slope: if mean > 0.0 {
                (f64::from(K1 * B) / mean) as f32
            } else {
                0.0
            },
        }
    }
}

thread_local! {
    /// Scores by document, kept between searches so that none allocates.
    static SCORES: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// A distinct term of a question.
struct QueryTerm {
    text: String,
    /// Its count in the question × its idf.
    weight: f32,
}

/// How length tempers counts in this snapshot.
struct Norm {
    constant: f32,
    slope: f32,
}

impl Norm {
    fn saturate(&self, posting: &Posting, length: u32) -> f32 {
        let count = f32::from(posting.count);
        count * (K1 + 1.0) / (count + self.constant + self.slope * length as f32)
    }
}

fn english<'t>(documents: &[(ConceptId, &'t str)]) -> Vec<Document<'t>> {
    let documents = documents.iter().map(|&(id, text)| Document {
        id,
        text,
        language: Language::English,
    });
    documents.collect()
}

/// Distinct terms in order of first appearance, with their counts.
fn distinct(terms: Vec<String>) -> Vec<(String, u32)> {
    let mut counted: Vec<(String, u32)> = Vec::new();
    let mut positions = rustc_hash::FxHashMap::default();
    for term in terms {
        match positions.get(&term) {
            Some(&position) => {
                let (_, count): &mut (String, u32) = &mut counted[position];
                *count += 1;
            }
            None => {
                positions.insert(term.clone(), counted.len());
                counted.push((term, 1));
            }
        }
    }
    counted
}
