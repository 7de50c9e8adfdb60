//! Verbs: "A founded B in 1990", "B was founded by A in 1990".

use sutra_model::Validity;

use super::Draft;
use super::argument::{Argument, arguments};
use super::clause::Clause;
use super::pattern::{Direction, Pattern, Trigger, Voice, Want, is_lasting};
use super::subject::{Subjects, subjects};
use crate::entity::period;
use crate::lexicon::Flags;

/// The words before a verb that belong to it.
pub(super) struct Group {
    pub start: usize,
    pub has_be: bool,
    pub negated: bool,
    pub unsure: bool,
}

/// Steps left from a verb over "to be", auxiliaries and adverbs.
pub(super) fn group_before(clause: &Clause, verb: usize) -> Group {
    let mut group = Group {
        start: verb,
        has_be: false,
        negated: false,
        unsure: false,
    };
    for at in (verb.saturating_sub(6)..verb).rev() {
        let item = &clause.items[at];
        if item.mention.is_some()
            || !item.word.is(Flags::BE
                .with(Flags::AUXILIARY)
                .with(Flags::ADVERB)
                .with(Flags::NEGATION)
                .with(Flags::MODAL))
        {
            break;
        }
        group.has_be |= item.word.is(Flags::BE);
        group.negated |= item.word.is(Flags::NEGATION);
        group.unsure |= item.word.is(Flags::MODAL);
        group.start = at;
    }
    group
}

/// How much less sure a statement with "may" or "reportedly" is.
const UNSURE: f32 = 0.7;

/// Reads the relations of the verb at item `at`, if one of the table stands there.
pub(super) fn read(clause: &Clause, at: usize, drafts: &mut Vec<Draft>) {
    let Some(trigger) = clause.trigger(at).filter(|trigger| trigger.is_verb) else {
        return;
    };
    let group = group_before(clause, at);
    if group.negated || clause.is(at + 1, Flags::NEGATION) {
        return;
    }
    let attributive = group.start.checked_sub(1).is_some_and(|before| {
        let describes = clause.is(before, Flags::DETERMINER.with(Flags::PREPOSITION))
            && !clause.is(before, Flags::RELATIVE);
        describes || clause.is_possessive_mark(before)
    });
    if attributive {
        return; // "the newly formed X"
    }
    let arguments = arguments(clause, at + 1);
    if arguments.is_empty() {
        return;
    }
    let followed = clause.is(at + 1, Flags::PREPOSITION)
        || clause.is(at + 1, Flags::ADVERB) && clause.is(at + 2, Flags::PREPOSITION);
    let passive = group.has_be || followed || !trigger.is_transitive;
    let allowed = |voice: Voice| match voice {
        Voice::Passive => passive,
        Voice::Active | Voice::Object => !group.has_be,
        Voice::Noun => false,
    };
    if !trigger.patterns.iter().any(|pattern| allowed(pattern.voice)) {
        return;
    }
    let reduced = !group.has_be
        && passive
        && trigger
            .patterns
            .iter()
            .any(|pattern| pattern.voice == Voice::Passive);
    let reduced = reduced
        || matches!(
            clause.text(at),
            "starring" | "featuring" | "living" | "working" | "playing"
        );
    let Some(mut subjects) = subjects(clause, group.start, at, reduced) else {
        return;
    };
    if group.unsure {
        subjects.factor *= UNSURE;
    }
    state(
        clause,
        trigger,
        &allowed,
        &subjects,
        (&arguments, &arguments),
        drafts,
    );
}

