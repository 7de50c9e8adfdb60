//! "To be": what a thing is, of which nation, by which trade, and where it is.

use std::ops::Range;

use sutra_model::{EntityType, Validity};

use super::Draft;
use super::argument::arguments;
use super::clause::Clause;
use super::pattern::Want;
use super::subject::{Subjects, lowered, subjects};
use super::verb::group_before;
use crate::lexicon::Flags;

/// The longest description read, in items.
const DESCRIPTION_MAX: usize = 14;

/// Reads the relations of the form of "to be" at item `at`.
pub(super) fn read(clause: &Clause, at: usize, drafts: &mut Vec<Draft>) {
    if !clause.is(at, Flags::BE) || clause.items[at].mention.is_some() || clause.is(at + 1, Flags::NEGATION) {
        return;
    }
    let group = group_before(clause, at);
    if group.negated || clause.is_verb(at + 1) {
        return;
    }
    let Some(mut subjects) = subjects(clause, group.start, at, false) else {
        return;
    };
    if group.unsure {
        subjects.factor *= 0.7;
    }
    let mut next = at + 1;
    while clause.is(next, Flags::ADVERB) {
        next += 1;
    }
    if clause.is(next, Flags::PREPOSITION) {
        state_place(clause, next, &subjects, drafts);
        return;
    }
    let article =
        clause.is(next, Flags::DETERMINER) && matches!(clause.text(next), "a" | "an" | "the" | "another");
    // "Cats are mammals"; what does not end like a plural may be an adjective.
    let plural = !article
        && subjects.common
        && next < clause.items.len()
        && clause.text(at) == "are"
        && is_plural(clause, next);
    if article || plural {
        describe(clause, next + usize::from(article), &subjects, drafts);
    }
}

/// A word in lower case that ends like a plural, and ends the description.
fn is_plural(clause: &Clause, at: usize) -> bool {
    let word = clause.text(at);
    clause.items[at].lower
        && word.ends_with('s')
        && !word.ends_with("ss")
        && !word.ends_with("ous")
        && clause
            .item(at + 1)
            .is_none_or(|next| next.mark != 0 || next.word.is(Flags::PREPOSITION.with(Flags::RELATIVE)))
}

/// "Mary is in the kitchen", "Paris is in France".
fn state_place(clause: &Clause, preposition: usize, subjects: &Subjects, drafts: &mut Vec<Draft>) {
    for argument in arguments(clause, preposition).iter().take(1) {
        if !matches!(argument.marker.as_str(), "in" | "at" | "near" | "on") {
            return;
        }
        let place = argument.object(clause, Want::Place);
        let Some((object, object_type)) = place.or_else(|| argument.object(clause, Want::Phrase)) else {
            return;
        };
        if object_type == EntityType::Date || object_type == EntityType::Number {
            return;
        }
        let sure = if argument.mention.is_some() { 0.75 } else { 0.6 };
        push_all(subjects, "located_in", &object, object_type, sure, drafts);
    }
}

/// "… a 1957 Hungarian film director and writer from Budapest".
fn describe(clause: &Clause, from: usize, subjects: &Subjects, drafts: &mut Vec<Draft>) {
    let limit = clause.items.len().min(from + DESCRIPTION_MAX);
    let mut at = from;
    let mut nations = Vec::new();
    let mut year = None;
    let mut heads: Vec<Range<usize>> = Vec::new();
    let mut head = from..from;
    while at < limit {
        let item = &clause.items[at];
        if item.adjective {
            nations.push(at);
            head = at + 1..at + 1;
        } else if let Some(mention) = item.mention {
            if clause.mentions[mention].entity_type == EntityType::Date {
                year = Some(mention);
            }
            head = at + 1..at + 1;
        } else if clause.is_nominal(at) {
            let empty = head.is_empty() && clause.is(at, Flags::ADJECTIVE.with(Flags::ADVERB));
            if empty {
                head = at + 1..at + 1;
            } else {
                head.end = at + 1;
            }
        } else if (item.mark == b',' || item.word.is(Flags::CONJUNCTION)) && !head.is_empty() {
            heads.push(head.clone());
            head = at + 1..at + 1;
        } else if !head.is_empty() || !item.word.is(Flags::DETERMINER.with(Flags::CONJUNCTION)) {
            break;
        } else {
            head = at + 1..at + 1;
        }
        at += 1;
    }
    if !head.is_empty() {
        heads.push(head);
    }
    let listed = heads
        .iter()
        .filter(|head| clause.is(head.end - 1, Flags::OCCUPATION))
        .count()
        == heads.len();
    if !listed {
        heads.truncate(1); // "a town, port and …": only trades make lists that are surely one description
    }
    state_heads(clause, &heads, subjects, drafts);
    state_origin(clause, &nations, year, &heads, subjects, drafts);
    state_where(clause, at, &heads, subjects, drafts);
}

