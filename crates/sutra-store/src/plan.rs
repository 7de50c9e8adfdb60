//! What a batch will change, found out before anything is written.
//!
//! Reads the store, writes nothing. What a known source says was learned already: its statements add
//! nothing. An entity is made only when an association that is learned here needs it, so nothing is
//! stored that no source supports.

use redb::ReadableTable;
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};
use sutra_model::{
    Batch, ConceptId, ContentKey, Error, Result, SourceId, address_key, entity_key, passage_key,
    statement_key,
};

use crate::apply::{Writer, get};
use crate::layout;
use crate::records::{ConceptRecord, KindRecord};
use crate::retire::standing;

/// What is known about a batch before anything is written.
pub(crate) struct Plan {
    /// Per source its id, `None` while it is new.
    pub source_ids: Vec<Option<u64>>,
    /// Per source whether another one of the batch does not take its place.
    pub standing: Vec<bool>,
    /// The living sources, by number, whose place those of the batch take.
    pub retired: Vec<SourceId>,
    /// Per source the identity of its address.
    pub addresses: Vec<ContentKey>,
    /// Per source the SHA-256 of its text.
    pub source_hashes: Vec<[u8; 32]>,
    /// Per statement and entity of the batch its identity.
    pub keys: Vec<ContentKey>,
    /// Per concept reference its id, `None` while it is new.
    pub known: Vec<Option<u64>>,
    /// Per concept reference whether something new supports it; of those that are known by number whether it lives.
    pub live: Vec<bool>,
    /// Positions of the associations that are learned.
    pub associations: Vec<usize>,
    /// Positions in `vector_references` of the vectors that are stored.
    pub vectors: Vec<usize>,
}

