//! Nouns that relate: "S is the capital of O", "S, the capital of O", "the capital of O is S", "O's capital
//! S".

use sutra_model::{EntityType, Validity};

use super::Draft;
use super::argument::arguments;
use super::clause::Clause;
use super::pattern::{Direction, Trigger, Voice, Want};
use super::subject::{Subjects, first, pronoun, subject_at, subjects};
use super::verb::{group_before, state};
use crate::lexicon::Flags;

/// The longest noun phrase before the noun, in items.
const PHRASE_MAX: usize = 8;

/// Reads the relations of the noun at item `at`, if one of the table stands there.
pub(super) fn read(clause: &Clause, at: usize, drafts: &mut Vec<Draft>) {
    let Some(trigger) = clause.trigger(at).filter(|trigger| trigger.is_noun) else {
        return;
    };
    let is_noun = |voice: Voice| voice == Voice::Noun;
    if owned(clause, trigger, at, drafts) {
        return;
    }
    if !clause.is(at + 1, Flags::PREPOSITION) {
        return;
    }
    let arguments = arguments(clause, at + 1);
    // The first object and those listed with it belong to the noun; the others say when and where.
    let own = 1 + arguments
        .iter()
        .skip(1)
        .take_while(|argument| argument.listed)
        .count();
    let kin = trigger
        .patterns
        .iter()
        .any(|pattern| pattern.voice == Voice::Noun && pattern.want == Want::Person);
    let end = arguments.last().map_or(at, |last| last.items.end);
    let Some(subjects) = holder(clause, at, end, kin) else {
        return;
    };
    state(
        clause,
        trigger,
        &is_noun,
        &subjects,
        (&arguments[..own.min(arguments.len())], &arguments),
        drafts,
    );
}

/// Who is the capital, the member, the son: the subject of "is", the name before a comma, or the name after
/// "is".
fn holder(clause: &Clause, noun: usize, end: usize, kin: bool) -> Option<Subjects> {
    let start = phrase_start(clause, noun);
    let link = start.checked_sub(1);
    match link {
        Some(link) if clause.is(link, Flags::BE) && clause.items[link].mention.is_none() => {
            let group = group_before(clause, link + 1);
            let negated = group.negated || (link + 1..noun).any(|at| clause.is(at, Flags::NEGATION));
            if negated {
                None
            } else {
                subjects(clause, group.start, link, false)
            }
        }
        Some(link) if clause.text(link) == "as" => {
            let verb = (link.saturating_sub(3)..link)
                .rev()
                .find(|at| clause.is(*at, Flags::VERB) || clause.is_verb(*at))?;
            let served = matches!(
                clause.text(verb),
                "served" | "worked" | "acted" | "elected" | "appointed" | "serving" | "serves"
            );
            let group = group_before(clause, verb);
            if served && !group.negated {
                subjects(clause, group.start, verb, false)
            } else {
                None
            }
        }
        Some(comma) if clause.is_mark(comma, b',') => apposed(clause, comma, kin),
        _ if start == 0 || clause.is(start.saturating_sub(1), Flags::CONJUNCTION) => inverted(clause, end),
        _ => None,
    }
}

/// Where the noun phrase that ends in `noun` begins.
fn phrase_start(clause: &Clause, noun: usize) -> usize {
    let mut start = noun;
    while start > 0 && noun - start < PHRASE_MAX {
        let before = start - 1;
        let item = &clause.items[before];
        let coordinated =
            item.word.is(Flags::CONJUNCTION) && before > 0 && clause.is(before - 1, Flags::OCCUPATION);
        let inside = item.word.is(Flags::DETERMINER)
            || item.adjective
            || coordinated
            || item.lower && clause.is_nominal(before) && !clause.is(before, Flags::ADVERB);
        if !inside {
            break;
        }
        start = before;
    }
    start
}

/// "Tirana, the capital of": the name before the comma.
///
/// Where a person is described (`kin`) and a place stands there ("born in Berthier, the son of"), the
/// sentence's subject.
fn apposed(clause: &Clause, comma: usize, kin: bool) -> Option<Subjects> {
    let at = comma.checked_sub(1)?;
    let mention = clause.name_at(at)?;
    if kin && clause.type_at(at) == Some(EntityType::Place) {
        return first(clause, comma);
    }
    Some(Subjects {
        names: vec![clause.name_of(mention)],
        entity_type: clause.type_at(at),
        factor: 0.88,
        common: false,
    })
}

/// "The capital of Albania is Tirana", "The daughter of a poet, she …".
fn inverted(clause: &Clause, end: usize) -> Option<Subjects> {
    if clause.is_mark(end, b',') && clause.is(end + 1, Flags::PRONOUN) {
        return subject_at(clause, end + 1, clause.items.len());
    }
    let be = end;
    if !clause.is(be, Flags::BE) || clause.is(be + 1, Flags::NEGATION) {
        return None;
    }
    let mention = clause.name_at(be + 1)?;
    Some(Subjects {
        names: vec![clause.name_of(mention)],
        entity_type: clause.type_at(be + 1),
        factor: 0.92,
        common: false,
    })
}

/// "Albania's capital Tirana", "his wife, Anita", "Her father was John". True if the noun is owned, known
/// or not.
fn owned(clause: &Clause, trigger: &Trigger, at: usize, drafts: &mut Vec<Draft>) -> bool {
    let mut before = at;
    while before > 0 && clause.is(before - 1, Flags::ADJECTIVE) {
        before -= 1;
    }
    let Some(owner_mark) = before.checked_sub(1) else {
        return false;
    };
    let (owner, factor) = if clause.is(owner_mark, Flags::POSSESSIVE) {
        // The subject of the sentence, or the title at its head.
        let named = first(clause, owner_mark);
        let owner = if owner_mark == 0 {
            pronoun(clause, owner_mark)
        } else {
            named
        };
        let Some(owner) = owner.filter(|owner| owner.entity_type != Some(EntityType::Date)) else {
            return true;
        };
        let human = matches!(
            owner.entity_type,
            None | Some(EntityType::Person | EntityType::Thing)
        );
        if !human && !matches!(clause.text(owner_mark), "its" | "Its" | "their" | "Their") {
            return true;
        }
        let Some(name) = owner.names.into_iter().next() else {
            return true;
        };
        (name, owner.factor * 0.9)
    } else if clause.is_possessive_mark(owner_mark) && owner_mark > 0 {
        let Some(mention) = clause.name_at(owner_mark - 1) else {
            return true;
        };
        (clause.name_of(mention), 0.95)
    } else {
        return false;
    };
    let mut name = at + 1;
    while clause.is_mark(name, b',')
        || clause.is(name, Flags::BE)
        || clause.is_quote(name)
        || clause.is(name, Flags::OCCUPATION)
    {
        name += 1;
        if name > at + 3 {
            return true;
        }
    }
    let Some(mention) = clause.name_at(name) else {
        return true;
    };
    let Some(pattern) = trigger
        .patterns
        .iter()
        .find(|pattern| pattern.voice == Voice::Noun)
    else {
        return true;
    };
    let (held, held_type) = (clause.name_of(mention), clause.mentions[mention].entity_type);
    let (subject, object, object_type) = match pattern.direction {
        Direction::Forward => (held, owner, EntityType::Thing),
        Direction::Backward => (owner, held, held_type),
    };
    drafts.push(Draft {
        subject,
        relation: pattern.relation,
        object,
        object_type,
        confidence: pattern.sure * factor,
        validity: Validity::default(),
    });
    true
}