fn is_trade(clause: &Clause, head: &Range<usize>) -> bool {
    clause.is(head.end - 1, Flags::OCCUPATION)
}

fn state_heads(clause: &Clause, heads: &[Range<usize>], subjects: &Subjects, drafts: &mut Vec<Draft>) {
    for head in heads {
        // "a kind of", "the capital of", "part of" say more than "is a": the noun's own pattern reads them.
        let related = clause
            .trigger(head.end - 1)
            .is_some_and(|trigger| trigger.is_noun)
            && clause.is(head.end, Flags::PREPOSITION);
        if related && !is_trade(clause, head) {
            continue;
        }
        let object = lowered(&clause.phrase(head.clone()));
        let relation = if subjects.common { "is_a" } else { "instance_of" };
        push_all(subjects, relation, &object, EntityType::Thing, 0.85, drafts);
        if is_trade(clause, head) && !subjects.common {
            push_all(subjects, "occupation", &object, EntityType::Thing, 0.88, drafts);
        }
    }
}

fn state_origin(
    clause: &Clause,
    nations: &[usize],
    year: Option<usize>,
    heads: &[Range<usize>],
    subjects: &Subjects,
    drafts: &mut Vec<Draft>,
) {
    let Some(first) = heads.first().filter(|_| !subjects.common) else {
        return;
    };
    for nation in nations {
        push_all(
            subjects,
            "nationality",
            clause.text(*nation),
            EntityType::Thing,
            0.85,
            drafts,
        );
    }
    let work = matches!(
        clause.text(first.end - 1),
        "film"
            | "movie"
            | "album"
            | "song"
            | "single"
            | "novel"
            | "book"
            | "series"
            | "game"
            | "opera"
            | "play"
            | "documentary"
    );
    if let Some(year) = year.filter(|_| work) {
        push_all(
            subjects,
            "released_on",
            &clause.mentions[year].name,
            EntityType::Date,
            0.8,
            drafts,
        );
    }
}

/// "a village in the Ain department of France": where it lies, and what that lies in.
fn state_where(
    clause: &Clause,
    at: usize,
    heads: &[Range<usize>],
    subjects: &Subjects,
    drafts: &mut Vec<Draft>,
) {
    let Some(head) = heads
        .first()
        .filter(|head| head.end == at && !is_trade(clause, head) && !subjects.common)
    else {
        return;
    };
    let place = clause.is(
        head.end - 1,
        Flags::PLACE_NOUN
            .with(Flags::STAND_IN)
            .with(Flags::ORGANISATION_CUE)
            .with(Flags::PLACE_CUE),
    );
    if !place || !clause.is(at, Flags::PREPOSITION) {
        return;
    }
    for argument in arguments(clause, at)
        .iter()
        .take_while(|argument| matches!(argument.marker.as_str(), "in" | "on" | "near" | "at" | "of"))
    {
        if argument.marker == "of" && argument.inner.is_none() {
            continue;
        }
        let Some((object, object_type)) = argument
            .object(clause, Want::Place)
            .filter(|_| argument.mention.is_some())
        else {
            return;
        };
        push_all(subjects, "located_in", &object, object_type, 0.8, drafts);
    }
}

fn push_all(
    subjects: &Subjects,
    relation: &'static str,
    object: &str,
    object_type: EntityType,
    sure: f32,
    drafts: &mut Vec<Draft>,
) {
    for subject in &subjects.names {
        drafts.push(Draft {
            subject: subject.clone(),
            relation,
            object: object.to_owned(),
            object_type,
            confidence: sure * subjects.factor,
            validity: Validity::default(),
        });
    }
}
