//! What a simulated store has to say.

use std::collections::BTreeMap;

use sutra_model::SourceId;

/// What a store has to say. Vectors are those along an axis, which half precision holds exactly: `2 * axis`, and one
/// more for the other direction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    pub transactions: u64,
    /// Address → text.
    pub sources: BTreeMap<String, String>,
    /// Texts that had that address before, in order.
    pub earlier: BTreeMap<String, Vec<String>>,
    /// Text → vector.
    pub statements: BTreeMap<String, Option<usize>>,
    /// The same of those that stand in earlier texts alone.
    pub retired: BTreeMap<String, Option<usize>>,
    /// The record of each that was not erased.
    pub answers: BTreeMap<String, Option<Vec<u8>>>,
}

/// What the lines of a text are about.
pub fn name_in(text: &str) -> String {
    let end = text.trim_end().trim_end_matches('.');
    end[end.len() - "Name 0".len()..].to_owned()
}

impl Content {
    /// How many statements mention each name.
    pub fn entities(&self) -> BTreeMap<String, u64> {
        let mut entities = BTreeMap::new();
        for statement in self.statements.keys() {
            *entities.entry(name_in(statement)).or_default() += 1;
        }
        entities
    }

    /// A statement stands in a source, with this vector if it had none.
    pub fn tell(&mut self, statement: &str, vector: Option<usize>) {
        let lived = self.statements.remove(statement);
        let known = lived.or_else(|| self.retired.remove(statement)).flatten();
        self.statements.insert(statement.to_owned(), known.or(vector));
    }

    /// A source takes the place of the one that has its address.
    pub fn learn(&mut self, address: &str, text: &str) {
        let before = self.sources.insert(address.to_owned(), text.to_owned());
        if let Some(before) = before {
            self.earlier
                .entry(address.to_owned())
                .or_default()
                .push(before.clone());
            self.leave(&before);
        }
        self.transactions += 1;
    }

    /// Lines that no source has any more are retired where an earlier text has them, and go elsewhere.
    fn leave(&mut self, text: &str) {
        let has = |other: &String, line: &str| other.lines().any(|told| told == line);
        for line in text.lines() {
            if self.sources.values().any(|other| has(other, line)) {
                continue;
            }
            let Some(vector) = self.statements.remove(line) else {
                continue;
            };
            if self.earlier.values().flatten().any(|other| has(other, line)) {
                self.retired.insert(line.to_owned(), vector);
            }
        }
    }

    /// A source goes, with the lines that no other has.
    pub fn forget(&mut self, address: &str, source: SourceId, cited: &BTreeMap<String, SourceId>) {
        let text = self.sources.remove(address).unwrap_or_default();
        self.leave(&text);
        for (id, record) in &mut self.answers {
            if cited.get(id) == Some(&source) {
                *record = None;
            }
        }
        self.transactions += 1;
    }
}
