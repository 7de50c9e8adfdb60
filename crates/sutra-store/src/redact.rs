//! Blanking: parts of a text go, and the rest stays where it was.
//!
//! The bytes become blanks, as many as they were, so that every other range of the text holds. A statement that was
//! there, and of which no word is left, has lost that place. One of which something is left is redacted: it is not
//! found by its former words any more, waits for a new vector, and keeps only the evidence whose names its words, or
//! its title, still have.

use std::collections::BTreeMap;

use redb::ReadableTable;
use sha2::{Digest, Sha256};
use sutra_model::{ConceptId, Result, SourceId, Support, address_key, occurrences};

use crate::apply::{Writer, put};
use crate::associations::EdgeKey;
use crate::change::{Blank, Change};
use crate::forget::{Forgetting, Touched};
use crate::layout;
use crate::records::{KindRecord, Placed};
use crate::texts::CHUNK_BYTES;
use crate::updates::{PassageEntry, Updates};

const BLANK: u8 = b' ';

impl Writer<'_> {
    /// Notes the statements that lose words of their text or title.
    pub(crate) fn touch_blanked(&mut self, change: &Change, forgetting: &mut Forgetting) -> Result<()> {
        for (source, blanks) in by_source(&change.blanked) {
            for placed in self.placed(source.0)? {
                if blanks.iter().any(|blank| overlaps(placed, blank)) {
                    self.touch(source, placed, forgetting)?;
                }
            }
        }
        for source in by_source(&change.untitled).into_keys() {
            for placed in self.placed(source.0)? {
                // A sentence is one under any title.
                if !self.is_sentence(placed.statement)? {
                    self.touch(source, placed, forgetting)?;
                    forgetting.redacted.insert(placed.statement);
                }
            }
        }
        Ok(())
    }

    /// Blanks texts and titles, and takes their places from the statements of which nothing is left there.
    pub(crate) fn blank(&mut self, change: &Change, forgetting: &mut Forgetting) -> Result<()> {
        let blanked = by_source(&change.blanked);
        for (source, blanks) in &blanked {
            for blank in blanks {
                self.blank_text(*blank)?;
            }
            self.take_places(*source, blanks, forgetting)?;
        }
        let untitled = by_source(&change.untitled);
        for id in change.sources_hit() {
            if change.forgotten.binary_search(&id).is_ok() {
                continue;
            }
            let mut source = self.stored_source(id)?;
            let text = self.stored_text(&source)?;
            source.sha256 = Sha256::digest(text.as_bytes()).into();
            source.redacted = Some(change.transaction);
            // A title of which nothing was left is empty.
            let untitled = untitled.get(&id).filter(|_| !source.title.is_empty());
            for blank in untitled.into_iter().flatten() {
                let blanks = " ".repeat((blank.end - blank.start) as usize);
                let part = blank.start as usize..blank.end as usize;
                if source.title.get(part.clone()).is_none() {
                    return Err(self.corrupt(format!("the title of source {} has no such part", id.0)));
                }
                source.title.replace_range(part, &blanks);
            }
            if source.title.trim().is_empty() {
                source.title.clear();
            }
            forgetting.learned.insert(source.learned.0);
            let address = address_key(&source.address);
            put(
                self.path,
                self.source_keys
                    .insert((&address.0, source.offset, id.0), &source.sha256),
            )?;
            put(
                self.path,
                self.sources.insert(id.0, layout::encode(&source).as_slice()),
            )?;
        }
        Ok(())
    }

    fn blank_text(&mut self, blank: Blank) -> Result<()> {
        let missing = |writer: &Self| writer.corrupt(format!("source {} is shorter", blank.source.0));
        for number in blank.start / CHUNK_BYTES..blank.end.div_ceil(CHUNK_BYTES) {
            let key = (blank.source.0, u32::try_from(number).map_err(|_| missing(self))?);
            let row = self
                .texts
                .get(key)
                .map_err(|error| layout::database_error(self.path, error))?;
            let mut chunk = row.ok_or_else(|| missing(self))?.value().to_vec();
            let first = number * CHUNK_BYTES;
            let from = blank.start.saturating_sub(first) as usize;
            let to = (blank.end - first).min(CHUNK_BYTES) as usize;
            chunk.get_mut(from..to).ok_or_else(|| missing(self))?.fill(BLANK);
            put(self.path, self.texts.insert(key, chunk.as_slice()))?;
        }
        Ok(())
    }

    /// Of the statements that lost words in a source, those without any left lose this place, the others are redacted.
    fn take_places(&mut self, source: SourceId, blanks: &[Blank], forgetting: &mut Forgetting) -> Result<()> {
        let mut staying = Vec::new();
        for placed in self.placed(source.0)? {
            if !blanks.iter().any(|blank| overlaps(placed, blank)) {
                staying.push(placed);
                continue;
            }
            let left = self.stored_words(placed.support(source))?;
            if left.contains(char::is_alphanumeric) {
                forgetting.redacted.insert(placed.statement);
                staying.push(placed);
            } else {
                self.drop_support(source, placed, forgetting)?;
            }
        }
        put(
            self.path,
            self.source_statements
                .insert(source.0, layout::encode(&staying).as_slice()),
        )
    }

    /// Makes a statement what is left of its words.
    pub(crate) fn redact(
        &mut self,
        id: u64,
        place: Support,
        before: Touched,
        forgetting: &mut Forgetting,
        updates: &mut Updates,
    ) -> Result<()> {
        let left = self.touched(id, place)?;
        let concept = self.concept(id)?;
        let lives = concept.retired.is_none();
        if let KindRecord::Statement { first, redacted, .. } = &mut concept.kind {
            *first = place;
            *redacted = true;
        }
        if let Some(key) = before.key {
            put(self.path, self.concept_keys.remove(&key.0))?;
            self.went.push(key);
        }
        self.want_vectors(id, lives, forgetting)?;
        if lives {
            updates.leave_vectors(ConceptId(id));
        }
        if let (Some(before), Some(left)) = (before.passage, left.passage)
            && lives
        {
            let language = self.language_of(place.source)?;
            updates.leave_passage(before);
            updates.passages.push(PassageEntry { language, ..left });
        }
        let text = self.said(place)?;
        for edge in self.evidence_of(id)? {
            if !self.names_both(&text, edge)? {
                self.drop_evidence(edge, id, forgetting)?;
                self.given(id, false)?.remove(&edge);
            }
        }
        Ok(())
    }

    /// Drops a statement's vectors, and notes that it waits for new ones.
    fn want_vectors(&mut self, id: u64, lives: bool, forgetting: &mut Forgetting) -> Result<()> {
        let mut models = Vec::new();
        for model in self.models.clone() {
            let pending = self
                .pending
                .get((model, id))
                .map_err(|error| layout::database_error(self.path, error))?
                .is_some();
            if pending || self.has_vector(model, id)? {
                models.push(model);
            }
        }
        self.drop_vectors(id, lives, forgetting)?;
        for model in models.into_iter().filter(|_| lives) {
            put(self.path, self.pending.insert((model, id), ()))?;
        }
        Ok(())
    }

    /// A statement's title and words.
    fn said(&self, place: Support) -> Result<String> {
        let source = self.stored_source(place.source)?;
        Ok(format!("{}\n{}", source.title, self.stored_words(place)?))
    }

    /// Whether a text has the names of both ends of an association, as far as these are entities.
    fn names_both(&mut self, text: &str, (subject, _, object): EdgeKey) -> Result<bool> {
        for end in [subject, object] {
            if !self.stands(end)? {
                return Ok(false);
            }
            if let KindRecord::Entity { name, .. } = &self.concept(end)?.kind
                && occurrences(text, name).is_empty()
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn by_source(blanks: &[Blank]) -> BTreeMap<SourceId, Vec<Blank>> {
    let mut found: BTreeMap<SourceId, Vec<Blank>> = BTreeMap::new();
    for blank in blanks {
        found.entry(blank.source).or_default().push(*blank);
    }
    found
}

/// Whether a statement loses bytes there.
pub(crate) fn overlaps(placed: Placed, blank: &Blank) -> bool {
    placed.start < blank.end && blank.start < placed.start.saturating_add(placed.length)
}
