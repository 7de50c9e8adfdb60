//! A small store that holds a bit of everything, as its files are when it is closed.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use sutra_engine::{EmbedderId, Engine, OpenOptions, RecordedAnswer, Selection};
use sutra_model::{
    AssociationDraft, AssociationKind, Batch, EntityDraft, EntityType, Result, Roles, SourceDraft, SourceId,
    StatementDraft, Validity,
};

const DIMENSION: usize = 8;
/// So few that there are full files of vectors.
const ROWS_PER_FILE: u64 = 64;
/// Sentences of each of the sources.
const SENTENCES: usize = 30;
const SOURCES: usize = 4;

/// The files of a store.
#[derive(Debug)]
pub struct Sample {
    /// `storage.dat`.
    pub database: Vec<u8>,
    /// `vectors/00000001.vec`, which is full, and `vectors/00000002.vec`.
    pub columns: [Vec<u8>; 2],
}

/// The sample, which is made once in a process.
pub fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| made().expect("a sound store is made on a sound disk"))
}

fn made() -> Result<Sample> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let engine = Engine::open(folder.path(), options())?;
    for number in 0..SOURCES {
        engine.commit(batch(number))?;
    }
    let answer = RecordedAnswer {
        sources: vec![SourceId(2)],
        record: vec![b'a'; 300],
        ..RecordedAnswer::default()
    };
    engine.put_answer("an answer".to_owned(), answer)?;
    engine.forget(&Selection::Sources(vec![SourceId(1)]), false)?;
    engine.close()?;
    drop(engine);
    let read = |name: &str| fs::read(folder.path().join(name)).expect("a file of the store");
    Ok(Sample {
        database: read("storage.dat"),
        columns: [read("vectors/00000001.vec"), read("vectors/00000002.vec")],
    })
}

/// How the sample is opened.
pub(crate) fn options() -> OpenOptions {
    let embedder = EmbedderId {
        fingerprint: "a".to_owned(),
        dimension: DIMENSION,
    };
    OpenOptions {
        cache_bytes: 1 << 20,
        rows_per_file: ROWS_PER_FILE,
        ..OpenOptions::new(embedder)
    }
}

/// A vector that is not zero.
pub(crate) fn vector(number: usize) -> Vec<f32> {
    let mut vector = vec![0.25; DIMENSION];
    vector[number % DIMENSION] = 1.0 + number as f32 / 100.0;
    vector
}

/// A source with sentences, what they mention and how these are related.
pub(crate) fn batch(number: usize) -> Batch {
    let mut batch = Batch {
        dimension: DIMENSION,
        relations: vec![("mentions".into(), AssociationKind::Semantic)],
        ..Batch::default()
    };
    let mut text = String::new();
    for line in 0..SENTENCES {
        let start = text.len() as u64;
        text += &format!("Station {line} of line {number} lies on River {}.", line % 5);
        batch.statements.push(StatementDraft {
            source: 0,
            start,
            end: text.len() as u64,
            roles: Roles {
                sentence: true,
                passage: line % 3 == 0,
            },
        });
        text.push('\n');
        batch.vector_references.push(line as u32);
        batch.vectors.extend(vector(number * SENTENCES + line));
        batch.associations.push(AssociationDraft {
            subject: line as u32,
            relation: 0,
            object: (SENTENCES + line % 5) as u32,
            evidence: line as u32,
            confidence: 0.5,
            validity: Validity::default(),
            rules: 1,
        });
    }
    batch.entities = (0..5)
        .map(|river| EntityDraft {
            name: format!("River {river}"),
            entity_type: EntityType::Place,
        })
        .collect();
    batch.sources.push(SourceDraft {
        address: format!("{number}.txt"),
        text,
        ..SourceDraft::default()
    });
    batch
}

/// Writes the sample's files, with one of them replaced.
pub(crate) fn write(folder: &Path, database: &[u8], columns: [&[u8]; 2]) {
    let vectors = folder.join("vectors");
    fs::create_dir_all(&vectors).expect("a folder of the store");
    let files = [
        (folder.join("storage.dat"), database),
        (vectors.join("00000001.vec"), columns[0]),
        (vectors.join("00000002.vec"), columns[1]),
    ];
    for (path, bytes) in files {
        fs::write(path, bytes).expect("a file of the store");
    }
}
