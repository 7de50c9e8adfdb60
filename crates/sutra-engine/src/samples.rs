//! What the tests of this crate's modules share: a small store, and batches of one statement.

use std::path::Path;
use std::sync::Arc;

use sutra_model::{Batch, Roles, SourceDraft, StatementDraft};
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
