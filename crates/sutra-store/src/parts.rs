//! Statements of format 1 that are several here.
//!
//! A passage was one with its text alone in format 1; it is one with its title and text now. One that stands under
//! several titles is split: that of the first title keeps its number, the others get numbers of their own. One that is a
//! sentence too, and stands under a title, keeps its number as a passage, and the sentence gets another.

use rustc_hash::FxHashMap;
use sutra_model::{Roles, name_key};

/// A place of a statement: source, first byte, one past the last.
pub type Place = (u64, u64, u64);

/// A statement as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number.
    pub id: u64,
    /// What it plays.
    pub roles: Roles,
    /// The title under which it is a passage; empty for others.
    pub title: String,
    /// Where it stands, in order.
    pub places: Vec<Place>,
}

const SENTENCE: Roles = Roles {
    sentence: true,
    passage: false,
};
const PASSAGE: Roles = Roles {
    sentence: false,
    passage: true,
};

/// Splits a statement of this number. `places` are where it stands, in order, each with the title of its source, and
/// whether it is a passage there; `next` gives numbers.
pub fn split(
    id: u64,
    roles: Roles,
    places: &[(Place, &str, bool)],
    mut next: impl FnMut() -> u64,
) -> Vec<Part> {
    let mut passages: Vec<(&str, Vec<Place>)> = Vec::new();
    for (place, title, _) in places.iter().filter(|(_, _, is_passage)| *is_passage) {
        match passages.iter_mut().find(|(known, _)| known == title) {
            Some((_, of_title)) => of_title.push(*place),
            None => passages.push((title, vec![*place])),
        }
    }
    let mut parts = Vec::new();
    let mut keeps = Some(id);
    let mut number = || keeps.take().unwrap_or_else(&mut next);
    // A sentence is one with the passage of its words that has no title.
    let untitled = passages.iter().any(|(title, _)| title.is_empty());
    let keeps_sentence = roles.sentence && passages.first().is_none_or(|(title, _)| title.is_empty());
    let sentence = |id: u64| Part {
        id,
        roles: Roles {
            sentence: true,
            passage: untitled,
        },
        title: String::new(),
        places: places.iter().map(|(place, ..)| *place).collect(),
    };
    if keeps_sentence {
        parts.push(sentence(number()));
    }
    for (title, of_title) in passages {
        if !(roles.sentence && title.is_empty()) {
            parts.push(Part {
                id: number(),
                roles: PASSAGE,
                title: title.to_owned(),
                places: of_title,
            });
        }
    }
    if roles.sentence && !keeps_sentence {
        parts.push(sentence(number()));
    }
    parts
}

/// What statements that were split became, by their old number.
#[derive(Debug, Default)]
pub struct Parts(FxHashMap<u64, Vec<Part>>);

impl Parts {
    /// Notes what a statement became; one that stayed what it was needs no note.
    pub fn insert(&mut self, id: u64, parts: &[Part]) {
        if parts.len() > 1 {
            let numbers = parts.iter().map(|part| Part {
                places: Vec::new(),
                ..part.clone()
            });
            self.0.insert(id, numbers.collect());
        }
    }

    /// The numbers of the parts that have a role of a concept of an old number; its own where it was not split.
    fn with(&self, id: u64, role: Roles) -> Vec<u64> {
        let Some(parts) = self.0.get(&id) else {
            return vec![id];
        };
        let plays =
            |part: &&Part| (role.sentence && part.roles.sentence) || (role.passage && part.roles.passage);
        let found: Vec<u64> = parts.iter().filter(plays).map(|part| part.id).collect();
        if found.is_empty() { vec![id] } else { found }
    }

    /// The edges (subject, object, statement) that an edge of old numbers is now. `name` is the object's, if it is an
    /// entity.
    pub fn edges(
        &self,
        (subject, object, statement): (u64, u64, u64),
        relation: &str,
        name: Option<&str>,
    ) -> Vec<(u64, u64, u64)> {
        if [subject, object, statement]
            .iter()
            .all(|id| !self.0.contains_key(id))
        {
            return vec![(subject, object, statement)];
        }
        match relation {
            "about" => {
                let of_title = self.of_title(subject, name.unwrap_or_default());
                of_title.into_iter().map(|id| (id, object, id)).collect()
            }
            "contains" => {
                let sentence = self.with(object, SENTENCE)[0];
                let passages = self.with(subject, PASSAGE);
                passages.into_iter().map(|id| (id, sentence, id)).collect()
            }
            "next" => {
                let (before, after) = (self.with(subject, PASSAGE)[0], self.with(object, PASSAGE)[0]);
                vec![(before, after, before)]
            }
            _ => vec![(
                self.with(subject, SENTENCE)[0],
                self.with(object, SENTENCE)[0],
                self.with(statement, SENTENCE)[0],
            )],
        }
    }

