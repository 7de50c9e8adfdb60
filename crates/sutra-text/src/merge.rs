//! Which fresh parts a commit merges, and how parts are merged.
//!
//! Sizes are ranked by powers of four. A new part takes in the smaller ones right before it, and four of one rank
//! become one of the next, so that a document is copied a few times for each of log₄ n ranks. A part that has grown
//! large is left alone by commits: none pays for more than [`FRESH_DOCUMENTS`] × 4 documents.

use crate::part::Part;
use crate::segment::{Segment, Writer};
use crate::spellings::Spellings;

const FAN_OUT: usize = 4;
/// Documents with which a part is no longer merged by a commit.
const FRESH_DOCUMENTS: usize = 1 << 14;
/// Postings with which a part is no longer merged by a commit.
const FRESH_POSTINGS: usize = 1 << 22;
/// Stands for a document that went.
const NOWHERE: u32 = u32::MAX;

/// Merges parts at the end of the list for as long as the rule asks for it.
pub(crate) fn merge_fresh(parts: &mut Vec<Part>) {
    while let Some(start) = start_of_merge(parts) {
        let merged = merged(&parts[start..]);
        parts.truncate(start);
        parts.push(merged);
    }
}

/// One part with the documents of all.
pub(crate) fn merged(parts: &[Part]) -> Part {
    let merged = merge(parts, false, &|| true);
    Part::of(merged.expect("is wanted to the end").0)
}

fn is_large(part: &Part) -> bool {
    part.len() >= FRESH_DOCUMENTS || part.data.postings.len() >= FRESH_POSTINGS
}

fn rank(part: &Part) -> u32 {
    part.len().max(1).ilog(FAN_OUT)
}

/// Where the parts begin that are to be merged with the last.
fn start_of_merge(parts: &[Part]) -> Option<usize> {
    let last = parts.last().filter(|part| !is_large(part))?;
    let together = parts
        .iter()
        .rev()
        .take_while(|part| !is_large(part) && rank(part) <= rank(last))
        .count();
    let start = parts.len() - together;
    let takes_in_smaller = parts[start..].iter().any(|part| rank(part) < rank(last));
    (takes_in_smaller || together >= FAN_OUT).then_some(start)
}

/// One segment with the documents of all parts but those that were taken out of them; and the terms of these, which are
/// now gone for good, each with how many had it, less than nothing. `None` as soon as it is not wanted any more.
pub(crate) fn merge(
    parts: &[Part],
    settled: bool,
    is_wanted: &dyn Fn() -> bool,
) -> Option<(Segment, Spellings)> {
    let postings = parts.iter().map(|part| part.data.postings.len()).sum();
    let mut merged = Writer::with_room(postings);
    let places = merge_documents(parts, &mut merged);
    let mut dropped = Vec::new();
    let mut cursors = vec![0; parts.len()];
    let mut occurrences: Vec<(u32, u16)> = Vec::new();
    loop {
        let term_at = |part: usize| {
            let (segment, cursor) = (&parts[part].data, cursors[part]);
            (cursor < segment.terms()).then(|| segment.term(cursor))
        };
        let Some(term) = (0..parts.len()).filter_map(term_at).min() else {
            break;
        };
        if !is_wanted() {
            return None;
        }
        let having: Vec<usize> = (0..parts.len())
            .filter(|&part| term_at(part) == Some(term))
            .collect();
        occurrences.clear();
        let mut gone = 0;
        for part in having {
            for (document, count) in parts[part].data.postings_at(cursors[part]).each() {
                match places[part].get(document as usize) {
                    Some(&NOWHERE) => gone += 1,
                    Some(&place) => occurrences.push((place, count)),
                    None => (),
                }
            }
            cursors[part] += 1;
        }
        if !occurrences.is_sorted() {
            occurrences.sort_unstable();
        }
        if gone > 0 {
            dropped.push((String::from_utf8_lossy(term).into_owned(), -gone));
        }
        merged.term(term, &occurrences);
    }
    Some((merged.finish(settled), Spellings::new(&dropped)))
}

/// Writes the documents of all parts by rising id, and tells where those of each went.
fn merge_documents(parts: &[Part], merged: &mut Writer) -> Vec<Vec<u32>> {
    let mut documents: Vec<(u64, u32, u32)> = Vec::with_capacity(parts.iter().map(Part::len).sum());
    for (number, part) in parts.iter().enumerate() {
        let places = part.data.documents.iter().enumerate();
        let staying = places.filter(|(place, _)| !part.is_gone(*place));
        documents.extend(staying.map(|(place, &id)| (id, number as u32, place as u32)));
    }
    documents.sort(); // Takes the runs as they are.
    let mut places: Vec<Vec<u32>> = (parts.iter())
        .map(|part| vec![NOWHERE; part.data.documents.len()])
        .collect();
    for (new, &(id, number, old)) in documents.iter().enumerate() {
        let data = &parts[number as usize].data;
        places[number as usize][old as usize] = new as u32;
        merged.document(id, data.lengths[old as usize], data.languages[old as usize]);
    }
    places
}
