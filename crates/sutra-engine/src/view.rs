//! One immutable state of everything, for one question.

use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};
use sutra_graph::{
    Best, Direction, Falling, Graph, PageRankOptions, PathOptions, Paths, best_paths, personalised_pagerank,
};
use sutra_model::{
    Association, AssociationKey, Concept, ConceptId, ConceptKind, Error, Evidence, Language, RelationId,
    Result, Roles, Source, SourceId, Support, TransactionId,
};
use sutra_store::{Filter, OpenOptions, Relations, Said, Snapshot, Store, Totals, VerifyReport};
use sutra_text::WordIndex;
use sutra_vector::depth_for;

use crate::indexes::{Indexes, StoredVectors};

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Units of retrieval: their vectors, and the words of title and text.
    Passage,
    /// Single sentences: their vectors.
    Sentence,
    /// Entities: the words of their names.
    Entity,
}

/// How to spread from seeds; see [`ReadView::pagerank`].
#[derive(Clone, Debug)]
pub struct PageRankQuery {
    /// Where a walk starts, and how likely there.
    pub seeds: Vec<(ConceptId, f32)>,
    /// The chance of walking on at each step, in [0, 1).
    pub damping: f64,
    /// How many results.
    pub limit: usize,
    /// Weights of relations by name; 1 for all others.
    pub weights: Vec<(String, f32)>,
}

/// Which paths to look for; see [`ReadView::paths`].
#[derive(Clone, Debug)]
pub struct PathQuery {
    /// Where a path may start.
    pub sources: Vec<ConceptId>,
    /// Where it may end.
    pub targets: Vec<ConceptId>,
    /// How many.
    pub k: usize,
    /// The most steps of one.
    pub max_steps: usize,
    /// Weights of relations by name; 1 for all others.
    pub weights: Vec<(String, f32)>,
}

/// What a view is narrowed to.
struct Scope {
    filter: Filter,
    said: Said,
    /// The indexes of the whole state.
    whole: Indexes,
}

/// One immutable state. Cheap to hold, safe to share; what is learned later never shows in it.
pub struct ReadView {
    snapshot: Arc<Snapshot>,
    /// What it is narrowed to; of the indexes the graph is then of that alone.
    scope: Option<Arc<Scope>>,
    indexes: Indexes,
    store: Arc<Store>,
    bytes_on_disk: OnceLock<u64>,
}

impl ReadView {
    /// Residue below which spreading stops, relative to a node's degree.
    const PAGERANK_TOLERANCE: f64 = 1e-6;
    /// Nodes that one spreading may push.
    const PAGERANK_PUSHES: usize = 200_000;
    /// Edges that one search for paths may look at.
    const PATH_VISITS: usize = 400_000;

    pub(crate) fn new(snapshot: Snapshot, indexes: Option<Indexes>, store: Arc<Store>) -> Result<Self> {
        let indexes = match indexes {
            Some(indexes) => indexes,
            None => Indexes::build(&snapshot)?,
        };
        Ok(Self {
            snapshot: Arc::new(snapshot),
            scope: None,
            indexes,
            store,
            bytes_on_disk: OnceLock::new(),
        })
    }

    /// The same state narrowed to what the sources of a filter say: no search finds anything else, associations are
    /// what their evidence alone makes them, and statements stand in these sources alone. What is looked up by its
    /// number is found as before. Words weigh what they weigh in all passages. However narrow this view is, the new one
    /// is as wide as the filter.
    ///
    /// # Errors
    /// Those of [`Snapshot::said`].
    pub fn within(&self, filter: &Filter) -> Result<Self> {
        let said = self.snapshot.said(filter, self.relations())?;
        let whole = match &self.scope {
            Some(scope) => scope.whole.clone(),
            None => self.indexes.clone(),
        };
        let mut indexes = whole.and(&said.retired, self.snapshot.column());
        indexes.graph = Graph::new().with(&said.associations);
        let filter = filter.clone();
        Ok(Self {
            snapshot: Arc::clone(&self.snapshot),
            scope: Some(Arc::new(Scope { filter, said, whole })),
            indexes,
            store: Arc::clone(&self.store),
            bytes_on_disk: OnceLock::new(),
        })
    }

    /// Whether a search may find a concept.
    fn admits(&self, id: ConceptId) -> bool {
        self.scope.as_ref().is_none_or(|scope| scope.said.has(id))
    }

    pub(crate) fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The last transaction in this state.
    pub fn transaction(&self) -> TransactionId {
        self.snapshot.transaction()
    }

    /// About how many concepts searches find by looking at all of them, because they are not settled yet.
    pub fn unsettled(&self) -> usize {
        self.indexes.unsettled()
    }

