//! The parts of one kind that an index is made of, and their files.

use sutra_model::Result;
use sutra_segment::{Kept, Sections};
use sutra_store::{KeptIndexes, KeptPart, MappedFile, Store};

/// Parts that lie in files.
pub(crate) struct Filed<P> {
    /// What the files say they are of.
    index: u32,
    parts: Vec<FiledPart<P>>,
}

/// A part and its file.
struct FiledPart<P> {
    part: P,
    file: u32,
    /// The arrays that were mapped when the store was opened, until they were checked.
    unchecked: Option<Sections<MappedFile>>,
}

impl<P: Kept> Filed<P> {
    /// None of an index yet.
    pub fn of(index: u32) -> Self {
        Self {
            index,
            parts: Vec::new(),
        }
    }

    /// Whether a part lies in a file.
    pub fn has(&self, part: &P) -> bool {
        self.parts.iter().any(|own| own.part.is_same(part))
    }

    /// The parts from their files.
    ///
    /// # Errors
    /// What is wrong with a file, in words.
    pub fn map(&mut self, store: &Store, kept: &KeptIndexes) -> Result<Vec<P>, String> {
        self.parts.clear();
        for KeptPart { file, marks, .. } in kept.parts.iter().filter(|part| part.index == self.index) {
            let sections = store.map_index(*file)?;
            let part = P::open(&sections)?;
            let part = if marks.is_empty() {
                part
            } else {
                part.marked(marks)
            };
            self.parts.push(FiledPart {
                part,
                file: *file,
                unchecked: Some(sections),
            });
        }
        Ok(self.parts.iter().map(|filed| filed.part.clone()).collect())
    }

    /// Whether all files that were not checked yet are what was written. If not, none is known any more.
    pub fn is_sound(&mut self, is_wanted: &impl Fn() -> bool) -> bool {
        let unchecked = self.parts.iter_mut().filter_map(|filed| filed.unchecked.take());
        let checked: Vec<bool> = unchecked
            .map(|sections| sections.check_while(is_wanted).is_ok())
            .collect();
        let sound = !checked.contains(&false);
        if !sound {
            self.parts.clear();
        }
        sound
    }

    /// Writes the parts that lie in no file, and gives each with its copy there.
    ///
    /// # Errors
    /// Those of [`Store::write_index`].
    pub fn write(&mut self, store: &Store, parts: &[P]) -> Result<Vec<(P, P)>> {
        let mut copies = Vec::new();
        for part in parts {
            if self.has(part) {
                continue;
            }
            let file = part.laid_out(|layout| store.write_index(layout))?;
            let copy = store.map_index(file).and_then(|sections| P::open(&sections));
            // Whoever cannot read it back goes on with the part in memory, and writes it again another time.
            if let Ok(copy) = copy {
                self.parts.push(FiledPart {
                    part: copy.clone(),
                    file,
                    unchecked: None,
                });
                copies.push((part.clone(), copy));
            }
        }
        Ok(copies)
    }

    /// Adds the files of parts; `false` where one lies in none. Files of other parts are not known any more.
    pub fn name(&mut self, parts: &[P], named: &mut Vec<KeptPart>) -> bool {
        self.parts
            .retain(|filed| parts.iter().any(|other| other.is_same(&filed.part)));
        for part in parts {
            let Some(filed) = self.parts.iter().find(|filed| filed.part.is_same(part)) else {
                return false;
            };
            named.push(KeptPart {
                index: self.index,
                file: filed.file,
                marks: part.marks().to_vec(),
            });
        }
        true
    }
}
