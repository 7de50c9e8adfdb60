//! A segment less what was taken out of it, as it is searched and kept in a file.

use std::sync::Arc;

use sutra_model::ConceptId;
use sutra_segment::{Bytes, Kept, Layout, Marks, Sections, Slice};

use crate::segment::{LANGUAGES, Segment};

/// What was taken out of a part.
#[derive(Clone, Debug, Default)]
struct Gone {
    documents: Marks,
    length_total: u64,
    in_language: [u64; LANGUAGES],
}

impl Gone {
    fn add(&mut self, place: usize, data: &Segment) {
        if !self.documents.add(place) {
            return;
        }
        self.length_total += u64::from(data.lengths[place]);
        self.in_language[usize::from(data.languages[place]).min(LANGUAGES - 1)] += 1;
    }
}

/// A part of an index of words: documents and their terms, less what was taken out of it. Cloning it copies two
/// pointers.
#[derive(Clone, Debug)]
pub struct Part {
    pub(crate) data: Arc<Segment>,
    gone: Arc<Gone>,
}

impl Part {
    pub(crate) fn of(data: Segment) -> Self {
        Self {
            data: Arc::new(data),
            gone: Arc::default(),
        }
    }

    /// How many documents it has.
    pub fn len(&self) -> usize {
        self.data.documents.len() - self.gone.documents.count()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many documents were taken out of it and are still there.
    pub(crate) fn removed(&self) -> usize {
        self.gone.documents.count()
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.data.settled
    }

    /// The sum of the lengths of its documents.
    pub(crate) fn length_total(&self) -> u64 {
        self.data.length_total.saturating_sub(self.gone.length_total)
    }

    /// How many of its documents are in a language.
    pub(crate) fn in_language(&self, number: usize) -> usize {
        let all = self.data.in_language[number].min(self.data.documents.len() as u64);
        all.saturating_sub(self.gone.in_language[number]) as usize
    }

    /// Whether the document at a place was taken out.
    pub(crate) fn is_gone(&self, place: usize) -> bool {
        self.gone.documents.has(place)
    }

    /// The place of a document that was not taken out.
    pub(crate) fn place(&self, document: ConceptId) -> Option<usize> {
        self.data.position(document).filter(|place| !self.is_gone(*place))
    }

    /// The part with these documents marked as taken out. Those that it does not have change nothing.
    pub(crate) fn without(&self, documents: impl IntoIterator<Item = ConceptId>) -> Self {
        let mut gone = Arc::clone(&self.gone);
        for document in documents {
            let Some(place) = self.place(document) else {
                continue;
            };
            Arc::make_mut(&mut gone).add(place, &self.data);
        }
        Self {
            data: Arc::clone(&self.data),
            gone,
        }
    }

    /// The documents that went since an earlier state of the same part.
    pub(crate) fn gone_since(&self, before: &Self) -> impl Iterator<Item = ConceptId> {
        let gone = self.gone.documents.since(&before.gone.documents);
        gone.map(|place| ConceptId(self.data.documents[place]))
    }

    /// The same part, called settled.
    pub(crate) fn settled(&self) -> Self {
        Self {
            data: Arc::new(Segment {
                settled: true,
                ..Segment::clone(&self.data)
            }),
            gone: Arc::clone(&self.gone),
        }
    }
}

impl Kept for Part {
    const KIND: u32 = u32::from_le_bytes(*b"word");

    fn laid_out<R>(&self, give: impl FnOnce(&Layout) -> R) -> R {
        let data = &*self.data;
        let head = [u64::from(data.settled), data.length_total];
        let layout = Layout::new(Self::KIND)
            .with(&head)
            .with(&data.in_language)
            .with(&data.documents)
            .with(&data.lengths)
            .with(&data.languages)
            .with(&data.text)
            .with(&data.term_ends)
            .with(&data.block_ends)
            .with(&data.blocks)
            .with(&data.postings);
        give(&layout)
    }

    fn open<B: Bytes>(sections: &Sections<B>) -> Result<Self, String> {
        let read = || {
            let head: Slice<u64> = sections.array(0)?;
            let in_language: Slice<u64> = sections.array(1)?;
            Some(Segment {
                settled: *head.first()? != 0,
                length_total: *head.get(1)?,
                in_language: in_language[..].try_into().ok()?,
                documents: sections.array(2)?,
                lengths: sections.array(3)?,
                languages: sections.array(4)?,
                text: sections.array(5)?,
                term_ends: sections.array(6)?,
                block_ends: sections.array(7)?,
                blocks: sections.array(8)?,
                postings: sections.array(9)?,
            })
        };
        let data = read().ok_or("its arrays are not those of an index of words")?;
        let fits = sections.kind() == Self::KIND
            && data.lengths.len() == data.documents.len()
            && data.languages.len() == data.documents.len()
            && data.term_ends.len() == data.block_ends.len();
        match fits {
            true => Ok(Self::of(data)),
            false => Err("its arrays do not belong together".to_owned()),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.data, &other.data)
    }

    fn marks(&self) -> &[u64] {
        self.gone.documents.words()
    }

    fn marked(self, marks: &[u64]) -> Self {
        let mut gone = Gone::default();
        for place in Marks::of(marks, self.data.documents.len()).iter() {
            gone.add(place, &self.data);
        }
        Self {
            data: self.data,
            gone: Arc::new(gone),
        }
    }
}
