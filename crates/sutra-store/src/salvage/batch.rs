//! What is left of one transaction's sources, as a batch that learns it again.

use std::collections::{BTreeMap, BTreeSet};

use half::f16;
use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::{
    AssociationDraft, Batch, ConceptId, ContentKey, EntityDraft, Roles, Source, SourceDraft, StatementDraft,
    entity_key, passage_key, statement_key,
};

use crate::associations::EdgeKey;
use crate::records::{ConceptRecord, KindRecord, RelationRecord, Telling};
use crate::salvage::report::Losses;
use crate::salvage::tree::Unreadable;
use crate::salvage::truth::Truth;
use crate::salvage::vectors::Vectors;
use crate::validate::CONFIDENCE_MIN;

/// A statement at one of its places.
struct Place {
    statement: u64,
    source: u32,
    start: u64,
    end: u64,
    roles: Roles,
    key: ContentKey,
}

/// A batch, with what a batch does not say.
#[derive(Debug, Default)]
pub struct Taken {
    pub batch: Batch,
    /// All roles of each statement.
    pub roles: Vec<Roles>,
    /// The number of each statement in the damaged store, and its identity.
    pub statements: Vec<(u64, ContentKey)>,
    /// The bits of each vector.
    pub vectors: Vec<Vec<u16>>,
    /// The sources' numbers in the damaged store.
    pub sources: Vec<u64>,
    /// What evidence there is for each association: subject, relation, object and statement in the damaged store.
    pub evidence: Vec<(EdgeKey, u64)>,
}

/// An association in the damaged store, the statement that supports it, and how.
type Piece = (EdgeKey, u64, Telling);

/// Everything that batches are made of.
pub struct Taking<'t> {
    pub truth: &'t Truth,
    pub vectors: &'t Vectors,
    pub model: u32,
    pub dimension: usize,
    pub relations: &'t FxHashMap<u32, RelationRecord>,
    /// Statements that were learned: by their number in the damaged store that in the new one, and their identity.
    pub numbers: FxHashMap<u64, (ConceptId, ContentKey)>,
    /// Evidence for associations with statements that are still to come, by such a one.
    pub waiting: FxHashMap<u64, Vec<Piece>>,
    pub losses: Losses,
}