impl Writer<'_> {
    /// Plans a batch, which [`validate`](crate::validate::validate) has passed.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] when it contradicts what is stored.
    pub(crate) fn plan(&self, batch: &Batch) -> Result<Plan> {
        let source_hashes: Vec<[u8; 32]> = batch
            .sources
            .iter()
            .map(|source| Sha256::digest(source.text.as_bytes()).into())
            .collect();
        let mut source_ids = Vec::with_capacity(batch.sources.len());
        let mut addresses = Vec::with_capacity(batch.sources.len());
        for (source, hash) in batch.sources.iter().zip(&source_hashes) {
            let address = address_key(&source.address);
            source_ids.push(self.living_source(address, source.offset, hash)?);
            addresses.push(address);
        }
        let standing = standing(batch, &addresses, &source_hashes);
        let retired = self.displaced(batch, &source_ids, &standing, &addresses)?;
        let leaving: FxHashSet<SourceId> = retired.iter().copied().collect();
        let mut seen = FxHashSet::default();
        let mut live_source = Vec::with_capacity(batch.sources.len());
        for (index, source) in batch.sources.iter().enumerate() {
            let is_new = source_ids[index].is_none() && standing[index];
            let identity = (addresses[index], source.offset, source_hashes[index]);
            live_source.push(is_new && seen.insert(identity));
        }
        let statements = batch.statements.iter().map(|statement| {
            let source = &batch.sources[statement.source as usize];
            let text = &source.text[statement.start as usize..statement.end as usize];
            match statement.roles.passage {
                true => passage_key(&source.title, text),
                false => statement_key(text),
            }
        });
        let keys: Vec<ContentKey> = statements
            .chain(batch.entities.iter().map(|entity| entity_key(&entity.name)))
            .collect();
        let mut known = Vec::with_capacity(keys.len());
        for key in &keys {
            known.push(get(self.path, &self.concept_keys, &key.0)?);
        }
        let mut live: Vec<bool> = batch
            .statements
            .iter()
            .map(|statement| live_source[statement.source as usize])
            .collect();
        live.resize(keys.len(), false);
        for (index, id) in batch.known.iter().enumerate() {
            known.push(Some(id.0));
            live.push(self.is_statement(*id, index)? && self.stays(id.0, &leaving)?);
        }
        let associations = self.plan_associations(batch, &keys, &known, &standing, &leaving, &mut live)?;
        let vectors = self.plan_vectors(batch, &keys, &known, &leaving, &live)?;
        Ok(Plan {
            source_ids,
            standing,
            retired,
            addresses,
            source_hashes,
            keys,
            known,
            live,
            associations,
            vectors,
        })
    }

    /// The associations that are learned here; marks the entities that they need as live.
    fn plan_associations(
        &self,
        batch: &Batch,
        keys: &[ContentKey],
        known: &[Option<u64>],
        standing: &[bool],
        leaving: &FxHashSet<SourceId>,
        live: &mut [bool],
    ) -> Result<Vec<usize>> {
        let statements = batch.statements.len();
        let entities = statements..keys.len();
        let created: FxHashSet<ContentKey> = (0..statements).filter(|i| live[*i]).map(|i| keys[i]).collect();
        let mut stays = Vec::with_capacity(statements);
        for (draft, known) in batch.statements.iter().zip(known) {
            stays.push(match known {
                Some(id) if standing[draft.source as usize] => self.stays(*id, leaving)?,
                _ => false,
            });
        }
        let mut learned = Vec::with_capacity(batch.associations.len());
        for (index, draft) in batch.associations.iter().enumerate() {
            let ends = [draft.subject as usize, draft.object as usize];
            let refuse = |reason: &str| Error::InvalidBatch {
                item: "association",
                index,
                reason: reason.to_owned(),
            };
            let is_one = match (known[ends[0]], known[ends[1]]) {
                (None, None) => keys[ends[0]] == keys[ends[1]],
                (subject, object) => subject == object,
            };
            if is_one {
                return Err(refuse("both ends are the same concept"));
            }
            let (name, kind) = &batch.relations[draft.relation as usize];
            if self
                .relation_ids
                .get(name)
                .is_some_and(|(_, stored)| stored != kind)
            {
                return Err(refuse(&format!(
                    "relation {name:?} is of another kind in this store"
                )));
            }
            let stands = |end: usize| match end {
                _ if entities.contains(&end) => true,
                end if end >= entities.end => live[end],
                end => stays[end] || created.contains(&keys[end]),
            };
            if live[draft.evidence as usize] && ends.into_iter().all(stands) {
                ends.into_iter()
                    .filter(|end| entities.contains(end))
                    .for_each(|end| live[end] = true);
                learned.push(index);
            }
        }
        check_kinds_within(batch)?;
        Ok(learned)
    }

    /// Whether a concept that a batch knows by its number is there, which has to be a statement then.
    fn is_statement(&self, id: ConceptId, index: usize) -> Result<bool> {
        let record = match self.met.get(&id.0) {
            Some(record) => Some(record.clone()),
            None => {
                let row = layout::given(self.path, self.concepts.get(id.0))?;
                let record =
                    row.map(|row| layout::decode::<ConceptRecord>(row.value(), self.path, "concept"));
                record.transpose()?
            }
        };
        match record.map(|record| record.kind) {
            Some(KindRecord::Entity { .. }) => Err(Error::InvalidBatch {
                item: "known",
                index,
                reason: format!("concept {} is an entity, not a statement", id.0),
            }),
            found => Ok(found.is_some()),
        }
    }

    /// Positions in `vector_references` of the vectors that are stored here: the first of each statement
    /// that is, or becomes, known and has none.
    fn plan_vectors(
        &self,
        batch: &Batch,
        keys: &[ContentKey],
        known: &[Option<u64>],
        leaving: &FxHashSet<SourceId>,
        live: &[bool],
    ) -> Result<Vec<usize>> {
        let created: FxHashSet<ContentKey> = (0..batch.statements.len())
            .filter(|i| live[*i])
            .map(|i| keys[i])
            .collect();
        let mut taken = FxHashSet::default();
        let mut vectors = Vec::with_capacity(batch.vector_references.len());
        for (index, reference) in batch.vector_references.iter().enumerate() {
            let reference = *reference as usize;
            let wanted = match known[reference] {
                Some(id) => {
                    let stands = created.contains(&keys[reference]) || self.stays(id, leaving)?;
                    stands && self.vector(self.model, id)?.is_none()
                }
                None => created.contains(&keys[reference]),
            };
            if wanted && taken.insert(keys[reference]) {
                vectors.push(index);
            }
        }
        Ok(vectors)
    }
}

/// One name means one kind, also within a batch.
fn check_kinds_within(batch: &Batch) -> Result<()> {
    let mut kinds = FxHashMap::default();
    for (index, (name, kind)) in batch.relations.iter().enumerate() {
        if *kinds.entry(name.as_str()).or_insert(*kind) != *kind {
            let reason = format!("{name:?} is given two kinds");
            return Err(Error::InvalidBatch {
                item: "relation",
                index,
                reason,
            });
        }
    }
    Ok(())
}
