//! The concepts that are stored: the same bytes for every candidate, made from a seed and an id.
//!
//! Nothing here is random in the sense of unrepeatable: a concept can be made again from `(seed, id)`, which is how a
//! reopened store is checked record by record. Texts are words of a skewed vocabulary, so that a store which compresses
//! gains about what it would gain on prose; vectors are noise, as real embeddings are to a compressor.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes of one vector: 768 dimensions of 16-bit floats.
pub const VECTOR_BYTES: usize = 768 * 2;
/// Bytes of a concept's text.
const TEXT_BYTES: usize = 200;
/// Every so-manieth concept is one that will be forgotten.
pub const FORGOTTEN_EVERY: u64 = 10;
/// Length of the mark, unique to each concept, by which its text is found in a file.
const MARK_BYTES: usize = 24;

/// (subject, relation, object).
pub type AssociationKey = (u64, u32, u64);
/// (subject, relation, object, statement).
pub type EvidenceKey = (u64, u32, u64, u64);
/// (concept, source, start byte).
pub type SupportKey = (u64, u64, u64);

/// What is stored under a concept's id.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// First 16 bytes of the SHA-256 of the text.
    pub hash: [u8; 16],
    /// Sentence, passage or entity.
    pub kind: u8,
    /// The source that first said it.
    pub source: u64,
    /// First byte in that source, and one past the last.
    pub range: (u64, u64),
    /// Transaction and time (microseconds since 1970) in which it was learned.
    pub learned: (u64, i64),
    /// Between 0 and 1.
    pub confidence: f32,
    /// Words of the user's own.
    pub attributes: Vec<(String, String)>,
    /// 200 bytes.
    pub text: String,
}

/// One concept with all its rows, keys typed and values encoded.
pub struct Concept {
    /// Dense, from 1.
    pub id: u64,
    /// Content hash: a random key.
    pub hash: [u8; 16],
    /// The encoded [`Record`].
    pub record: Vec<u8>,
    /// 768 little-endian 16-bit floats.
    pub vector: Vec<u8>,
    /// Three; the third has an earlier concept as its subject.
    pub associations: [AssociationKey; 3],
    /// Three, one for each association.
    pub evidence: [EvidenceKey; 3],
    /// One.
    pub support: SupportKey,
}

/// Value of an association row: kind, confidence, number of evidences.
pub fn association_value() -> Vec<u8> {
    postcard::to_stdvec(&(1u8, 0.7f32, 1u32)).expect("plain numbers encode")
}

/// Value of an evidence row: confidence and time of validity.
pub fn evidence_value(id: u64) -> Vec<u8> {
    postcard::to_stdvec(&(0.7f32, Some(1_700_000_000 + id as i64), None::<i64>))
        .expect("plain numbers encode")
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
pub struct Random(u64);

impl Random {
    /// A generator for this seed and this purpose.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut random = Self(seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03));
        random.next();
        random
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`, which must not be 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// The mark in the text of concept `id`: 24 hexadecimal digits.
pub fn mark(seed: u64, id: u64) -> String {
    let mut random = Random::new(seed ^ 0x6D61_726B, id);
    let digits = format!("{:016x}{:016x}", random.next(), random.next());
    digits[..MARK_BYTES].to_owned()
}

fn text(seed: u64, id: u64) -> String {
    let mut random = Random::new(seed ^ 0x7465_7874, id);
    let mut text = mark(seed, id);
    while text.len() < TEXT_BYTES {
        text.push(' ');
        // The product of two uniform numbers favours low ranks, as words do.
        let rank = random.below(64) * random.below(64);
        let mut letters = Random::new(0x776F_7264, rank);
        for _ in 0..2 + letters.below(8) {
            text.push(char::from(b'a' + (letters.below(26)) as u8));
        }
    }
    text.truncate(TEXT_BYTES);
    text
}

/// Makes concept `id`.
pub fn concept(seed: u64, id: u64) -> Concept {
    let text = text(seed, id);
    let hash: [u8; 16] = Sha256::digest(text.as_bytes())[..16]
        .try_into()
        .expect("16 of 32 bytes");
    let mut random = Random::new(seed, id);
    let source = id / 20 + 1;
    let start = id % 20 * 201;
    let record = Record {
        hash,
        kind: 1,
        source,
        range: (start, start + TEXT_BYTES as u64),
        learned: (id / 50, 1_760_000_000_000_000 + id as i64),
        confidence: 0.8,
        attributes: vec![
            ("language".into(), "en".into()),
            ("section".into(), format!("{}", id % 97)),
        ],
        text,
    };
    let mut earlier = || random.below(id) + 1;
    let associations = [(id, 1, earlier()), (id, 2, earlier()), (earlier(), 3, id)];
    let mut vector = Vec::with_capacity(VECTOR_BYTES);
    while vector.len() < VECTOR_BYTES {
        vector.extend_from_slice(&random.next().to_le_bytes());
    }
    Concept {
        id,
        hash,
        record: postcard::to_stdvec(&record).expect("a record encodes"),
        vector,
        evidence: associations.map(|(subject, relation, object)| (subject, relation, object, id)),
        associations,
        support: (id, source, start),
    }
}

/// Makes the concepts of a range of ids.
pub fn batch(seed: u64, ids: std::ops::Range<u64>) -> Vec<Concept> {
    ids.map(|id| concept(seed, id)).collect()
}
