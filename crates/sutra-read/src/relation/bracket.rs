//! What brackets and the opening name say: an alias, dates of birth and death, a year of release.

use sutra_model::{EntityType, Validity};

use super::Draft;
use super::clause::Clause;
use crate::entity::is_acronym_of;

/// Brackets with more items than this say too much to be read so.
const BRACKET_ITEMS_MAX: usize = 16;

/// Reads each bracket of the sentence that follows a name.
pub(super) fn read(clause: &Clause, drafts: &mut Vec<Draft>) {
    if clause.sentence == 0
        && let Some(mention) = (0..clause.items.len().min(4)).find_map(|at| clause.name_at(at))
        && clause.is_full_title(mention)
    {
        let (title, name) = (
            clause.document.title.to_owned(),
            clause.mentions[mention].name.clone(),
        );
        drafts.push(draft(title, "alias_of", name, EntityType::Person, 0.8));
    }
    for open in 1..clause.items.len() {
        let close = clause.items[open].partner;
        if clause.items[open].mark != b'(' || close == usize::MAX || close - open > BRACKET_ITEMS_MAX {
            continue;
        }
        let quoted = clause.is_quote(open - 1);
        let Some(mention) = (open - 1)
            .checked_sub(usize::from(quoted))
            .and_then(|at| clause.name_at(at))
        else {
            continue;
        };
        alias(clause, mention, open, close, drafts);
        life_dates(clause, mention, open, close, drafts);
    }
}

fn draft(
    subject: String,
    relation: &'static str,
    object: String,
    object_type: EntityType,
    confidence: f32,
) -> Draft {
    Draft {
        subject,
        relation,
        object,
        object_type,
        confidence,
        validity: Validity::default(),
    }
}

/// "International Business Machines (IBM)".
fn alias(clause: &Clause, long: usize, open: usize, close: usize, drafts: &mut Vec<Draft>) {
    let short = clause
        .name_at(open + 1)
        .filter(|_| open + 2 == close || clause.is_mark(open + 2, b';') || clause.is_mark(open + 2, b','));
    let Some(short) = short else { return };
    let (name, full) = (&clause.mentions[short].name, &clause.mentions[long].name);
    if is_acronym_of(name, full) {
        let entity_type = clause.mentions[long].entity_type;
        drafts.push(draft(name.clone(), "alias_of", full.clone(), entity_type, 0.9));
    }
}

/// "Pál Gábor (2 November 1932 – 21 October 1987)", "(born 1 May 1950)" has its verb; "(1950)" after a work.
fn life_dates(clause: &Clause, subject: usize, open: usize, close: usize, drafts: &mut Vec<Draft>) {
    let entity_type = clause.mentions[subject].entity_type;
    let dash = (open + 1..close).find(|at| {
        let token = clause.items[*at].first;
        clause.document.tokens[token].is_dash(clause.document.text)
    });
    let date_in = |from: usize, to: usize| {
        (from..to).find_map(|at| {
            clause.items[at]
                .mention
                .filter(|_| clause.type_at(at) == Some(EntityType::Date))
        })
    };
    let Some(dash) = dash else {
        let only = clause.items[open + 1].mention.filter(|_| open + 2 == close);
        if let Some(year) = only.filter(|year| {
            clause.mentions[*year].entity_type == EntityType::Date && entity_type == EntityType::Work
        }) {
            let (work, year) = (clause.name_of(subject), clause.mentions[year].name.clone());
            drafts.push(draft(work, "released_on", year, EntityType::Date, 0.7));
        }
        return;
    };
    let (Some(birth), Some(death)) = (date_in(open + 1, dash), date_in(dash + 1, close)) else {
        return;
    };
    let (birth, death) = (&clause.mentions[birth].name, &clause.mentions[death].name);
    let full = birth.contains(' ') && death.contains(' ');
    let person = entity_type == EntityType::Person || full && entity_type == EntityType::Thing;
    let names_title = clause.mentions[subject].name == clause.document.title && full;
    if !person && !names_title {
        return;
    }
    let sure = if full { 0.92 } else { 0.75 };
    let name = clause.name_of(subject);
    drafts.push(draft(
        name.clone(),
        "born_on",
        birth.clone(),
        EntityType::Date,
        sure,
    ));
    drafts.push(draft(
        name.clone(),
        "died_on",
        death.clone(),
        EntityType::Date,
        sure,
    ));
    for (relation, from, to) in [("born_in", open + 1, dash), ("died_in", dash + 1, close)] {
        let place = (from..to).find_map(|at| clause.name_at(at));
        if let Some(place) = place {
            drafts.push(draft(
                name.clone(),
                relation,
                clause.mentions[place].name.clone(),
                EntityType::Place,
                sure * 0.85,
            ));
        }
    }
}
