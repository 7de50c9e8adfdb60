//! What the tests of this crate's modules share: a small store, and batches of one statement.

use std::path::Path;
use std::sync::Arc;

use sutra_model::{
    AssociationDraft, AssociationKind, Batch, EntityDraft, EntityType, Roles, SourceDraft, StatementDraft,
    Validity,
};
use sutra_store::{EmbedderId, OpenOptions, Store};

/// Components of its vectors.
pub(crate) const DIMENSION: usize = 4;

/// A new store.
pub(crate) fn store(folder: &Path) -> Arc<Store> {
    let embedder = EmbedderId {
        fingerprint: "a".into(),
        dimension: DIMENSION,
    };
    Arc::new(Store::open(folder, OpenOptions::new(embedder)).unwrap())
}

/// A sentence of its own source, with a vector of its own.
pub(crate) fn sentence(number: usize) -> Batch {
    let text = format!("Sentence {number}.");
    let statement = StatementDraft {
        source: 0,
        start: 0,
        end: text.len() as u64,
        roles: Roles {
            sentence: true,
            passage: false,
        },
    };
    let mut vector = vec![0.1; DIMENSION];
    vector[number % DIMENSION] = 1.0;
    Batch {
        sources: vec![SourceDraft {
            address: format!("{number}.txt"),
            text,
            ..SourceDraft::default()
        }],
        statements: vec![statement],
        vector_references: vec![0],
        vectors: vector,
        dimension: DIMENSION,
        ..Batch::default()
    }
}

/// A text of an address: one sentence, which mentions a thing.
pub(crate) fn version(address: usize, number: usize) -> Batch {
    let mut batch = sentence(number);
    batch.sources[0].address = format!("address {address}");
    batch.sources[0].last = true;
    if number.is_multiple_of(2) {
        batch.sources[0].attributes.insert("language".into(), "de".into());
    }
    batch.statements[0].roles.passage = true;
    batch.entities.push(EntityDraft {
        name: format!("Thing {}", number % 3),
        entity_type: EntityType::Thing,
    });
    batch
        .relations
        .push(("mentions".into(), AssociationKind::Semantic));
    batch.associations.push(AssociationDraft {
        subject: 0,
        relation: 0,
        object: 1,
        evidence: 0,
        confidence: 0.5,
        validity: Validity::default(),
        rules: 0,
    });
    batch
}
