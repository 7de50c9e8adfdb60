//! Who a verb is about: the names to its left, or the title where a pronoun stands for it.

use std::ops::Range;

use sutra_model::EntityType;

use super::clause::Clause;
use crate::lexicon::Flags;

/// How far a search for a subject goes, in items.
const STEPS_MAX: usize = 24;
/// Names of one list that share a verb.
const LIST_MAX: usize = 8;

/// The subjects of a verb, and how sure that is.
#[derive(Clone, Debug, Default)]
pub(super) struct Subjects {
    pub names: Vec<String>,
    pub entity_type: Option<EntityType>,
    pub factor: f32,
    /// It is a common noun phrase, not a name.
    pub common: bool,
}

impl Subjects {
    fn of(names: Vec<String>, entity_type: Option<EntityType>, factor: f32) -> Option<Self> {
        (!names.is_empty()).then_some(Self {
            names,
            entity_type,
            factor,
            common: false,
        })
    }

    fn title(clause: &Clause, factor: f32) -> Option<Self> {
        let title = clause.document.title;
        if title.is_empty() {
            None
        } else {
            Self::of(vec![title.to_owned()], clause.title_type, factor)
        }
    }

    fn weakened(mut self, factor: f32) -> Self {
        self.factor *= factor;
        self
    }
}

/// The title, for a pronoun at item `at` that can stand for it: "she" for no film, "it" for no person.
pub(super) fn pronoun(clause: &Clause, at: usize) -> Option<Subjects> {
    use EntityType::{Organisation, Person, Place, Work};
    let word = clause.text(at).to_ascii_lowercase();
    let unfit = match word.as_str() {
        "he" | "she" | "his" | "her" => matches!(clause.title_type, Some(Place | Work | Organisation)),
        "it" | "its" => clause.title_type == Some(Person),
        _ => false,
    };
    if unfit { None } else { Subjects::title(clause, 0.9) }
}

/// Finds the subjects of the verb group that begins at item `group`, whose trigger is item `verb`.
///
/// `reduced` says that the verb is a participle without "to be": it may belong to a noun phrase.
pub(super) fn subjects(clause: &Clause, group: usize, verb: usize, reduced: bool) -> Option<Subjects> {
    let (end, comma) = skip_left(clause, group);
    if end == 0 {
        return after_opening_phrase(clause, verb);
    }
    let at = end - 1;
    let item = &clause.items[at];
    if item.mark == b'(' {
        return before(clause, at, 1.0);
    }
    if item.mark != 0 {
        return None;
    }
    if item.word.is(Flags::RELATIVE) {
        return antecedent(clause, at);
    }
    if item.word.is(Flags::PRONOUN) {
        return pronoun(clause, at);
    }
    if item.word.is(Flags::CONJUNCTION) {
        return if reduced {
            of_copula(clause, at).or_else(|| first(clause, at))
        } else {
            first(clause, at)
        }
        .map(|subject| subject.weakened(0.88));
    }
    if clause.name_at(at).is_some() {
        return named(clause, at, reduced);
    }
    if reduced && let Some(subject) = of_copula(clause, at) {
        return Some(subject.weakened(0.95));
    }
    if let Some(subject) = stand_in(clause, at) {
        return Some(subject);
    }
    if comma && !reduced {
        return first(clause, at).map(|subject| subject.weakened(0.8));
    }
    if reduced { None } else { common_phrase(clause, at) }
}

/// Steps left over commas, brackets, quotation marks and adverbs.
fn skip_left(clause: &Clause, from: usize) -> (usize, bool) {
    let (mut end, mut comma) = (from, false);
    for _ in 0..STEPS_MAX {
        let Some(at) = end.checked_sub(1) else { break };
        let item = &clause.items[at];
        if item.mark == b')' && item.partner != usize::MAX {
            end = item.partner;
        } else if item.mark == b',' && !comma {
            comma = true;
            end = at;
        } else if clause.is_quote(at) || item.word.is(Flags::ADVERB) && item.lower {
            end = at;
        } else {
            break;
        }
    }
    (end, comma)
}

/// The name before an opening bracket.
fn before(clause: &Clause, bracket: usize, factor: f32) -> Option<Subjects> {
    let mut at = bracket.checked_sub(1)?;
    if clause.is_quote(at) {
        at = at.checked_sub(1)?;
    }
    let mention = clause.name_at(at)?;
    Subjects::of(vec![clause.name_of(mention)], clause.type_at(at), factor)
}