impl Taking<'_> {
    /// What is left of the sources of a transaction; nothing where that is none of them.
    pub fn batch(&mut self, sources: &[u64]) -> Taken {
        let mut taken = Taken::default();
        let mut places = Vec::new();
        let mut concepts = FxHashMap::default();
        for id in sources {
            if let Some(source) = self.take_source(*id, &mut taken) {
                self.take_places(&source, &taken.batch, &mut concepts, &mut places);
            }
        }
        // In the order in which they were learned, so that they get the same numbers where nothing is missing.
        places.sort_unstable_by_key(|place| (place.statement, place.source, place.start));
        for place in &places {
            taken.add(place);
        }
        self.take_evidence(&places, &mut taken);
        self.take_vectors(&places, &mut taken);
        taken
    }

    fn take_source(&mut self, id: u64, taken: &mut Taken) -> Option<Source> {
        let Ok(Some(source)) = self.truth.source(id) else {
            self.losses.source(id, None, "its row cannot be read");
            return None;
        };
        // What took its place is there by itself.
        if source.retired.is_some() {
            return None;
        }
        let text = match self.truth.text(&source) {
            Ok(text) => text,
            Err(reason) => {
                self.losses.source(id, Some(source.address), reason);
                return None;
            }
        };
        taken.sources.push(id);
        taken
            .batch
            .sources
            .push(draft_of(&source, text, self.truth.markup(source.id.0)));
        Some(source)
    }

    /// The statements of the source that was taken last.
    fn take_places(
        &mut self,
        source: &Source,
        batch: &Batch,
        concepts: &mut FxHashMap<u64, Option<ConceptRecord>>,
        places: &mut Vec<Place>,
    ) {
        let Some(taken) = batch.sources.last() else { return };
        let (placed, all) = self.truth.placed(source.id.0);
        if !all {
            self.losses.fault(format!(
                "which statements source {} ({}) has cannot be read in full",
                source.id.0, source.address
            ));
        }
        for placed in placed {
            let id = placed.statement;
            let concept = concepts
                .entry(id)
                .or_insert_with(|| self.truth.concept(id).ok().flatten());
            let end = placed.start.saturating_add(placed.length);
            let words = taken.text.get(placed.start as usize..end as usize);
            let found = concept
                .as_ref()
                .zip(words.filter(|words| !words.trim().is_empty()));
            let roles = found.and_then(|(concept, _)| roles(concept));
            let (Some((concept, words)), Some(roles)) = (found, roles) else {
                self.losses.statements.insert(id);
                continue;
            };
            if concept.retired.is_some() {
                continue;
            }
            let key = key(&taken.title, words, roles);
            places.push(Place {
                statement: id,
                source: batch.sources.len() as u32 - 1,
                start: placed.start,
                end,
                roles,
                key,
            });
        }
    }

    fn take_evidence(&mut self, places: &[Place], taken: &mut Taken) {
        let mut references: FxHashMap<u64, u32> = FxHashMap::default();
        for (reference, place) in (0..).zip(places) {
            references.entry(place.statement).or_insert(reference);
        }
        let own: BTreeSet<u64> = references.keys().copied().collect();
        let mut pieces: Vec<Piece> = Vec::new();
        for statement in &own {
            self.pieces_of(*statement, &mut pieces);
            // What others said of it before it was there.
            pieces.extend(self.waiting.remove(statement).into_iter().flatten());
        }
        let mut entities = BTreeMap::new();
        pieces.retain(|piece| {
            let (edge, statement, _) = piece;
            let known = self.relations.contains_key(&edge.1);
            let missing = [edge.0, edge.2]
                .into_iter()
                .find(|end| !(own.contains(end) || self.take_end(*end, &mut entities)));
            match missing {
                None if known => return true,
                Some(end) if known && self.is_to_come(end) => {
                    self.waiting.entry(end).or_default().push(*piece);
                }
                _ => {}
            }
            self.losses.evidence.insert((*edge, *statement));
            false
        });
        let mut keys: Vec<ContentKey> = places.iter().map(|place| place.key).collect();
        let needed = pieces
            .iter()
            .flat_map(|(edge, statement, _)| [edge.0, edge.2, *statement]);
        let needed: BTreeSet<u64> = needed.filter(|id| !own.contains(id)).collect();
        entities.retain(|id, _| needed.contains(id));
        for (id, entity) in entities {
            references.insert(id, keys.len() as u32);
            keys.push(entity_key(&entity.name));
            taken.batch.entities.push(entity);
        }
        for id in needed {
            if let Some((number, key)) = self.numbers.get(&id) {
                references.insert(id, keys.len() as u32);
                keys.push(*key);
                taken.batch.known.push(*number);
            }
        }
        let mut relations: FxHashMap<u32, u32> = FxHashMap::default();
        for (edge, statement, telling) in pieces {
            let of = |id: u64| references.get(&id).copied();
            let ends = of(edge.0).zip(of(edge.2)).zip(of(statement));
            let named = self.relations.get(&edge.1);
            let (Some(((subject, object), evidence)), Some(named)) = (ends, named) else {
                continue;
            };
            // What was blanked in both can have left the same.
            if keys[subject as usize] == keys[object as usize] {
                self.losses.evidence.insert((edge, statement));
                continue;
            }
            let relation = *relations.entry(edge.1).or_insert_with(|| {
                taken.batch.relations.push((named.name.clone(), named.kind));
                taken.batch.relations.len() as u32 - 1
            });
            taken.batch.associations.push(AssociationDraft {
                subject,
                relation,
                object,
                evidence,
                confidence: telling.confidence,
                validity: telling.validity.if_ordered(),
                rules: telling.rules,
            });
            taken.evidence.push((edge, statement));
        }
    }

    /// The evidence that a statement gives at present.
    fn pieces_of(&mut self, statement: u64, pieces: &mut Vec<Piece>) {
        let (given, all) = self.truth.given(statement);
        if !all {
            self.losses
                .fault(format!("what statement {statement} says cannot be read in full"));
        }
        for edge in given {
            let record = self.truth.evidence(edge, statement).ok().flatten();
            match record.as_ref().map(|record| record.live().copied()) {
                Some(None) => {}
                Some(Some(telling)) if telling.confidence >= CONFIDENCE_MIN => {
                    pieces.push((edge, statement, telling));
                }
                _ => drop(self.losses.evidence.insert((edge, statement))),
            }
        }
    }

    /// Whether an end of an association, which is no statement of the batch, was learned before or is an entity.
    fn take_end(&self, end: u64, entities: &mut BTreeMap<u64, EntityDraft>) -> bool {
        if self.numbers.contains_key(&end) || entities.contains_key(&end) {
            return true;
        }
        match self.truth.concept(end).ok().flatten().map(|concept| concept.kind) {
            Some(KindRecord::Entity {
                name, entity_type, ..
            }) if !name.trim().is_empty() => {
                entities.insert(end, EntityDraft { name, entity_type });
                true
            }
            _ => false,
        }
    }

    /// Whether a concept is a statement that stands in a source, which is then one of those that come later.
    fn is_to_come(&self, end: u64) -> bool {
        let concept = self.truth.concept(end).ok().flatten();
        concept.is_some_and(|concept| {
            concept.retired.is_none() && matches!(concept.kind, KindRecord::Statement { .. })
        })
    }

    /// Notes the numbers that the statements of a batch have in the new store, and says whether it was learned.
    pub fn noted(&mut self, taken: &Taken, numbers: Option<Vec<u64>>) -> bool {
        for ((statement, key), number) in taken.statements.iter().zip(numbers.iter().flatten()) {
            self.numbers.insert(*statement, (ConceptId(*number), *key));
        }
        numbers.is_some()
    }

    fn take_vectors(&mut self, places: &[Place], taken: &mut Taken) {
        let mut seen = FxHashSet::default();
        for (reference, place) in places.iter().enumerate() {
            if !seen.insert(place.statement) {
                continue;
            }
            let row = match self.truth.vector(self.model, place.statement) {
                Ok(None) => continue,
                Ok(Some(record)) => Some(record.row),
                Err(Unreadable) => None,
            };
            let values = row.and_then(|row| self.vectors.get(row, ConceptId(place.statement)));
            let given: Vec<f32> = values
                .iter()
                .flatten()
                .map(|bits| f16::from_bits(*bits).to_f32())
                .collect();
            let is_vector =
                given.iter().all(|value| value.is_finite()) && given.iter().any(|value| *value != 0.0);
            let Some(values) = values.filter(|_| is_vector) else {
                self.losses.vectors.insert(place.statement);
                continue;
            };
            taken.batch.vector_references.push(reference as u32);
            taken.batch.vectors.extend(given);
            taken.vectors.push(values);
        }
        taken.batch.dimension = self.dimension;
    }
}

