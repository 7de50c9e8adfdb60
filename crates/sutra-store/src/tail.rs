//! What the transactions after one have touched, for indexes that were kept as of that one.
//!
//! It is told as it is now, not as it became so: whoever compares it with what he has comes to the same, in however many
//! steps it was made. What was retired is still known here, so that it can be taken out. What was forgotten is not: after
//! transactions that forgot something indexes are built anew.

use std::collections::BTreeSet;

use sutra_model::{Association, AssociationKey, ConceptId, Language, Result, SourceId, TransactionId};

use crate::associations::{EdgeKey, association_key, edge};
use crate::layout;
use crate::records::{AssociationRecord, ChangeRecord, ConceptRecord, KindRecord, VectorRecord};
use crate::relations::Relations;
use crate::snapshot::Snapshot;
use crate::updates::{self, PassageEntry, VectorEntry};

/// What was touched, as it is now.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    /// Concepts, by rising number.
    pub concepts: Vec<TouchedConcept>,
    /// Associations, by key; without a state those that are not there any more.
    pub associations: Vec<(AssociationKey, Option<Association>)>,
}

/// A concept as indexes know it, or knew it until it was retired.
#[derive(Clone, Debug, PartialEq)]
pub struct TouchedConcept {
    /// Which.
    pub concept: ConceptId,
    /// Whether it was not retired.
    pub lives: bool,
    /// Its words, where it is a passage.
    pub passage: Option<PassageEntry>,
    /// Its name, where it is an entity.
    pub entity: Option<String>,
    /// Its vector, where it has one.
    pub vector: Option<VectorEntry>,
}

#[derive(Default)]
struct Touched {
    concepts: BTreeSet<u64>,
    edges: BTreeSet<EdgeKey>,
}

impl Snapshot {
    /// What the transactions after one have touched; `None` where that cannot be told: one of them forgot something, or
    /// dropped what was retired, or moved a passage into another language, or there is no such transaction here.
    ///
    /// # Errors
    /// [`Error::Io`](sutra_model::Error::Io), [`Error::Corrupt`](sutra_model::Error::Corrupt).
    pub fn tail(&self, since: TransactionId, relations: &Relations) -> Result<Option<Tail>> {
        if since > self.transaction() {
            return Ok(None);
        }
        let mut touched = Touched::default();
        for row in self.ok(self.changes.range(since.0 + 1..))? {
            let (_, record) = self.ok(row)?;
            let record: ChangeRecord = self.decode(record.value(), "transaction")?;
            if !self.touch(&record, &mut touched)? {
                return Ok(None);
            }
        }
        let concepts = touched.concepts.iter();
        let concepts = concepts.map(|id| self.touched_concept(ConceptId(*id)));
        let edges = touched.edges.iter();
        let associations = edges.map(|key| self.touched_association(*key, relations));
        Ok(Some(Tail {
            concepts: concepts.filter_map(Result::transpose).collect::<Result<_>>()?,
            associations: associations.collect::<Result<_>>()?,
        }))
    }

    /// Adds what a transaction touched; `false` where it cannot be told.
    fn touch(&self, record: &ChangeRecord, touched: &mut Touched) -> Result<bool> {
        let forgot = !record.forgotten_sources.is_empty()
            || !record.forgotten_concepts.is_empty()
            || !record.blanked.is_empty()
            || !record.untitled.is_empty()
            || !record.unlinked.is_empty()
            || record.expired.is_some();
        if forgot {
            return Ok(false);
        }
        touched.concepts.extend(record.concepts.iter());
        touched.concepts.extend(record.altered.iter());
        let of_model = record.vectors.iter().filter(|(model, _)| *model == self.model);
        touched
            .concepts
            .extend(of_model.flat_map(|(_, statements)| statements.iter()));
        let mut told: BTreeSet<u64> = record.evidence.iter().chain(record.unsaid.iter()).collect();
        for source in record.sources.iter().chain(record.supports.iter()) {
            touched
                .concepts
                .extend(self.placed(source)?.iter().map(|placed| placed.statement));
        }
        for source in record.retired.iter() {
            for placed in self.placed(source)? {
                if self.is_in_another_language(placed.statement, SourceId(source))? {
                    return Ok(false);
                }
                touched.concepts.insert(placed.statement);
                told.insert(placed.statement);
            }
        }
        for statement in told {
            for edge in self.evidence_of(statement)? {
                touched.concepts.extend([edge.0, edge.2]);
                touched.edges.insert(edge);
            }
        }
        Ok(true)
    }