    /// The passages that a statement is under titles that begin with a name; the first where there is none.
    fn of_title(&self, id: u64, name: &str) -> Vec<u64> {
        let name = name_key(name);
        let parts = self.0.get(&id).map_or(&[][..], Vec::as_slice);
        let titled = parts
            .iter()
            .filter(|part| part.roles.passage && name_key(&part.title).starts_with(&name));
        let found: Vec<u64> = titled.map(|part| part.id).collect();
        if found.is_empty() {
            self.with(id, PASSAGE)[..1].to_vec()
        } else {
            found
        }
    }

    /// The (passage, sentence) pairs of statements that were both.
    pub fn pairs(&self) -> Vec<(u64, u64)> {
        let mut pairs = Vec::new();
        for parts in self.0.values() {
            let Some(sentence) = parts.iter().find(|part| part.roles.sentence) else {
                continue;
            };
            let passages = parts.iter().filter(|part| !part.roles.sentence);
            pairs.extend(passages.map(|part| (part.id, sentence.id)));
        }
        pairs.sort_unstable();
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Roles = Roles {
        sentence: true,
        passage: true,
    };

    fn parts(roles: Roles, places: &[(Place, &str, bool)]) -> Vec<(u64, Roles, String, usize)> {
        let mut next = 100;
        let split = split(7, roles, places, || {
            next += 1;
            next
        });
        split
            .into_iter()
            .map(|part| (part.id, part.roles, part.title, part.places.len()))
            .collect()
    }

    #[test]
    fn what_has_no_title_or_one_stays_what_it_is() {
        let here = (1, 0, 9);
        assert_eq!(
            parts(BOTH, &[(here, "", true), ((2, 0, 9), "Nile", false)]),
            [(7, BOTH, String::new(), 2)]
        );
        assert_eq!(
            parts(PASSAGE, &[(here, "Nile", true), ((2, 0, 9), "Nile", true)]),
            [(7, PASSAGE, "Nile".into(), 2)]
        );
        assert_eq!(
            parts(SENTENCE, &[(here, "Nile", false)]),
            [(7, SENTENCE, String::new(), 1)]
        );
    }

    #[test]
    fn a_passage_is_one_under_each_title() {
        let places = [
            ((1, 0, 9), "Nile", true),
            ((2, 0, 9), "Rivers", true),
            ((3, 0, 9), "Nile", true),
            ((4, 0, 9), "", true),
        ];
        assert_eq!(
            parts(PASSAGE, &places),
            [
                (7, PASSAGE, "Nile".into(), 2),
                (101, PASSAGE, "Rivers".into(), 1),
                (102, PASSAGE, String::new(), 1)
            ]
        );
    }

    #[test]
    fn a_passage_that_is_a_sentence_too_keeps_its_number_under_its_first_title() {
        let places = [((1, 0, 9), "Nile", true), ((2, 5, 14), "Rivers", false)];
        assert_eq!(
            parts(BOTH, &places),
            [(7, PASSAGE, "Nile".into(), 1), (101, SENTENCE, String::new(), 2)]
        );
        let places = [((1, 0, 9), "", true), ((2, 0, 9), "Rivers", true)];
        assert_eq!(
            parts(BOTH, &places),
            [(7, BOTH, String::new(), 2), (101, PASSAGE, "Rivers".into(), 1)]
        );
    }

    #[test]
    fn edges_go_to_the_part_that_they_belong_to() {
        let mut known = Parts::default();
        let mut next = 100;
        let places = [((1, 0, 9), "Nile (river)", true), ((2, 0, 9), "Rivers", true)];
        let parts = split(7, BOTH, &places, || {
            next += 1;
            next
        });
        known.insert(7, &parts);
        // 7 under the first title, 101 under the second, 102 the sentence.
        assert_eq!(
            known.edges((7, 50, 7), "mentions", Some("Aswan")),
            [(102, 50, 102)]
        );
        assert_eq!(known.edges((7, 51, 7), "about", Some("Nile")), [(7, 51, 7)]);
        assert_eq!(known.edges((7, 52, 7), "about", Some("Rivers")), [(101, 52, 101)]);
        assert_eq!(known.edges((7, 53, 7), "about", Some("Else")), [(7, 53, 7)]);
        assert_eq!(known.edges((9, 7, 9), "contains", None), [(9, 102, 9)]);
        assert_eq!(known.edges((9, 7, 9), "next", None), [(9, 7, 9)]);
        assert_eq!(known.edges((50, 51, 7), "part_of", Some("Nile")), [(50, 51, 102)]);
        assert_eq!(known.edges((1, 2, 3), "about", None), [(1, 2, 3)]);
        assert_eq!(known.pairs(), [(7, 102), (101, 102)]);
    }
}
