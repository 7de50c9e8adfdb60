//! A small engine, and facts to learn.

use std::path::Path;

use sutra_engine::{EmbedderId, Engine, OpenOptions};
use sutra_model::{
    AssociationDraft, AssociationKind, Batch, EntityDraft, EntityType, Roles, SourceDraft, StatementDraft,
    Validity,
};

/// Checks all that it can.
pub fn options() -> OpenOptions {
    let embedder = EmbedderId {
        fingerprint: "a".into(),
        dimension: 4,
    };
    OpenOptions {
        check_pages: true,
        cache_bytes: 1 << 20,
        ..OpenOptions::new(embedder)
    }
}

/// The engine of a folder.
pub fn open(folder: &Path) -> Engine {
    Engine::open(folder, options()).unwrap()
}

/// A passage under a title, and its one sentence, which mentions two names.
pub fn fact(number: usize, text: &str, names: [&str; 2]) -> Batch {
    let statement = |sentence| StatementDraft {
        source: 0,
        start: 0,
        end: text.len() as u64,
        roles: Roles {
            sentence,
            passage: !sentence,
        },
    };
    let mention = |object| AssociationDraft {
        subject: 1,
        relation: 0,
        object,
        evidence: 1,
        confidence: 0.9,
        validity: Validity::default(),
        rules: 1,
    };
    let mut vectors = [0.0; 4];
    vectors[number % 4] = 1.0;
    Batch {
        sources: vec![SourceDraft {
            address: format!("{number}.txt"),
            text: text.into(),
            title: format!("Title {number}"),
            ..SourceDraft::default()
        }],
        statements: vec![statement(false), statement(true)],
        entities: names
            .map(|name| EntityDraft {
                name: name.into(),
                entity_type: EntityType::Thing,
            })
            .to_vec(),
        relations: vec![("mentions".into(), AssociationKind::Semantic)],
        associations: vec![mention(2), mention(3)],
        vector_references: vec![0, 1],
        vectors: vectors.repeat(2),
        dimension: 4,
        ..Batch::default()
    }
}

/// Two facts.
#[allow(dead_code, reason = "not every test wants them")]
pub fn learned(folder: &Path) -> Engine {
    let engine = open(folder);
    engine
        .commit(fact(0, "The Aln flows past Alham.", ["Aln", "Alham"]))
        .unwrap();
    engine
        .commit(fact(
            1,
            "Alham belongs to Cheviot county.",
            ["Alham", "Cheviot county"],
        ))
        .unwrap();
    engine
}
