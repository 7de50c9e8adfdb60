//! Writing sources, and finding them again.

use std::borrow::Cow;
use std::path::Path;

use redb::ReadableTable;
use sutra_model::{ContentKey, Result, Source, SourceId, Support, address_key};

use crate::apply::{Writer, put};
use crate::change::Change;
use crate::layout;
use crate::texts;

/// The sources of this address, offset and text, by rising number; one of them at most lives.
pub(crate) fn find_sources(
    table: &impl ReadableTable<(&'static [u8; 16], u64, u64), &'static [u8; 32]>,
    path: &Path,
    address: ContentKey,
    offset: u64,
    sha256: &[u8; 32],
) -> Result<Vec<SourceId>> {
    let range = (&address.0, offset, 0)..=(&address.0, offset, u64::MAX);
    let rows = table
        .range(range)
        .map_err(|error| layout::database_error(path, error))?;
    let mut found = Vec::new();
    for row in rows {
        let (key, of_source) = row.map_err(|error| layout::database_error(path, error))?;
        if of_source.value() == sha256 {
            found.push(SourceId(key.value().2));
        }
    }
    Ok(found)
}

/// All sources of an address, those that were retired too, by rising offset and number.
pub(crate) fn sources_of(
    table: &impl ReadableTable<(&'static [u8; 16], u64, u64), &'static [u8; 32]>,
    path: &Path,
    address: ContentKey,
) -> Result<Vec<SourceId>> {
    let range = (&address.0, 0, 0)..=(&address.0, u64::MAX, u64::MAX);
    let rows = table
        .range(range)
        .map_err(|error| layout::database_error(path, error))?;
    let ids = rows.map(|row| row.map(|(key, _)| SourceId(key.value().2)));
    ids.collect::<std::result::Result<_, _>>()
        .map_err(|error| layout::database_error(path, error))
}

impl Writer<'_> {
    /// The living source of this address, offset and text.
    pub(crate) fn living_source(
        &self,
        address: ContentKey,
        offset: u64,
        sha256: &[u8; 32],
    ) -> Result<Option<u64>> {
        for id in find_sources(&self.source_keys, self.path, address, offset, sha256)? {
            if self.stored_source(id)?.retired.is_none() {
                return Ok(Some(id.0));
            }
        }
        Ok(None)
    }

    pub(crate) fn write_sources(&mut self, change: &Change) -> Result<()> {
        for (source, text) in &change.sources {
            let id = source.id.0;
            self.next_ids.source = id + 1;
            self.totals.sources += u64::from(source.retired.is_none());
            let record = layout::encode(source);
            put(self.path, self.sources.insert(id, record.as_slice()))?;
            let address = address_key(&source.address);
            put(
                self.path,
                self.source_keys
                    .insert((&address.0, source.offset, id), &source.sha256),
            )?;
            texts::write(&mut self.texts, self.path, id, text.as_bytes())?;
        }
        for (source, markup) in &change.markup {
            put(
                self.path,
                self.markup.insert(source.0, layout::encode(markup).as_slice()),
            )?;
        }
        Ok(())
    }

    /// The words at a place, of a source that is being learned or was.
    pub(crate) fn words_at<'c>(&self, support: Support, change: &'c Change) -> Result<Cow<'c, str>> {
        let Support { source, start, end } = support;
        let missing = || self.corrupt(format!("source {} has no bytes {start}..{end}", source.0));
        if let Some((_, text)) = change.source(source) {
            let words = text.get(start as usize..end as usize).ok_or_else(missing)?;
            return Ok(Cow::Borrowed(words));
        }
        let bytes = texts::read(&self.texts, self.path, source.0, start, end)?.ok_or_else(missing)?;
        texts::utf8(bytes, self.path, source.0, start).map(Cow::Owned)
    }

    /// The words at a place of a source that was learned.
    pub(crate) fn stored_words(&self, support: Support) -> Result<String> {
        self.words_at(support, &Change::default()).map(Cow::into_owned)
    }

    /// The whole text of a source that was learned.
    pub(crate) fn stored_text(&self, source: &Source) -> Result<String> {
        self.stored_words(Support {
            source: source.id,
            start: 0,
            end: source.length,
        })
    }

    /// A source that was learned.
    pub(crate) fn stored_source(&self, id: SourceId) -> Result<Source> {
        self.source_of(id, &Change::default()).map(Cow::into_owned)
    }

    /// A source that is being learned, or was.
    pub(crate) fn source_of<'c>(&self, id: SourceId, change: &'c Change) -> Result<Cow<'c, Source>> {
        if let Some((source, _)) = change.source(id) {
            return Ok(Cow::Borrowed(source));
        }
        let row = self
            .sources
            .get(id.0)
            .map_err(|error| layout::database_error(self.path, error))?;
        let row = row.ok_or_else(|| self.corrupt(format!("source {} is missing", id.0)))?;
        layout::decode(row.value(), self.path, "source").map(Cow::Owned)
    }
}