/// What "who" or "which" stands for.
fn antecedent(clause: &Clause, relative: usize) -> Option<Subjects> {
    let (end, _) = skip_left(clause, relative);
    let at = end.checked_sub(1)?;
    if clause.name_at(at).is_some() {
        return named(clause, at, false).map(|subject| subject.weakened(0.92));
    }
    of_copula(clause, at).map(|subject| subject.weakened(0.9))
}

/// A name, or a list of names, directly before the verb.
fn named(clause: &Clause, at: usize, reduced: bool) -> Option<Subjects> {
    if at > 0 && clause.is(at - 1, Flags::NEGATION) {
        // "Mira, not Boris, founded …": the name that is denied is none of the subjects.
        let denies = at.checked_sub(3).filter(|_| clause.is_mark(at - 2, b','))?;
        return clause
            .name_at(denies)
            .and_then(|_| named(clause, denies, reduced));
    }
    let mut list = vec![clause.name_at(at)?];
    let mut start = at;
    let mut pending = Vec::new();
    for _ in 0..LIST_MAX {
        let Some(separator) = start
            .checked_sub(1)
            .filter(|at| clause.is(*at, Flags::CONJUNCTION) || clause.is_mark(*at, b','))
        else {
            break;
        };
        let and = clause.is(separator, Flags::CONJUNCTION);
        let previous = separator - usize::from(and && separator > 0 && clause.is_mark(separator - 1, b','));
        let Some(name) = previous
            .checked_sub(1)
            .and_then(|at| clause.name_at(at).map(|name| (at, name)))
        else {
            break;
        };
        start = name.0;
        pending.push(name.1);
        if and {
            list.append(&mut pending);
        } else if list.len() == 1 {
            break; // a comma alone joins an apposition, not a list
        } else {
            list.append(&mut pending);
        }
    }
    let start = at + 1 - list_width(clause, at, list.len());
    if let Some(preposition) = preposition_before(clause, outermost(clause, start)) {
        let noun = preposition.checked_sub(1);
        let apposed = clause.text(preposition) == "of"
            && noun.is_some_and(|noun| {
                clause.items[noun].lower && clause.is(noun, Flags::PLACE_NOUN.with(Flags::STAND_IN))
            });
        if !apposed {
            let of_whole = if reduced { of_copula(clause, at) } else { None };
            return of_whole
                .or_else(|| first(clause, preposition))
                .map(|subject| subject.weakened(0.85));
        }
    }
    let names = list.iter().rev().map(|name| clause.name_of(*name)).collect();
    Subjects::of(names, clause.type_at(at), 1.0)
}

/// Where a chain of places begins: "Los Angeles" in "from Los Angeles, California".
fn outermost(clause: &Clause, start: usize) -> usize {
    let mut start = start;
    for _ in 0..3 {
        if start < 2 || !clause.is_mark(start - 1, b',') || clause.name_at(start - 2).is_none() {
            break;
        }
        start -= 2;
    }
    start
}

/// How many items a list of `count` names that ends at `at` covers.
fn list_width(clause: &Clause, at: usize, count: usize) -> usize {
    let (mut found, mut width) = (0, 0);
    while found < count && width <= at {
        found += usize::from(clause.name_at(at - width).is_some());
        width += 1;
    }
    width
}

/// The preposition that governs the noun phrase whose name begins at `start`.
fn preposition_before(clause: &Clause, start: usize) -> Option<usize> {
    let mut at = start.checked_sub(1)?;
    for _ in 0..4 {
        let item = &clause.items[at];
        if item.word.is(Flags::PREPOSITION) && item.mention.is_none() {
            return Some(at);
        }
        let inside = item.word.is(Flags::DETERMINER) || item.adjective || item.lower && clause.is_nominal(at);
        at = at.checked_sub(1).filter(|_| inside)?;
    }
    None
}

/// The subject of the whole sentence, if it ends before item `limit`.
pub(super) fn first(clause: &Clause, limit: usize) -> Option<Subjects> {
    let mut at = 0;
    while at < STEPS_MAX && (clause.is_quote(at) || clause.is_mark(at, b'-') || clause.is_mark(at, b'*')) {
        at += 1;
    }
    let pronoun = clause.is(at, Flags::PRONOUN);
    if !pronoun && clause.is(at, Flags::PREPOSITION.with(Flags::ADVERB))
        || clause.type_at(at) == Some(EntityType::Date)
    {
        at = (at..limit.min(at + STEPS_MAX)).find(|at| clause.is_mark(*at, b','))? + 1;
    }
    subject_at(clause, at, limit)
}

