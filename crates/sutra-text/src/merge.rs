//! Which segments are merged, and how.
//!
//! Sizes are ranked by powers of four. A new segment takes in the smaller ones right before it, and four of one
//! rank become one of the next, so that a document is copied a few times for each of log₄ n ranks. A segment that
//! has grown large is left alone for ever: no single commit pays for more than [`SETTLED_DOCUMENTS`] × 4 documents.

use std::sync::Arc;

use sutra_model::ConceptId;

use crate::segment::{DOCUMENTS_MAX, Posting, Segment};

const FAN_OUT: usize = 4;
/// Documents with which a segment is no longer merged.
const SETTLED_DOCUMENTS: usize = 1 << 14;
/// Postings with which a segment is no longer merged.
const SETTLED_POSTINGS: usize = 1 << 22;

/// Merges segments at the end of the list for as long as the rule asks for it.
pub(crate) fn settle(segments: &mut Vec<Arc<Segment>>) {
    while let Some(start) = start_of_merge(segments) {
        let merged = merge(&segments[start..]);
        segments.truncate(start);
        segments.push(Arc::new(merged));
    }
}

fn is_settled(segment: &Segment) -> bool {
    segment.len() >= SETTLED_DOCUMENTS || segment.postings.len() >= SETTLED_POSTINGS
}

fn rank(segment: &Segment) -> u32 {
    segment.len().max(1).ilog(FAN_OUT)
}

/// Where the segments begin that are to be merged with the last.
fn start_of_merge(segments: &[Arc<Segment>]) -> Option<usize> {
    let last = segments.last().filter(|segment| !is_settled(segment))?;
    let mut documents = 0;
    let together = segments
        .iter()
        .rev()
        .take_while(|segment| {
            documents += segment.len();
            !is_settled(segment) && rank(segment) <= rank(last) && documents <= DOCUMENTS_MAX
        })
        .count();
    let start = segments.len() - together;
    let takes_in_smaller = segments[start..].iter().any(|segment| rank(segment) < rank(last));
    (takes_in_smaller || together >= FAN_OUT).then_some(start)
}

/// One segment with the documents of all.
pub(crate) fn merge(parts: &[Arc<Segment>]) -> Segment {
    let (mut merged, positions) = merge_documents(parts);
    merged
        .postings
        .reserve_exact(parts.iter().map(|part| part.postings.len()).sum());
    let mut cursors = vec![0; parts.len()];
    loop {
        let term_at = |part: usize| {
            let (segment, cursor) = (&parts[part], cursors[part]);
            (cursor < segment.term_ends.len()).then(|| segment.term(cursor))
        };
        let Some(term) = (0..parts.len()).filter_map(term_at).min() else {
            break;
        };
        let having: Vec<usize> = (0..parts.len())
            .filter(|&part| term_at(part) == Some(term))
            .collect();
        merged.push_term(term);
        let begin = merged.postings.len();
        for part in having {
            let moved = parts[part].postings_at(cursors[part]).iter();
            merged.postings.extend(moved.map(|old| Posting {
                document: positions[part][usize::from(old.document)],
                ..*old
            }));
            cursors[part] += 1;
        }
        let postings = &mut merged.postings[begin..];
        if !postings.is_sorted() {
            postings.sort_unstable();
        }
        merged.end_postings();
    }
    merged.text.shrink_to_fit();
    merged
}

/// A segment with the documents of all, by rising id and yet without terms; and where each part's documents went.
fn merge_documents(parts: &[Arc<Segment>]) -> (Segment, Vec<Vec<u16>>) {
    let mut documents: Vec<(ConceptId, usize, usize)> = Vec::new();
    for (part, segment) in parts.iter().enumerate() {
        documents.extend(
            segment
                .documents
                .iter()
                .enumerate()
                .map(|(position, &id)| (id, part, position)),
        );
    }
    documents.sort();
    let mut merged = Segment::default();
    let mut positions: Vec<Vec<u16>> = parts.iter().map(|part| vec![0; part.len()]).collect();
    for (new, &(id, part, old)) in documents.iter().enumerate() {
        positions[part][old] = new as u16;
        merged.documents.push(id);
        merged.lengths.push(parts[part].lengths[old]);
    }
    (merged, positions)
}
