//! The snapshot: what is searched, and how scores are made.

use std::cmp::Reverse;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use sutra_model::{ConceptId, Language};

use crate::analyse::{analyse_in, each_word, without_marks};
use crate::build::build;
use crate::language::Rules;
use crate::merge::{merge_fresh, merged};
use crate::part::Part;
use crate::ranking::Ranking;
use crate::search::{self, Asked};
use crate::segment::Postings;
use crate::spellings::spelling;
use crate::vocabulary::Vocabulary;

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
    /// What was settled, or is about to be: no commit changes more of it than what is marked as gone.
    pub(crate) parts: Arc<Vec<Part>>,
    /// What came since.
    pub(crate) fresh: Arc<Vec<Part>>,
    pub(crate) vocabulary: Vocabulary,
    /// The terms of what is marked as gone, each with how many documents fewer have it than parts say.
    pub(crate) corrections: Vocabulary,
    /// The language that questions are in.
    pub(crate) asked_in: Language,
}

impl WordIndex {
    /// An index without documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many documents it has, those without a term included.
    pub fn len(&self) -> usize {
        self.all_parts().map(Part::len).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it has a document.
    pub fn has(&self, document: ConceptId) -> bool {
        self.all_parts().any(|part| part.place(document).is_some())
    }

    fn all_parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().chain(self.fresh.iter())
    }

    /// How many documents are in each language that any is in, in the order of [`Language::ALL`].
    pub fn languages(&self) -> Vec<(Language, usize)> {
        let count = |language: Language| {
            self.all_parts()
                .map(|part| part.in_language(language.number()))
                .sum()
        };
        let counted = Language::ALL.map(|language| (language, count(language)));
        counted.into_iter().filter(|(_, count)| *count > 0).collect()
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
        let mut fresh = Vec::clone(&self.fresh);
        let mut vocabulary = self.vocabulary.clone();
        for (segment, spellings) in build(documents) {
            vocabulary = vocabulary.with(spellings);
            fresh.push(Part::of(segment));
            merge_fresh(&mut fresh);
        }
        Self {
            fresh: Arc::new(fresh),
            vocabulary,
            ..self.clone()
        }
    }