impl Taken {
    /// Adds a statement, whose source is there.
    fn add(&mut self, place: &Place) {
        let title = &self.batch.sources[place.source as usize].title;
        self.batch.statements.push(StatementDraft {
            source: place.source,
            start: place.start,
            end: place.end,
            roles: roles_under(title, place.roles),
        });
        self.roles.push(place.roles);
        self.statements.push((place.statement, place.key));
    }
}

/// The identity of a statement of these words and roles.
fn key(title: &str, words: &str, roles: Roles) -> ContentKey {
    match roles.sentence {
        true => statement_key(words),
        false => passage_key(title, words),
    }
}

fn draft_of(source: &Source, text: String, markup: Vec<(u64, u64)>) -> SourceDraft {
    SourceDraft {
        address: source.address.clone(),
        offset: source.offset,
        title: source.title.clone(),
        text,
        markup,
        time: source.time,
        attributes: source.attributes.clone(),
        last: false,
    }
}

/// The roles that a statement plays; `None` where it is none.
fn roles(concept: &ConceptRecord) -> Option<Roles> {
    let KindRecord::Statement {
        sentence, passage, ..
    } = &concept.kind
    else {
        return None;
    };
    let roles = Roles {
        sentence: sentence.is_some(),
        passage: passage.is_some(),
    };
    (roles != Roles::default()).then_some(roles)
}

/// Those that a batch can give it in a source of this title: a passage under a title is another concept than its words.
fn roles_under(title: &str, roles: Roles) -> Roles {
    Roles {
        passage: roles.passage && (!roles.sentence || title.is_empty()),
        ..roles
    }
}
