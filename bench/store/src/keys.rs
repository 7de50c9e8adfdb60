//! Keys as bytes for the stores that have no typed keys: big-endian, so that the order of bytes is the order of numbers.

use crate::data::{AssociationKey, EvidenceKey, SupportKey};

/// 20 bytes.
pub fn association((subject, relation, object): AssociationKey) -> [u8; 20] {
    let mut key = [0; 20];
    key[..8].copy_from_slice(&subject.to_be_bytes());
    key[8..12].copy_from_slice(&relation.to_be_bytes());
    key[12..].copy_from_slice(&object.to_be_bytes());
    key
}

/// 28 bytes.
pub fn evidence((subject, relation, object, statement): EvidenceKey) -> [u8; 28] {
    let mut key = [0; 28];
    key[..20].copy_from_slice(&association((subject, relation, object)));
    key[20..].copy_from_slice(&statement.to_be_bytes());
    key
}

/// 24 bytes.
pub fn support((concept, source, start): SupportKey) -> [u8; 24] {
    let mut key = [0; 24];
    key[..8].copy_from_slice(&concept.to_be_bytes());
    key[8..16].copy_from_slice(&source.to_be_bytes());
    key[16..].copy_from_slice(&start.to_be_bytes());
    key
}

/// The number that a key of 8 bytes was made of.
pub fn id(key: &[u8]) -> u64 {
    u64::from_be_bytes(key.try_into().expect("a key of 8 bytes"))
}