    /// A new snapshot without these documents, given as they were when they came: with the same words, in the same
    /// language. Scores, counts and near words are then as if they had never come. What is not here changes nothing.
    ///
    /// A part that was set apart or settled only marks them as gone; which of its terms fewer documents have is kept
    /// beside it, until it is merged.
    pub fn without(&self, documents: &[Document<'_>]) -> Self {
        let mut gone = FxHashSet::default();
        let mut is_here = |document: &&Document| self.has(document.id) && gone.insert(document.id);
        let here: Vec<Document> = documents.iter().filter(&mut is_here).copied().collect();
        if here.is_empty() {
            return self.clone();
        }
        let ids = || here.iter().map(|document| document.id);
        let is_marked = |document: &Document| self.parts.iter().any(|part| part.place(document.id).is_some());
        let (marked, rewritten): (Vec<Document>, Vec<Document>) =
            here.iter().partition(|each| is_marked(each));

        let mut vocabulary = self.vocabulary.clone();
        let mut corrections = self.corrections.clone();
        for (segment, spellings) in build(&marked) {
            vocabulary = vocabulary.with(spellings.into_iter().map(|(word, count)| (word, -count)));
            corrections = corrections.with(segment.frequencies());
        }
        for (_, spellings) in build(&rewritten) {
            vocabulary = vocabulary.with(spellings.into_iter().map(|(word, count)| (word, -count)));
        }
        let mut parts = Arc::clone(&self.parts);
        if !marked.is_empty() {
            parts = Arc::new(parts.iter().map(|part| part.without(ids())).collect());
        }
        let mut fresh = Arc::clone(&self.fresh);
        if !rewritten.is_empty() {
            let left = fresh.iter().map(|part| rewrite(part, part.without(ids())));
            fresh = Arc::new(left.filter(|part| !part.is_empty()).collect());
        }
        Self {
            parts,
            fresh,
            vocabulary,
            corrections,
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
        for (number, part) in self.all_parts().enumerate() {
            let asked: Vec<Asked> = (terms.iter())
                .map(|term| Asked {
                    weight: term.weight,
                    postings: term.postings[number],
                })
                .filter(|asked| asked.postings.len() > 0)
                .collect();
            if !asked.is_empty() && k > 0 {
                search::offer(&mut ranking, part, &asked, &norm, admit);
            }
        }
        ranking.into_sorted()
    }

    /// The BM25 scores of given documents, in the order of `ids`; 0 for one that shares no term with the question
    /// or is not here. Equal to what [`search`](Self::search) gives.
    pub fn score(&self, query: &str, ids: &[ConceptId]) -> Vec<f32> {
        let terms = self.query_terms(query);
        let norm = self.norm();
        let mut scores = vec![0.0; ids.len()];
        for (number, part) in self.all_parts().enumerate() {
            for (score, &id) in scores.iter_mut().zip(ids) {
                let Some(place) = part.place(id) else {
                    continue;
                };
                let length = part.data.lengths[place];
                for term in &terms {
                    if let Some(count) = term.postings[number].count_in(place as u32, 0) {
                        *score += term.weight * norm.saturate(count, length);
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
                let idf = self.idf(self.frequency(&term));
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
            return self.len();
        }
        let mut documents = 0;
        each_word(word, rules.keeps_marks(), |raw| {
            documents = self.frequency(&rules.term(raw));
        });
        documents
    }

    fn query_terms(&self, query: &str) -> Vec<QueryTerm<'_>> {
        distinct(analyse_in(query, self.asked_in))
            .into_iter()
            .map(|(term, count)| {
                let postings: Vec<Postings> = self
                    .all_parts()
                    .map(|part| part.data.postings_of(&term))
                    .collect();
                QueryTerm {
                    weight: count as f32 * self.idf(self.corrected(&term, &postings)),
                    postings,
                }
            })
            .collect()
    }

    /// The inverse document frequency of a term that so many documents have.
    fn idf(&self, frequency: usize) -> f32 {
        let (total, frequency) = (self.len() as f64, frequency as f64);
        (1.0 + (total - frequency + 0.5) / (frequency + 0.5)).ln() as f32
    }

    /// How many documents have a term.
    fn frequency(&self, term: &str) -> usize {
        let postings: Vec<Postings> = self.all_parts().map(|part| part.data.postings_of(term)).collect();
        self.corrected(term, &postings)
    }

    /// How many documents have a term of which all parts have these postings.
    fn corrected(&self, term: &str, postings: &[Postings]) -> usize {
        let all: usize = postings.iter().map(Postings::len).sum();
        let gone = self.corrections.count(term);
        all.saturating_sub(usize::try_from(gone).unwrap_or(0))
    }

    fn norm(&self) -> Norm {
        let lengths = self.all_parts().map(Part::length_total);
        let length_total = lengths.fold(0, u64::saturating_add);
        let mean = length_total as f64 / self.len().max(1) as f64;
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

/// A fresh part without what was marked in it.
fn rewrite(before: &Part, marked: Part) -> Part {
    match marked.len() == before.len() {
        true => marked,
        false => merged(&[marked]),
    }
}

/// A distinct term of a question.
struct QueryTerm<'a> {
    /// Its count in the question × its idf.
    weight: f32,
    /// Those of each part.
    postings: Vec<Postings<'a>>,
}

/// How length tempers counts in this snapshot.
pub(crate) struct Norm {
    pub constant: f32,
    pub slope: f32,
}

impl Norm {
    /// What a term that occurs so often adds to the score of a document of such a length, for each of its weight.
    pub fn saturate(&self, count: u16, length: u32) -> f32 {
        let count = f32::from(count);
        count * (K1 + 1.0) / (count + self.constant + self.slope * length as f32)
    }

    /// The same for what dampens it at the least: (constant + slope · length) / count.
    pub fn greatest(&self, damping: f32) -> f32 {
        (K1 + 1.0) / (1.0 + damping)
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
