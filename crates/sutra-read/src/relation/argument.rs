//! What follows a verb or noun: its objects, each with the preposition that marks it.

use std::ops::Range;

use sutra_model::EntityType;

use super::clause::Clause;
use super::pattern::Want;
use crate::lexicon::Flags;

/// How far objects are looked for, in items, and how many are taken.
const STEPS_MAX: usize = 40;
const ARGUMENTS_MAX: usize = 10;

/// One object.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    /// The preposition before it, in lower case; empty for a direct object.
    pub marker: String,
    /// The mention that it names, if it is a name.
    pub mention: Option<usize>,
    /// Its items.
    pub items: Range<usize>,
    /// It goes on with the list that the argument before it began.
    pub listed: bool,
    /// The argument that lies in it: `Saskatchewan` after `Prelate,`.
    pub inner: Option<usize>,
}

impl Argument {
    /// The name and type under which a pattern that wants `want` takes it.
    pub fn object(&self, clause: &Clause, want: Want) -> Option<(String, EntityType)> {
        if let Some(mention) = self.mention {
            let entity_type = clause.mentions[mention].entity_type;
            return want
                .accepts(entity_type)
                .then(|| (clause.name_of(mention), want.implied(entity_type)));
        }
        (want == Want::Phrase && !self.items.is_empty())
            .then(|| (clause.phrase(self.items.clone()), EntityType::Thing))
    }
}

/// Reads the objects that begin at item `from`.
pub(super) fn arguments(clause: &Clause, from: usize) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    let mut marker = String::new();
    let mut at = from;
    let mut expects = true;
    let mut listed = false;
    let limit = clause.items.len().min(from + STEPS_MAX);
    while at < limit && arguments.len() < ARGUMENTS_MAX {
        let item = &clause.items[at];
        if item.mark == b'(' && item.partner != usize::MAX {
            at = item.partner + 1;
        } else if clause.is_quote(at) {
            at += 1;
        } else if item.mark == b',' || item.word.is(Flags::CONJUNCTION) {
            let Some(next) = continued(clause, at, &arguments) else {
                break;
            };
            listed = !clause.is(next, Flags::PREPOSITION);
            (at, expects) = (next, true);
        } else if item.mark != 0
            || item
                .word
                .is(Flags::RELATIVE.with(Flags::BE).with(Flags::NEGATION))
            || clause.is_verb(at)
        {
            break;
        } else if item.word.is(Flags::PREPOSITION) && item.mention.is_none() {
            marker = clause.text(at).to_lowercase();
            at += 1;
            (expects, listed) = (true, false);
        } else if item.word.is(Flags::ADVERB) && !clause.is_nominal(at + 1) {
            at += 1;
        } else if !expects {
            break;
        } else {
            let Some(phrase) = noun_phrase(clause, at, limit) else {
                break;
            };
            at = phrase.end;
            let comma = phrase.start > 0 && clause.is_mark(phrase.start - 1, b',');
            let inner = arguments
                .len()
                .checked_sub(1)
                .filter(|_| comma && is_place_marker(&marker));
            let inner =
                inner.filter(|last| arguments[*last].mention.is_some() && arguments[*last].marker == marker);
            arguments.push(Argument {
                marker: marker.clone(),
                mention: phrase.mention,
                items: phrase.start..phrase.end,
                listed,
                inner,
            });
            expects = false;
        }
    }
    arguments
}

fn is_place_marker(marker: &str) -> bool {
    matches!(marker, "in" | "at" | "near" | "from" | "to")
}

/// Where a list goes on after a comma or "and", or the next preposition after a comma; `None` where the clause ends.
fn continued(clause: &Clause, at: usize, arguments: &[Argument]) -> Option<usize> {
    let last = arguments.last()?;
    let mut next = at + 1;
    if clause.is_mark(at, b',') && clause.is(next, Flags::CONJUNCTION) {
        next += 1;
    }
    if clause.is(next, Flags::PREPOSITION) && clause.is_mark(at, b',') {
        return Some(next);
    }
    let head = next + usize::from(clause.is(next, Flags::DETERMINER));
    let mut name = head;
    while clause.is_quote(name) || clause.item(name).is_some_and(|item| item.adjective) {
        name += 1;
    }
    let same_sort = match last.mention {
        Some(mention) => {
            let date = clause.mentions[mention].entity_type == EntityType::Date;
            if date {
                clause.type_at(name) == Some(EntityType::Date)
            } else {
                clause.name_at(name).is_some()
            }
        }
        None => clause.is_nominal(name) || clause.name_at(name).is_some(),
    };
    let mut after = name + 1;
    while clause.is_quote(after) || clause.is(after, Flags::ADVERB) {
        after += 1;
    }
    (same_sort && !clause.is_verb(after) && !clause.is(after, Flags::VERB)).then_some(head)
}

struct Phrase {
    start: usize,
    end: usize,
    mention: Option<usize>,
}

/// The noun phrase at `at`: `the small town of Prelate` names Prelate, `lung cancer` names itself.
fn noun_phrase(clause: &Clause, at: usize, limit: usize) -> Option<Phrase> {
    let mut start = at;
    while start < limit && (clause.is(start, Flags::DETERMINER) || clause.is_quote(start)) {
        start += 1;
    }
    let mut end = start;
    while end < limit {
        let date = clause.type_at(end) == Some(EntityType::Date);
        let inside = clause.items[end].mention.is_some()
            || clause.is_nominal(end)
            || clause.is_quote(end)
            || clause.is_possessive_mark(end) && end > start;
        if !inside
            || clause.is_quote(end)
                && end > start
                && !clause.is_quote(end - 1)
                && clause.items[end - 1].mention.is_some()
        {
            break;
        }
        end += 1;
        if date
            && end - start == 1
            && !clause.is_nominal(end)
            && clause.item(end).is_none_or(|next| next.mention.is_none())
        {
            break;
        }
    }
    let last = end.checked_sub(1).filter(|last| *last >= start)?;
    let of = clause.item(end).is_some_and(|item| item.mention.is_none()) && clause.text(end) == "of";
    if of && clause.items[last].lower && clause.is(last, Flags::PLACE_NOUN.with(Flags::STAND_IN)) {
        let name = end + 1 + usize::from(clause.is(end + 1, Flags::DETERMINER));
        if name < limit
            && let Some(mention) = clause.name_at(name)
        {
            return Some(Phrase {
                start: name,
                end: name + 1,
                mention: Some(mention),
            });
        }
    }
    if last > start
        && clause.items[last].lower
        && clause.is(last, Flags::PLACE_NOUN)
        && let Some(mention) = clause.name_at(last - 1)
    {
        return Some(Phrase {
            start: last - 1,
            end,
            mention: Some(mention),
        }); // "the Île-de-France region"
    }
    let mention = clause.items[last]
        .mention
        .filter(|_| !clause.items[last].adjective);
    let start = if mention.is_some() { last } else { start };
    Some(Phrase { start, end, mention })
}
