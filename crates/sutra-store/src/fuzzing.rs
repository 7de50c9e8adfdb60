//! The records of a store as a fuzzer meets them: bytes that are a record, or none.

use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};
use sutra_model::{EntityType, Error, Source, SourceId, Support, TransactionId};

use crate::answers::Stored;
use crate::associations::EdgeKey;
use crate::change::{Alteration, Change, NewConcept, StoredVector};
use crate::format1;
use crate::layout::{decode, encode};
use crate::records::{
    AssociationRecord, ChangeRecord, ConceptRecord, EmbedderId, EvidenceRecord, KindRecord, ModelRecord,
    NextIds, Placed, RelationRecord, SupportRecord, Totals, VectorRecord,
};

/// Numbers of a set that are looked at.
const NUMBERS: usize = 1000;

/// Reads bytes as every sort of record.
///
/// # Panics
/// When a reader panics, tells anything but damage, or reads another record than it would write.
pub fn read_records(bytes: &[u8]) {
    if let Some(change) = read::<ChangeRecord>(bytes) {
        for numbers in [&change.sources, &change.supports, &change.forgotten_concepts] {
            assert!(numbers.iter().take(NUMBERS).is_sorted());
        }
        change.link(1, &[0; 32]);
    }
    if let Some(change) = read::<Change>(bytes) {
        change.hash(&[0; 16]);
    }
    if let Some(concept) = read::<ConceptRecord>(bytes) {
        concept.concept(sutra_model::ConceptId(1));
    }
    read::<Stored>(bytes);
    read::<Source>(bytes);
    read::<Vec<Placed>>(bytes);
    read::<Vec<EdgeKey>>(bytes);
    read::<SupportRecord>(bytes);
    read::<RelationRecord>(bytes);
    read::<AssociationRecord>(bytes);
    read::<EvidenceRecord>(bytes);
    read::<ModelRecord>(bytes);
    read::<VectorRecord>(bytes);
    read::<NextIds>(bytes);
    read::<[u8; 16]>(bytes);
    read_earlier::<format1::Transaction>(bytes);
    read_earlier::<format1::Source>(bytes);
    read_earlier::<format1::Concept>(bytes);
    read_earlier::<format1::Evidence>(bytes);
}

/// A record of these bytes, which is written and read as itself again.
fn read<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let record: T = read_earlier(bytes)?;
    let written = encode(&record);
    let again: T = read_earlier(&written).expect("what was written is read");
    assert_eq!(encode(&again), written);
    Some(record)
}

fn read_earlier<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    match decode(bytes, Path::new("storage.dat"), "record") {
        Ok(record) => Some(record),
        Err(Error::Corrupt { .. }) => None,
        Err(other) => panic!("{}: {other}", other.code()),
    }
}

/// Records as stores have them, to begin with.
pub fn sample_records() -> Vec<Vec<u8>> {
    let (source, learned) = (SourceId(3), TransactionId(2));
    let first = Support {
        source,
        start: 5,
        end: 60,
    };
    let embedder = EmbedderId {
        fingerprint: "ab".repeat(32),
        dimension: 384,
    };
    let mut change = Change {
        transaction: learned,
        time: 1_750_000_000_000_000,
        concepts: vec![(
            sutra_model::ConceptId(9),
            NewConcept::Entity("River 2".into(), EntityType::Place),
        )],
        altered: vec![(sutra_model::ConceptId(4), Alteration::Type(EntityType::Person))],
        supports: vec![(source, first, sutra_model::ConceptId(8))],
        vectors: vec![StoredVector {
            model: 1,
            statement: sutra_model::ConceptId(8),
            values: vec![15_360; 8],
        }],
        forgotten: vec![SourceId(1), SourceId(2)],
        ..Change::default()
    };
    change.sort();
    let mut record = crate::change::record_of(&change, [7; 16]);
    record.totals = Totals {
        sources: 3,
        statements: 300,
        ..Totals::default()
    };
    let statement = KindRecord::Statement {
        sentence: Some(learned),
        passage: None,
        first,
        redacted: false,
    };
    let entity = KindRecord::Entity {
        name: "River 2".into(),
        entity_type: EntityType::Place,
        typed: Some(learned),
    };
    let concept = |kind| ConceptRecord {
        kind,
        learned,
        retired: None,
        associations: 4,
        retired_associations: 1,
    };
    vec![
        encode(&change),
        encode(&record),
        encode(&concept(statement)),
        encode(&concept(entity)),
        encode(&Stored::Kept(Some(vec![source]), vec![b'{'; 200])),
        encode(&Stored::Kept(None, vec![b'{'; 20])),
        encode(&Stored::Erased),
        encode(&NextIds::FIRST),
        encode(&ModelRecord {
            embedder,
            generation: 1,
            rows: 500,
        }),
        encode(&SupportRecord {
            length: 55,
            learned,
            retired: None,
        }),
        encode(&vec![(1_u64, 2_u32, 3_u64); 5]),
    ]
}