    /// About how many concepts were removed from settled parts and still take room there.
    pub fn removed(&self) -> usize {
        self.indexes.removed()
    }

    /// How much it holds.
    pub fn totals(&self) -> Totals {
        self.snapshot.totals()
    }

    /// Bytes on disk, as of the first time that this view is asked.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn bytes_on_disk(&self) -> Result<u64> {
        match self.bytes_on_disk.get() {
            Some(bytes) => Ok(*bytes),
            None => Ok(*self.bytes_on_disk.get_or_init({
                let bytes = self.store.bytes_on_disk()?;
                move || bytes
            })),
        }
    }

    /// Whose vectors the view has: see [`EmbedderId`](sutra_store::EmbedderId).
    pub fn fingerprint(&self) -> &str {
        &self.store.embedder().fingerprint
    }

    /// Components of a vector.
    pub fn dimension(&self) -> usize {
        self.snapshot.column().dimension()
    }

    /// The relation names of this state.
    pub fn relations(&self) -> &Relations {
        &self.indexes.relations
    }

    /// A concept.
    ///
    /// # Errors
    /// [`Error::UnknownConcept`].
    pub fn concept(&self, id: ConceptId) -> Result<Concept> {
        let mut concept = self.snapshot.concept(id)?;
        if let (Some(scope), ConceptKind::Statement { first, .. }) = (&self.scope, &mut concept.kind) {
            *first = scope.said.statements.get(&id).copied().unwrap_or(*first);
        }
        Ok(concept)
    }

    /// What a concept says: the verbatim statement, or the entity's name.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when its source is missing, or the words are not those that it was made of.
    pub fn text(&self, concept: &Concept) -> Result<String> {
        self.snapshot.words(concept)
    }

    /// A source; `None` when there is none of this number.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn find(&self, id: SourceId) -> Result<Option<Source>> {
        self.snapshot.source(id)
    }

    /// A source.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] when there is none of this number.
    pub fn source(&self, id: SourceId) -> Result<Source> {
        self.find(id)?.ok_or_else(|| Error::InvalidValue {
            what: "source",
            value: id.0.to_string(),
            allowed: "the number of a learned source",
        })
    }

    /// The whole verbatim text of a source.
    ///
    /// # Errors
    /// As [`source`](Self::source); [`Error::Corrupt`] when it does not have the source's SHA-256.
    pub fn source_text(&self, id: SourceId) -> Result<String> {
        let source = self.source(id)?;
        self.snapshot.source_text(&source)
    }

    /// The statements that stand in a source, with their roles anywhere, by start.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn statements_in(&self, source: SourceId) -> Result<Vec<(ConceptId, Support, Roles)>> {
        self.snapshot.statements_in(source)
    }

    /// What of a source's text is markup: ranges of bytes, in order.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn markup_of(&self, source: SourceId) -> Result<Vec<(u64, u64)>> {
        self.snapshot.markup_of(source)
    }

    /// How many pieces of evidence rules before those of a version derived. Reads all evidence.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn outdated(&self, rules: u32) -> Result<u64> {
        self.snapshot.outdated(rules)
    }

    /// The first `limit` sources after one, by rising number; with `retired` those too that were retired.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn sources_after(&self, after: SourceId, limit: usize, retired: bool) -> Result<Vec<Source>> {
        match retired {
            true => self.snapshot.sources_after(after, limit),
            false => self.snapshot.living_sources_after(after, limit),
        }
    }

    /// The sources of an address, by rising offset: the parts of a long text.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn sources_at(&self, address: &str) -> Result<Vec<SourceId>> {
        self.snapshot.sources_at(address)
    }

    /// All sources of an address, those that were retired too, by rising offset, those of one offset by number.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn versions_at(&self, address: &str) -> Result<Vec<SourceId>> {
        self.snapshot.versions_at(address)
    }

    /// Exactly this source; `None` when it was not learned, or was retired.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn find_source(&self, address: &str, offset: u64, text: &str) -> Result<Option<SourceId>> {
        self.snapshot
            .find_source(address, offset, &Sha256::digest(text.as_bytes()).into())
    }

    /// The places where a statement stands, the first `limit` by source and start.
    ///
    /// # Errors
    /// [`Error::UnknownConcept`].
    pub fn supports(&self, id: ConceptId, limit: usize) -> Result<Vec<Support>> {
        self.snapshot.concept(id)?;
        match &self.scope {
            Some(scope) if scope.said.has(id) => self.snapshot.supports_within(id, limit, &scope.said),
            _ => self.snapshot.supports(id, limit),
        }
    }

    /// The entity of a name.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn entity(&self, name: &str) -> Result<Option<ConceptId>> {
        let Some(id) = self.snapshot.entity(name)? else {
            return Ok(None);
        };
        let stands = match &self.scope {
            Some(scope) => scope.said.has(id),
            None => self.snapshot.lives(id)?,
        };
        Ok(stands.then_some(id))
    }

    /// The nearest passages or sentences, by cosine.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] when the query is no vector of the store's dimension, or entities are
    /// asked for; [`Error::Corrupt`] when a vector that counts is not the one that was learned.
    pub fn search_vectors(
        &self,
        query: &[f32],
        k: usize,
        unit: Unit,
        exact: bool,
    ) -> Result<Vec<(ConceptId, f32)>> {
        if unit == Unit::Entity {
            return Err(invalid_unit("entity", "passage, sentence"));
        }
        if query.len() != self.dimension() {
            return Err(Error::InvalidValue {
                what: "length of the query vector",
                value: format!("{} (the store's dimension is {})", query.len(), self.dimension()),
                allowed: "the store's dimension",
            });
        }
        if !query.iter().all(|x| x.is_finite()) || query.iter().all(|x| *x == 0.0) {
            return Err(Error::InvalidValue {
                what: "query vector",
                value: "not finite, or all zero".to_owned(),
                allowed: "finite numbers, not all zero",
            });
        }
        let index = match unit {
            Unit::Sentence => self.indexes.sentences.get(&self.snapshot)?,
            _ => &self.indexes.passages,
        };
        let stored = StoredVectors(self.snapshot.column());
        let admit = |id| self.admits(id);
        match exact {
            true => index.search_exact_where(query, k, &admit, &stored),
            false => {
                let breadth = self.store.options().search_breadth;
                let depth = depth_for(k).saturating_mul(breadth) / OpenOptions::SEARCH_BREADTH;
                index.search_where(query, k, Some(depth), &admit, &stored)
            }
        }
    }

    /// The languages that passages are in, each with how many.
    pub fn languages(&self) -> Vec<(Language, usize)> {
        self.indexes.words.languages()
    }

    /// The words of passages, asked in a language.
    pub(crate) fn words_in(&self, language: Language) -> WordIndex {
        self.indexes.words.in_language(language)
    }

    /// The best passages or entities by BM25; `language` is that of the question.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] when sentences are asked for.
    pub fn search_words(
        &self,
        query: &str,
        k: usize,
        unit: Unit,
        language: Language,
    ) -> Result<Vec<(ConceptId, f32)>> {
        match unit {
            Unit::Passage => Ok(self
                .words_in(language)
                .search_where(query, k, &|id| self.admits(id))),
            Unit::Entity => Ok(self.indexes.names.search_where(query, k, &|id| self.admits(id))),
            Unit::Sentence => Err(invalid_unit("sentence", "passage, entity")),
        }
    }

    /// BM25 of given passages, 0 where no word matches.
    pub fn score_words(&self, query: &str, ids: &[ConceptId], language: Language) -> Vec<f32> {
        self.words_in(language).score(query, ids)
    }

    /// The terms of a text with their inverse document frequency over passages.
    pub fn word_weights(&self, text: &str, language: Language) -> Vec<(String, f32)> {
        self.words_in(language).weights(text)
    }

    /// The `limit` words of passages that a word may be a slip of, best first, each with the number of passages that
    /// have it in some form; none for a word that some passage has itself. See [`sutra_text::WordIndex::near`].
    pub fn near_words(&self, word: &str, limit: usize, language: Language) -> Vec<(String, usize)> {
        self.words_in(language).near(word, limit)
    }

    /// Whether a statement has a vector.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn has_vector(&self, id: ConceptId) -> Result<bool> {
        Ok(self.snapshot.vector_row(id)?.is_some())
    }

    /// The first `limit` statements after one that wait for a vector, by rising number.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn pending_after(&self, after: ConceptId, limit: usize) -> Result<Vec<ConceptId>> {
        self.snapshot.pending_after(after, limit)
    }

    /// Writes a statement's vector into `out`, or zeros when it has none.
    ///
    /// # Errors
    /// [`Error::UnknownConcept`]; [`Error::Corrupt`] when the vector is not the one that was learned.
    ///
    /// # Panics
    /// When `out` is not as long as the dimension.
    pub fn read_vector(&self, id: ConceptId, out: &mut [f32]) -> Result<()> {
        use half::slice::HalfFloatSliceExt;
        match self.snapshot.vector_row(id)? {
            Some(row) => self.snapshot.column().row(row, id)?.convert_to_f32_slice(out),
            None => {
                self.snapshot.concept(id)?;
                out.fill(0.0);
            }
        }
        Ok(())
    }

    /// A concept's associations, strongest first, then by subject, relation name and object. Names that
    /// were never learned match nothing.
    ///
    /// # Errors
    /// [`Error::UnknownConcept`].
    pub fn neighbours(
        &self,
        id: ConceptId,
        direction: Direction,
        relations: Option<&[String]>,
        limit: usize,
    ) -> Result<Vec<Association>> {
        self.snapshot.concept(id)?;
        let ids = self.relation_ids(relations);
        let mut best = Best::new(limit);
        self.indexes.graph.visit(id, direction, ids.as_deref(), |edge| {
            let AssociationKey {
                subject,
                relation,
                object,
            } = edge.association.key;
            let name = self.relations().name(relation);
            let rank = (Falling(edge.association.confidence), subject, name, object);
            best.offer(rank, edge.association);
        });
        Ok(best.into_sorted())
    }

    /// The concepts at the other end of one relation, by rising number; none for an unknown concept or
    /// name. Of more than `limit` those of the surest associations, of equally sure ones those of lowest number.
    pub fn expand(
        &self,
        id: ConceptId,
        relation: &str,
        direction: Direction,
        limit: usize,
    ) -> Vec<ConceptId> {
        self.relations().id(relation).map_or_else(Vec::new, |relation| {
            self.indexes.graph.expand(id, relation, direction, limit)
        })
    }

    /// How many associations of one relation a concept has: as subject, as object, or (both) the sum; 0 for an
    /// unknown concept or name.
    pub fn degree(&self, id: ConceptId, relation: &str, direction: Direction) -> usize {
        self.relations().id(relation).map_or(0, |relation| {
            self.indexes.graph.degree_of(id, relation, direction)
        })
    }

    /// What supports an association, the first `limit` by statement; empty when there is no such association.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn evidence(
        &self,
        subject: ConceptId,
        relation: &str,
        object: ConceptId,
        limit: usize,
    ) -> Result<Vec<Evidence>> {
        let Some(relation) = self.relations().id(relation) else {
            return Ok(Vec::new());
        };
        let key = AssociationKey {
            subject,
            relation,
            object,
        };
        match &self.scope {
            Some(scope) => self
                .snapshot
                .evidence_within(key, limit, &scope.filter, &scope.said),
            None => self.snapshot.evidence(key, limit),
        }
    }

    /// Personalised PageRank over the undirected graph.
    pub fn pagerank(&self, query: &PageRankQuery) -> Vec<(ConceptId, f32)> {
        let weight = self.relation_weights(&query.weights);
        let options = PageRankOptions {
            damping: query.damping,
            tolerance: Self::PAGERANK_TOLERANCE,
            relation_weight: &weight,
            max_pushes: Self::PAGERANK_PUSHES,
            limit: query.limit,
        };
        personalised_pagerank(&self.indexes.graph, &query.seeds, options)
    }

    /// The best loop-free paths from any source to any target.
    pub fn paths(&self, query: &PathQuery) -> Paths {
        let weight = self.relation_weights(&query.weights);
        let options = PathOptions {
            k: query.k,
            max_steps: query.max_steps,
            relation_weight: &weight,
            visit_limit: Self::PATH_VISITS,
        };
        best_paths(&self.indexes.graph, &query.sources, &query.targets, options)
    }

    /// Reads everything in this state and checks it.
    ///
    /// # Errors
    /// Only when reading itself fails.
    pub fn verify(&self) -> Result<VerifyReport> {
        self.snapshot.verify()
    }

    /// Checks the files of vectors, the chain of transactions, and what the last transactions learned.
    ///
    /// # Errors
    /// Only when reading itself fails.
    pub fn verify_quickly(&self) -> Result<VerifyReport> {
        self.snapshot.verify_quickly()
    }

    /// The numbers of relations by their names, of which those that were never learned have none.
    pub(crate) fn relation_ids(&self, names: Option<&[String]>) -> Option<Vec<RelationId>> {
        let known = |names: &[String]| {
            names
                .iter()
                .filter_map(|name| self.relations().id(name))
                .collect()
        };
        names.map(known)
    }

    fn relation_weights(&self, weights: &[(String, f32)]) -> impl Fn(RelationId) -> f32 {
        let known: Vec<(RelationId, f32)> = weights
            .iter()
            .filter_map(|(name, weight)| Some((self.relations().id(name)?, *weight)))
            .collect();
        move |id| {
            known
                .iter()
                .find(|(known, _)| *known == id)
                .map_or(1.0, |(_, weight)| *weight)
        }
    }
}

fn invalid_unit(value: &str, allowed: &'static str) -> Error {
    Error::InvalidValue {
        what: "unit",
        value: value.to_owned(),
        allowed,
    }
}
