//! The groups of hand-written knowledge, and which of them are left out.
//!
//! Nothing leaves any out but a measurement of what each is worth. It does so once, before anything is read.

use std::sync::OnceLock;

/// A group of lists or tables that people wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// Which relations and sorts of answers the words of a question ask for.
    Cues,
    /// Which words tell of which relation between two names, and how surely.
    Patterns,
    /// Names and their kinds, words that open sentences, words for works and events.
    Lexicon,
    /// What sort of thing a name names, by its words and those around it.
    Guesses,
}

static LEFT_OUT: OnceLock<Vec<Knowledge>> = OnceLock::new();

impl Knowledge {
    /// All groups, with their names.
    pub const ALL: [(&'static str, Self); 4] = [
        ("cues", Self::Cues),
        ("patterns", Self::Patterns),
        ("lexicon", Self::Lexicon),
        ("guesses", Self::Guesses),
    ];

    pub(crate) fn is_left_out(self) -> bool {
        LEFT_OUT.get_or_init(Vec::new).contains(&self)
    }
}

/// Reads without these groups from now on, in the whole process; false, and nothing changes, where something was read
/// or left out before.
#[must_use]
pub fn leave_out(groups: &[Knowledge]) -> bool {
    LEFT_OUT.set(groups.to_vec()).is_ok()
}