/// Drafts what the allowed patterns of a trigger say of its subjects and of its own arguments; the dates among
/// all the arguments say when each holds.
pub(super) fn state(
    clause: &Clause,
    trigger: &Trigger,
    allowed: &dyn Fn(Voice) -> bool,
    subjects: &Subjects,
    (own, all): (&[Argument], &[Argument]),
    drafts: &mut Vec<Draft>,
) {
    let held = stretches(clause, all);
    for argument in own {
        for pattern in trigger
            .patterns
            .iter()
            .filter(|pattern| allowed(pattern.voice) && pattern.takes(&argument.marker))
        {
            if pattern.voice == Voice::Object {
                state_of_object(clause, pattern, all, argument, subjects.factor, drafts);
                continue;
            }
            if subjects.common && pattern.want != Want::Phrase {
                continue;
            }
            let Some((object, object_type)) = argument.object(clause, pattern.want) else {
                continue;
            };
            if let Some(inner) = argument.inner.filter(|_| pattern.want == Want::Place) {
                state_container(clause, &all[inner], &object, object_type, drafts);
                continue;
            }
            let validity = if is_lasting(pattern.relation) {
                validity_at(&held, argument.items.start)
            } else {
                Validity::default()
            };
            for subject in &subjects.names {
                let confidence = pattern.sure * subjects.factor;
                let (subject, object, object_type) = match pattern.direction {
                    Direction::Forward => (subject.clone(), object.clone(), object_type),
                    Direction::Backward => {
                        let own = subjects.entity_type.unwrap_or(sutra_model::EntityType::Thing);
                        (object.clone(), subject.clone(), own)
                    }
                };
                drafts.push(Draft {
                    subject,
                    relation: pattern.relation,
                    object,
                    object_type,
                    confidence,
                    validity,
                });
            }
            break;
        }
    }
}

/// "A founded B in 1990": the date is B's.
fn state_of_object(
    clause: &Clause,
    pattern: &Pattern,
    arguments: &[Argument],
    argument: &Argument,
    factor: f32,
    drafts: &mut Vec<Draft>,
) {
    let direct = arguments.iter().find(|direct| direct.marker.is_empty());
    let Some((subject, _)) = direct.and_then(|direct| direct.object(clause, Want::Any)) else {
        return;
    };
    let Some((object, object_type)) = argument.object(clause, pattern.want) else {
        return;
    };
    let confidence = pattern.sure * factor;
    drafts.push(Draft {
        subject,
        relation: pattern.relation,
        object,
        object_type,
        confidence,
        validity: Validity::default(),
    });
}

/// "in Prelate, Saskatchewan": the first lies in the second.
fn state_container(
    clause: &Clause,
    inner: &Argument,
    object: &str,
    object_type: sutra_model::EntityType,
    drafts: &mut Vec<Draft>,
) {
    if let Some((subject, _)) = inner.object(clause, Want::Place) {
        drafts.push(Draft {
            subject,
            relation: "located_in",
            object: object.to_owned(),
            object_type,
            confidence: 0.65,
            validity: Validity::default(),
        });
    }
}

/// Arguments that one run of dates dates: from which item on, and when what they say holds.
struct Stretch {
    start: usize,
    held: Validity,
}

/// The dates among the arguments, each run of them with the objects that it stands by: "in Rome until 1931, in Oslo
/// since 1962" dates Rome and Oslo apart, "in Rome and Oslo from 1931 to 1962" both alike.
fn stretches(clause: &Clause, arguments: &[Argument]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let (mut has_object, mut has_date) = (false, false);
    for argument in arguments {
        let period = argument
            .mention
            .and_then(|mention| period(&clause.mentions[mention].name));
        if found.is_empty() || (period.is_none() && has_object && has_date) {
            let start = argument.items.start;
            found.push(Stretch {
                start,
                held: Validity::default(),
            });
            (has_object, has_date) = (false, false);
        }
        let (Some(period), Some(stretch)) = (period, found.last_mut()) else {
            has_object = true;
            continue;
        };
        has_date = true;
        match argument.marker.as_str() {
            "from" | "since" | "in" | "after" => stretch.held.from = period.from,
            "to" | "until" | "till" => stretch.held.to = period.to,
            _ => {}
        }
    }
    found
}

/// When what the argument at an item says holds.
fn validity_at(stretches: &[Stretch], item: usize) -> Validity {
    let stretch = stretches.iter().rev().find(|stretch| stretch.start <= item);
    stretch.map_or_else(Validity::default, |stretch| stretch.held)
}