/// A name, a pronoun or "the film" at item `at`.
pub(super) fn subject_at(clause: &Clause, at: usize, limit: usize) -> Option<Subjects> {
    if clause.is(at, Flags::PRONOUN) && at < limit {
        return pronoun(clause, at);
    }
    let mut name = at + usize::from(clause.is(at, Flags::DETERMINER));
    while name < at + STEPS_MAX && clause.is_quote(name) {
        name += 1;
    }
    if name < limit
        && let Some(mention) = clause.name_at(name)
    {
        if clause.is_possessive_mark(name + 1) {
            return None;
        }
        return Subjects::of(vec![clause.name_of(mention)], clause.type_at(name), 1.0);
    }
    let noun = at + 1;
    (noun < limit && is_stand_in(clause, at, noun))
        .then(|| Subjects::title(clause, 0.75))
        .flatten()
}

fn is_stand_in(clause: &Clause, determiner: usize, noun: usize) -> bool {
    clause.is(noun, Flags::STAND_IN)
        && clause.items[noun].lower
        && matches!(clause.text(determiner), "The" | "the" | "This" | "this")
}

/// "The film" directly before the verb, at the head of the sentence or after a comma.
fn stand_in(clause: &Clause, noun: usize) -> Option<Subjects> {
    let determiner = noun.checked_sub(1)?;
    let heads = determiner == 0
        || clause.is_mark(determiner - 1, b',')
        || clause.is(determiner - 1, Flags::CONJUNCTION);
    if heads && is_stand_in(clause, determiner, noun) {
        Subjects::title(clause, 0.75)
    } else {
        None
    }
}

/// In "S is a … film directed by", the subject S of the noun at `at`.
fn of_copula(clause: &Clause, at: usize) -> Option<Subjects> {
    let from = at.saturating_sub(STEPS_MAX);
    let be = (from..at).rev().find(|be| {
        clause.is(*be, Flags::BE)
            && (clause.is(be + 1, Flags::DETERMINER)
                || clause.is(be + 1, Flags::ADVERB) && clause.is(be + 2, Flags::DETERMINER))
    })?;
    let negated = (be + 1..at).any(|between| clause.is(between, Flags::NEGATION));
    let (group, _) = skip_left(clause, be);
    if negated || group == 0 {
        return None;
    }
    let subject = group - 1;
    if clause.is(subject, Flags::PRONOUN) {
        return pronoun(clause, subject);
    }
    if clause.name_at(subject).is_some() && preposition_before(clause, subject).is_none() {
        return Subjects::of(
            vec![clause.name_of(clause.name_at(subject)?)],
            clause.type_at(subject),
            1.0,
        );
    }
    stand_in(clause, subject).or_else(|| first(clause, be))
}

/// "Born in Prelate, he moved …": the subject after the comma.
fn after_opening_phrase(clause: &Clause, verb: usize) -> Option<Subjects> {
    let limit = clause.items.len().min(verb + STEPS_MAX);
    let mut comma = (verb..limit).find(|at| clause.is_mark(*at, b','))?;
    // A place's own comma ("Prelate, Saskatchewan, he") is not yet the end of the phrase.
    while clause.name_at(comma + 1).is_some() && clause.is_mark(comma + 2, b',') {
        comma += 2;
    }
    subject_at(clause, comma + 1, clause.items.len()).map(|subject| subject.weakened(0.9))
}

/// A common noun phrase directly before the verb: "Smoking causes …".
fn common_phrase(clause: &Clause, at: usize) -> Option<Subjects> {
    let range = phrase_before(clause, at)?;
    if range.start > 0 && clause.is(range.start - 1, Flags::PREPOSITION) {
        return None;
    }
    let name = lowered(&clause.phrase(range));
    Some(Subjects {
        names: vec![name],
        entity_type: None,
        factor: 0.95,
        common: true,
    })
}

/// The items of the noun phrase that ends at `at`, without its determiner.
fn phrase_before(clause: &Clause, at: usize) -> Option<Range<usize>> {
    let nominal = |at: usize| clause.is_nominal(at) || clause.items[at].mention.is_some();
    let mut start = at + 1;
    while start > 0 && at + 1 - start < 6 && nominal(start - 1) {
        start -= 1;
    }
    (start <= at).then_some(start..at + 1)
}

/// A phrase without the capital that its place in the sentence gave it.
pub(super) fn lowered(phrase: &str) -> String {
    let mut letters = phrase.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => phrase.to_owned(),
    }
}