    /// Whether a passage that stood in a source stands in one of another language now.
    fn is_in_another_language(&self, statement: u64, before: SourceId) -> Result<bool> {
        let Some(record) = self.concept_record(ConceptId(statement))? else {
            return Ok(false);
        };
        match record.kind {
            KindRecord::Statement {
                first,
                passage: Some(_),
                ..
            } => Ok(self.language_of(first.source)? != self.language_of(before)?),
            _ => Ok(false),
        }
    }

    fn language_of(&self, source: SourceId) -> Result<Option<Language>> {
        let source = self.source(source)?;
        Ok(source.map(|source| Language::of_attributes(&source.attributes)))
    }

    fn touched_concept(&self, id: ConceptId) -> Result<Option<TouchedConcept>> {
        let Some(record) = self.concept_record(id)? else {
            return Ok(None);
        };
        let lives = record.retired.is_none();
        let mut touched = TouchedConcept {
            concept: id,
            lives,
            passage: None,
            entity: None,
            vector: None,
        };
        match &record.kind {
            KindRecord::Entity { name, .. } => touched.entity = Some(name.clone()),
            KindRecord::Statement {
                sentence, passage, ..
            } => {
                touched.vector = self.vector_record(id)?.map(|vector| VectorEntry {
                    concept: id,
                    row: vector.row,
                    sentence: sentence.is_some(),
                    passage: passage.is_some(),
                });
                touched.passage = self.passage_entry(id, &record)?;
            }
        }
        Ok(Some(touched))
    }

    /// What the index of words knows of a concept, or knew until it was retired; `None` where it is no passage.
    pub(crate) fn passage_entry(
        &self,
        id: ConceptId,
        record: &ConceptRecord,
    ) -> Result<Option<PassageEntry>> {
        let KindRecord::Statement {
            sentence,
            passage: Some(_),
            first,
            ..
        } = record.kind
        else {
            return Ok(None);
        };
        let source = self.source(first.source)?;
        let source = source.ok_or_else(|| self.corrupt(format!("source {} is missing", first.source.0)))?;
        let title = if sentence.is_some() { "" } else { &source.title };
        Ok(Some(PassageEntry {
            concept: id,
            document: updates::document(title, &self.text(first)?),
            language: Language::of_attributes(&source.attributes),
        }))
    }

    fn vector_record(&self, id: ConceptId) -> Result<Option<VectorRecord>> {
        let row = self.ok(self.vectors.get((self.model, id.0)))?;
        row.map(|row| self.decode(row.value(), "vector")).transpose()
    }

    fn touched_association(
        &self,
        key: EdgeKey,
        relations: &Relations,
    ) -> Result<(AssociationKey, Option<Association>)> {
        let key = association_key(key);
        let Some(row) = self.ok(self.associations.get(edge(key)))? else {
            return Ok((key, None));
        };
        let record: AssociationRecord = self.decode(row.value(), "association")?;
        Ok((key, Some(self.association(key, record, relations)?)))
    }

    /// The hash of the chain of transactions up to one; `None` where there is no such transaction.
    pub(crate) fn chain_at(&self, transaction: TransactionId) -> Result<Option<[u8; 32]>> {
        let row = self.ok(self.changes.get(transaction.0))?;
        row.map(|row| layout::decode::<ChangeRecord>(row.value(), self.path(), "transaction"))
            .transpose()
            .map(|record| record.map(|record| record.chain))
    }
}
