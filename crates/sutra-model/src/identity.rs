//! Identity by content: when two texts are one concept, two files one source.
//!
//! Keys are the first 16 bytes of a SHA-256 (128 bits: a collision among 2^40 concepts has a chance
//! of about 2^-49). The hashed text is prefixed by its domain, so a name never equals a sentence.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// The identity of a concept or source, derived from its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentKey(pub [u8; 16]);

fn content_key(domain: &[u8], parts: &[&[u8]]) -> ContentKey {
    let mut hash = Sha256::new();
    hash.update(domain);
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    ContentKey(key)
}

/// The identity of a statement: its exact text.
pub fn statement_key(text: &str) -> ContentKey {
    content_key(b"statement", &[text.as_bytes()])
}

/// The identity of an entity: its [`name_key`].
pub fn entity_key(name: &str) -> ContentKey {
    content_key(b"entity", &[name_key(name).as_bytes()])
}

/// The identity of a passage: its exact text, and the title under which it stands. Without a title it is that of the
/// [text alone](statement_key).
pub fn passage_key(title: &str, text: &str) -> ContentKey {
    if title.is_empty() {
        return statement_key(text);
    }
    content_key(b"passage", &[title.as_bytes(), text.as_bytes()])
}

/// The identity of an address.
pub fn address_key(address: &str) -> ContentKey {
    content_key(b"address", &[address.as_bytes()])
}

/// The form in which names are compared: NFKC, lower case, runs of white space as one blank,
/// none at the ends. Digits and suffixes stay: `ASR1603` and `ASR1605` are two names.
pub fn name_key(name: &str) -> String {
    let normalised: String = name.nfkc().collect::<String>().to_lowercase();
    normalised.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_across_case_width_and_spacing_only() {
        assert_eq!(name_key("  The\tＮile "), "the nile");
        assert_ne!(entity_key("ASR1603"), entity_key("ASR1605"));
        assert_ne!(entity_key("Acme Ltd"), entity_key("Acme Inc"));
    }

    #[test]
    fn a_name_is_never_a_sentence() {
        assert_ne!(statement_key("nile").0, entity_key("nile").0);
    }

    #[test]
    fn a_passage_is_one_with_its_text_where_it_has_no_title() {
        assert_eq!(passage_key("", "It rises."), statement_key("It rises."));
        assert_ne!(passage_key("Aln", "It rises."), statement_key("It rises."));
        assert_ne!(passage_key("Aln", "It rises."), passage_key("Nile", "It rises."));
        assert_ne!(passage_key("Aln It", "rises."), passage_key("Aln", "It rises."));
    }
}
