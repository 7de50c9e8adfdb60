//! Typed relations between mentions, by lexical patterns.
//!
//! The patterns stand in one table (`pattern.rs`): a verb or noun, its voice, the word that marks its object, and what
//! relation that states. The rest finds who is the subject and what the objects are. A negated sentence or a
//! question states nothing. Precision comes first: where the subject is unsure, nothing is said.

mod argument;
mod bracket;
mod clause;
mod copula;
mod noun;
mod pattern;
mod subject;
mod verb;

use std::cmp::Ordering;

pub use pattern::kind_of as relation_kind;
use sutra_model::{AssociationKind, EntityType, Validity, name_key};

use crate::entity::{Mention, Span};
use crate::reading::Document;
use clause::Clause;

pub(crate) use pattern::trigger_forms;

/// The bounds of a relation's confidence.
const CONFIDENCE_MIN: f32 = 0.5;
const CONFIDENCE_MAX: f32 = 0.95;

/// A typed relation that a sentence states.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// Position of the sentence that states it.
    pub sentence: usize,
    /// The name that it is about. A common noun phrase has no mention of its own.
    pub subject: String,
    /// The relation's name: `born_in`, `part_of` …
    pub relation: &'static str,
    /// Which of the five kinds it refines.
    pub kind: AssociationKind,
    /// The name that it leads to.
    pub object: String,
    /// What sort of thing the object is.
    pub object_type: EntityType,
    /// How surely the sentence says it, in [0.5, 0.95].
    pub confidence: f32,
    /// When it holds, as far as the sentence says so.
    pub validity: Validity,
}

/// A relation before it is checked and named.
#[derive(Clone, Debug)]
struct Draft {
    subject: String,
    relation: &'static str,
    object: String,
    object_type: EntityType,
    confidence: f32,
    validity: Validity,
}

/// Finds the relations of a text, in the order of its sentences.
pub(crate) fn find(document: &Document, spans: &[Span], mentions: &[Mention]) -> Vec<Relation> {
    let mut relations = Vec::new();
    let mut drafts = Vec::new();
    let mut first = 0;
    let title_type = mentions
        .iter()
        .find(|mention| mention.name == document.title)
        .map(|title| title.entity_type);
    for sentence in 0..document.sentence_count() {
        let count = spans[first..]
            .iter()
            .take_while(|span| span.sentence == sentence)
            .count();
        let last = first + count;
        let clause = Clause::new(document, title_type, sentence, spans, mentions, first..last);
        first = last;
        if clause.is_question() {
            continue;
        }
        bracket::read(&clause, &mut drafts);
        for item in 0..clause.items.len() {
            verb::read(&clause, item, &mut drafts);
            noun::read(&clause, item, &mut drafts);
            copula::read(&clause, item, &mut drafts);
        }
        settle(sentence, &mut drafts, &mut relations);
    }
    relations
}

/// Keeps the surest of equal drafts, and drops what relates a thing to itself and times that contradict each other.
fn settle(sentence: usize, drafts: &mut Vec<Draft>, relations: &mut Vec<Relation>) {
    let from = relations.len();
    drafts.sort_by(|one, other| {
        (one.relation, &one.subject, &one.object)
            .cmp(&(other.relation, &other.subject, &other.object))
            .then(
                other
                    .confidence
                    .partial_cmp(&one.confidence)
                    .unwrap_or(Ordering::Equal),
            )
    });
    drafts.dedup_by(|next, kept| {
        next.relation == kept.relation && next.subject == kept.subject && next.object == kept.object
    });
    for draft in drafts.drain(..) {
        if name_key(&draft.subject) == name_key(&draft.object)
            || draft.subject.is_empty()
            || draft.object.is_empty()
        {
            continue;
        }
        relations.push(Relation {
            sentence,
            subject: draft.subject,
            relation: draft.relation,
            kind: pattern::kind_of(draft.relation),
            object: draft.object,
            object_type: draft.object_type,
            confidence: draft.confidence.clamp(CONFIDENCE_MIN, CONFIDENCE_MAX),
            validity: draft.validity.if_ordered(),
        });
    }
    relations[from..].sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
}
