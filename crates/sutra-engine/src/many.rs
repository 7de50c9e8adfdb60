//! Reads of many things in one call, each as its singular in `view` gives it.
//!
//! A question looks at tens of concepts and texts in each of its steps: what crosses into another language
//! crosses once a step. Nothing here decides or orders anything, and what comes back is in the order of what was
//! asked for.

use sutra_graph::Direction;
use sutra_model::{Association, ConceptId, Evidence, Language, Result, Support};

use crate::view::{ReadView, Unit};

/// Concepts with their scores, best first.
type Ranking = Vec<(ConceptId, f32)>;

/// What [`ReadView::expand_of`] looks at: these concepts, over one relation, as far as `limit` for each.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Where it begins, once for each.
    pub ids: Vec<ConceptId>,
    /// The name of the relation.
    pub relation: String,
    /// Which way it is walked.
    pub direction: Direction,
    /// How many it finds for one concept, at most.
    pub limit: usize,
}

impl ReadView {
    /// [`supports`](Self::supports) of each statement.
    ///
    /// # Errors
    /// [`Error::UnknownConcept`](sutra_model::Error::UnknownConcept).
    pub fn supports_of(&self, ids: &[ConceptId], limit: usize) -> Result<Vec<Vec<Support>>> {
        ids.iter().map(|id| self.supports(*id, limit)).collect()
    }

    /// BM25 of the given passages for each query: a row of `ids.len()` scores, one row after the other.
    pub fn scores_of(&self, queries: &[String], ids: &[ConceptId], language: Language) -> Vec<f32> {
        let words = self.words_in(language);
        queries.iter().flat_map(|query| words.score(query, ids)).collect()
    }

    /// [`word_weights`](Self::word_weights) of each text.
    pub fn word_weights_of(&self, texts: &[String], language: Language) -> Vec<Vec<(String, f32)>> {
        let words = self.words_in(language);
        texts.iter().map(|text| words.weights(text)).collect()
    }

    /// [`near_words`](Self::near_words) of each word.
    pub fn near_words_of(
        &self,
        words: &[String],
        limit: usize,
        language: Language,
    ) -> Vec<Vec<(String, usize)>> {
        let index = self.words_in(language);
        words.iter().map(|word| index.near(word, limit)).collect()
    }

    /// [`neighbours`](Self::neighbours) of each concept.
    ///
    /// # Errors
    /// [`Error::UnknownConcept`](sutra_model::Error::UnknownConcept).
    pub fn neighbours_of(
        &self,
        ids: &[ConceptId],
        direction: Direction,
        relations: Option<&[String]>,
        limit: usize,
    ) -> Result<Vec<Vec<Association>>> {
        let of_each = |id: &ConceptId| self.neighbours(*id, direction, relations, limit);
        ids.iter().map(of_each).collect()
    }

    /// [`evidence`](Self::evidence) of each association: subject, relation, object.
    ///
    /// # Errors
    /// [`Error::Io`](sutra_model::Error::Io), [`Error::Corrupt`](sutra_model::Error::Corrupt).
    pub fn evidence_of(
        &self,
        associations: &[(ConceptId, String, ConceptId)],
        limit: usize,
    ) -> Result<Vec<Vec<Evidence>>> {
        associations
            .iter()
            .map(|(subject, relation, object)| self.evidence(*subject, relation, *object, limit))
            .collect()
    }

    /// [`search_vectors`](Self::search_vectors) of each query.
    ///
    /// # Errors
    /// Those of the first query that has any.
    pub fn search_vectors_of(
        &self,
        queries: &[Vec<f32>],
        k: usize,
        unit: Unit,
        exact: bool,
    ) -> Result<Vec<Ranking>> {
        let of_each = |query: &Vec<f32>| self.search_vectors(query, k, unit, exact);
        queries.iter().map(of_each).collect()
    }

    /// [`search_words`](Self::search_words) of each query.
    ///
    /// # Errors
    /// [`Error::InvalidValue`](sutra_model::Error::InvalidValue) when sentences are asked for.
    pub fn search_words_of(
        &self,
        queries: &[String],
        k: usize,
        unit: Unit,
        language: Language,
    ) -> Result<Vec<Ranking>> {
        let of_each = |query: &String| self.search_words(query, k, unit, language);
        queries.iter().map(of_each).collect()
    }

    /// [`expand`](Self::expand) of each concept of each walk.
    pub fn expand_of(&self, walks: &[Walk]) -> Vec<Vec<Vec<ConceptId>>> {
        walks
            .iter()
            .map(|walk| {
                let of_each = |id: &ConceptId| self.expand(*id, &walk.relation, walk.direction, walk.limit);
                walk.ids.iter().map(of_each).collect()
            })
            .collect()
    }
}
