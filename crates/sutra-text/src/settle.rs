//! From the parts of many commits to few large ones, while the index goes on.
//!
//! In three steps, so that nobody waits for it: fresh parts are set apart ([`WordIndex::apart`]), merged while the index
//! goes on ([`WordIndex::settle`]), and what was made takes their place in whatever snapshot there is by then
//! ([`WordIndex::with_settled`]). What was marked as gone goes for good, and what corrected for it goes with it.

use std::sync::Arc;

use sutra_segment::{Bytes, Kept, Layout, Sections};

use crate::index::WordIndex;
use crate::merge::merge;
use crate::part::Part;
use crate::spellings::Spellings;
use crate::vocabulary::{Settling, Vocabulary};

/// Documents that a settled part has at the most, unless it was made of one.
const DOCUMENTS_MAX: usize = 1 << 22;
/// Postings that it has at the most.
const POSTINGS_MAX: usize = 1 << 31;
/// Bytes of terms that it has at the most.
const TEXT_MAX: usize = 1 << 31;
/// A settled part is taken into a new one that would have at least this share of its documents without it.
const SHARE: usize = 2;
/// How many times larger a part is than all newer ones, at the least, to be left alone by gathering.
const RATIO: usize = 4;

/// What of an index of words is kept in files.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Documents with their terms.
    pub documents: Vec<Part>,
    /// Words as they are written.
    pub spellings: Vec<Spellings>,
}

/// What is to be known of an index of words beside its parts and their marks: the terms of what is marked. It is written
/// anew whenever marks are.
#[derive(Clone, Debug)]
pub struct State(Spellings);

impl State {
    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for State {
    /// Nothing is marked.
    fn default() -> Self {
        Self(Spellings::new(&[]))
    }
}

/// Parts and what belongs to them, each with another copy of it, in a file say.
#[derive(Clone, Debug, Default)]
pub struct Copies {
    /// Those of documents.
    pub documents: Vec<(Part, Part)>,
    /// Those of words as they are written.
    pub spellings: Vec<(Spellings, Spellings)>,
    /// That of what is marked.
    pub state: Option<(State, State)>,
}

impl Kept for State {
    const KIND: u32 = u32::from_le_bytes(*b"wsta");

    fn laid_out<R>(&self, give: impl FnOnce(&Layout) -> R) -> R {
        self.0.laid_out_as(Self::KIND, give)
    }

    fn open<B: Bytes>(sections: &Sections<B>) -> Result<Self, String> {
        Spellings::open_as(Self::KIND, sections).map(Self)
    }

    fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
    }
}

/// Parts, and what they take the place of.
pub struct Settlement {
    from: Vec<Part>,
    part: Option<Part>,
    /// The terms of the documents that are gone for good, each with how many had it, less than nothing.
    dropped: Option<Spellings>,
    vocabulary: Option<Settling>,
    corrections: Option<Settling>,
}

/// How large a part becomes.
#[derive(Clone, Copy, Default)]
struct Size {
    documents: usize,
    postings: usize,
    text: usize,
}

impl Size {
    fn with(self, part: &Part) -> Self {
        Self {
            documents: self.documents + part.len(),
            postings: self.postings + part.data.postings.len(),
            text: self.text + part.data.text.len(),
        }
    }

    fn fits(self) -> bool {
        self.documents <= DOCUMENTS_MAX && self.postings <= POSTINGS_MAX && self.text <= TEXT_MAX
    }
}

impl WordIndex {
    /// What is kept in files: what was set apart or settled. That is all there is right after [`apart`](Self::apart).
    pub fn parts(&self) -> Parts {
        Parts {
            documents: Vec::clone(&self.parts),
            spellings: Vec::clone(&self.vocabulary.parts),
        }
    }

    /// What belongs to the [parts](Self::parts) and their marks.
    pub fn state(&self) -> State {
        State(self.corrections.merged())
    }

    /// The same documents, with copies in the place of what they are copies of.
    #[must_use]
    pub fn with_copies(&self, copies: &Copies) -> Self {
        let each = |own: &Part| match copies.documents.iter().find(|(part, _)| part.is_same(own)) {
            Some((_, copy)) => copy.clone().marked(own.marks()),
            None => own.clone(),
        };
        let state = copies
            .state
            .as_ref()
            .map(|(state, copy)| (state.0.clone(), copy.0.clone()));
        Self {
            parts: Arc::new(self.parts.iter().map(each).collect()),
            vocabulary: self.vocabulary.with_copies(&copies.spellings),
            corrections: self.corrections.with_copies(state.as_slice()),
            ..self.clone()
        }
    }

    /// An index of parts, with the marks and the state that they had together.
    pub fn of_parts(parts: Parts, state: State) -> Self {
        let corrections = Some(state.0).filter(|corrections| !corrections.is_empty());
        Self {
            parts: Arc::new(parts.documents),
            vocabulary: Vocabulary::of_parts(parts.spellings),
            corrections: Vocabulary::of_parts(corrections.into_iter().collect()),
            ..Self::default()
        }
    }

    /// How many documents are not in settled parts.
    pub fn unsettled(&self) -> usize {
        let apart = self.parts.iter().filter(|part| !part.is_settled());
        apart.chain(self.fresh.iter()).map(Part::len).sum()
    }

    /// How many documents are not set apart.
    pub fn fresh(&self) -> usize {
        self.fresh.iter().map(Part::len).sum()
    }

    /// The same documents, the fresh ones set apart: what comes later is not put among them.
    #[must_use]
    pub fn apart(&self) -> Self {
        let parts = self.parts.iter().chain(self.fresh.iter());
        Self {
            parts: Arc::new(parts.cloned().collect()),
            fresh: Arc::default(),
            vocabulary: self.vocabulary.apart(),
            corrections: self.corrections.apart(),
            asked_in: self.asked_in,
        }
    }

    /// Settled parts of what was set apart, together with those that are small beside it, and with those that have lost
    /// more than half of their documents; `None` where there is nothing to do, or it is not wanted any more. Of very much
    /// that was set apart some is left: until there is nothing to do, settle again.
    pub fn settle(&self, is_wanted: &dyn Fn() -> bool) -> Option<Settlement> {
        self.settlement(self.to_settle(), true, is_wanted)
    }

    /// Fewer parts of what was set apart and is not settled, which takes less time; `None` where there is nothing to do,
    /// or it is not wanted any more. Until there is nothing to do, gather again.
    pub fn gather(&self, is_wanted: &dyn Fn() -> bool) -> Option<Settlement> {
        self.settlement(self.to_gather(), false, is_wanted)
    }

    fn settlement(&self, from: Vec<Part>, settled: bool, is_wanted: &dyn Fn() -> bool) -> Option<Settlement> {
        let vocabulary = self.vocabulary.settle();
        let corrections = self.corrections.settle();
        if from.is_empty() && vocabulary.is_none() && corrections.is_none() {
            return None;
        }
        let (made, dropped) = match &from[..] {
            [] => (None, None),
            [one] if one.removed() == 0 => (Some(one.settled()), None),
            _ => {
                let (made, dropped) = merge(&from, settled, is_wanted)?;
                (Some(Part::of(made)), Some(dropped))
            }
        };
        Some(Settlement {
            from,
            part: made.filter(|part| !part.is_empty()),
            dropped: dropped.filter(|dropped| !dropped.is_empty()),
            vocabulary,
            corrections,
        })
    }

    /// The newest unsettled parts, as far back as the next is not much larger than all of them.
    fn to_gather(&self) -> Vec<Part> {
        let mut from: Vec<Part> = Vec::new();
        let mut size = Size::default();
        for part in self.parts.iter().rev().filter(|part| !part.is_settled()) {
            let is_large = part.len() >= RATIO * size.documents || !size.with(part).fits();
            if !from.is_empty() && is_large {
                break;
            }
            size = size.with(part);
            from.push(part.clone());
        }
        from.reverse();
        if from.len() < 2 { Vec::new() } else { from }
    }

    /// The parts that are to be one.
    fn to_settle(&self) -> Vec<Part> {
        let mut size = Size::default();
        let mut from: Vec<Part> = Vec::new();
        for part in self.parts.iter().filter(|part| !part.is_settled()) {
            if !from.is_empty() && !size.with(part).fits() {
                break;
            }
            size = size.with(part);
            from.push(part.clone());
        }
        let mut settled: Vec<&Part> = self.parts.iter().filter(|part| part.is_settled()).collect();
        settled.sort_by_key(|part| part.len());
        for part in settled {
            let is_small = part.len() <= size.documents * SHARE;
            let has_lost_much = part.removed() > part.len();
            if (is_small || has_lost_much) && (from.is_empty() || size.with(part).fits()) {
                size = size.with(part);
                from.push(part.clone());
            }
        }
        from
    }

    /// The same documents, with parts in the place of those that they were made of, less what went from these since.
    /// Where what they were made of is not there, it stays as it is.
    #[must_use]
    pub fn with_settled(&self, settlement: &Settlement) -> Self {
        let before = |own: &Part| settlement.from.iter().find(|from| from.is_same(own));
        let (replaced, mut parts): (Vec<Part>, Vec<Part>) =
            self.parts.iter().cloned().partition(|own| before(own).is_some());
        if replaced.len() != settlement.from.len() {
            return self.clone();
        }
        let mut made = settlement.part.clone();
        for own in &replaced {
            let gone = before(own).into_iter().flat_map(|before| own.gone_since(before));
            made = made.map(|part| part.without(gone));
        }
        parts.extend(made);
        let settled = |words: &Vocabulary, settling: &Option<Settling>| match settling {
            Some(settling) => words.with_settled(settling),
            None => words.clone(),
        };
        Self {
            parts: Arc::new(parts),
            fresh: Arc::clone(&self.fresh),
            vocabulary: settled(&self.vocabulary, &settlement.vocabulary),
            corrections: settled(&self.corrections, &settlement.corrections)
                .with_part(settlement.dropped.clone()),
            asked_in: self.asked_in,
        }
    }
}
