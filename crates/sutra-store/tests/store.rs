//! The store as its users see it: what is acknowledged stays, what is refused leaves no trace.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sutra_model::{
    AssociationDraft, AssociationKind, Batch, ConceptId, ConceptKind, EntityDraft, EntityType, Error,
    Language, Roles, SourceDraft, StatementDraft, TransactionId, Validity,
};
use sutra_store::{
    Disk, EmbedderId, FileSystem, OpenOptions, PassageEntry, Receipt, RecordedAnswer, Store, SyncReason,
};

const SENTENCE: Roles = Roles {
    sentence: true,
    passage: false,
};
const BOTH: Roles = Roles {
    sentence: true,
    passage: true,
};

fn options(fingerprint: &str) -> OpenOptions {
    let embedder = EmbedderId {
        fingerprint: fingerprint.to_owned(),
        dimension: 3,
    };
    OpenOptions {
        check_pages: true,
        cache_bytes: 1 << 20,
        ..OpenOptions::new(embedder)
    }
}

fn open(folder: &Path) -> Store {
    Store::open(folder, options("a")).unwrap()
}

/// One source with one statement that mentions one entity, and the statement's vector.
fn fact(address: &str, text: &str, name: &str) -> Batch {
    Batch {
        sources: vec![SourceDraft {
            address: address.into(),
            text: text.into(),
            ..SourceDraft::default()
        }],
        statements: vec![StatementDraft {
            source: 0,
            start: 0,
            end: text.len() as u64,
            roles: BOTH,
        }],
        entities: vec![EntityDraft {
            name: name.into(),
            entity_type: EntityType::Thing,
        }],
        relations: vec![("mentions".into(), AssociationKind::Semantic)],
        associations: vec![AssociationDraft {
            subject: 0,
            relation: 0,
            object: 1,
            evidence: 0,
            confidence: 0.5,
            validity: Validity::default(),
            rules: 7,
        }],
        vector_references: vec![0],
        vectors: vec![1.0, 2.0, 2.0],
        dimension: 3,
        ..Batch::default()
    }
}

fn commit(store: &Store, batch: Batch) -> Receipt {
    store.commit(&[batch]).unwrap().0.remove(0).unwrap()
}

/// A commit so large that it syncs its vectors, and those before.
fn commit_many(store: &Store) {
    let facts: Vec<Batch> = (0..50)
        .map(|number| fact("many.txt", &format!("Fact {number} of many."), "Many"))
        .collect();
    for receipt in store.commit(&facts).unwrap().0 {
        receipt.unwrap();
    }
}

#[test]
fn everything_acknowledged_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let receipt = commit(&store, fact("a.txt", "The Aln rises at Alham.", "Aln"));
    assert_eq!(receipt.concepts, [1, 2]);
    drop(store);

    let snapshot = open(folder.path()).snapshot().unwrap();
    assert_eq!(snapshot.transaction(), TransactionId(1));
    let concept = snapshot.concept(ConceptId(1)).unwrap();
    let ConceptKind::Statement { first, .. } = concept.kind else {
        panic!("not a statement")
    };
    assert_eq!(snapshot.text(first).unwrap(), "The Aln rises at Alham.");
    assert_eq!(snapshot.entity("aln").unwrap(), Some(ConceptId(2)));
    assert_eq!(snapshot.vector_row(ConceptId(1)).unwrap(), Some(0));
    assert!(snapshot.verify().unwrap().faults.is_empty());
}

/// Refuses to sync folders of this name, as file systems that are only read do.
#[derive(Debug)]
struct Refusing(&'static str, i32);

impl Disk for Refusing {
    fn sync_folder(&self, path: &Path, reason: SyncReason) -> std::io::Result<()> {
        if path.ends_with(self.0) {
            return Err(std::io::Error::from_raw_os_error(self.1));
        }
        FileSystem.sync_folder(path, reason)
    }
}

#[test]
fn a_folder_above_that_cannot_be_synced_is_no_obstacle() {
    let refused = |name, number| {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions {
            disk: Arc::new(Refusing(name, number)),
            ..options("a")
        };
        Store::open(&folder.path().join("above/store"), options).err()
    };
    const INVALID: i32 = 22;
    const BROKEN: i32 = 5;
    assert!(refused("above", INVALID).is_none());
    assert!(matches!(refused("store", INVALID), Some(Error::Io { .. })));
    assert!(matches!(refused("above", BROKEN), Some(Error::Io { .. })));
}

#[test]
fn the_same_source_changes_nothing_and_another_adds_support() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let text = "The Aln rises at Alham.";
    commit(&store, fact("a.txt", text, "Aln"));
    let again = commit(&store, fact("a.txt", text, "Aln"));
    assert_eq!(
        (again.transaction, again.new_sources, again.concepts),
        (TransactionId(1), 0, vec![1, 2])
    );

    let other = commit(&store, fact("b.txt", text, "Aln"));
    assert_eq!(
        (other.transaction, other.new_sources, other.new_concepts),
        (TransactionId(2), 1, 0)
    );
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.supports(ConceptId(1), 10).unwrap().len(), 2);
    assert_eq!(
        snapshot.totals().evidence,
        1,
        "one sentence is one piece of evidence, however often it is told"
    );
    assert!(snapshot.verify().unwrap().faults.is_empty());
}

#[test]
fn independent_statements_reinforce_an_association() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut batch = fact("a.txt", "One. Two.", "Thing");
    batch.statements = vec![
        StatementDraft {
            source: 0,
            start: 0,
            end: 4,
            roles: SENTENCE,
        },
        StatementDraft {
            source: 0,
            start: 5,
            end: 9,
            roles: SENTENCE,
        },
    ];
    batch.entities.push(EntityDraft {
        name: "Other".into(),
        entity_type: EntityType::Place,
    });
    let edge = |evidence| AssociationDraft {
        subject: 2,
        relation: 0,
        object: 3,
        evidence,
        confidence: 0.5,
        validity: Validity::default(),
        rules: 7,
    };
    batch.associations = vec![edge(0), edge(1), edge(1)];
    let receipt = commit(&store, batch);
    assert_eq!(receipt.new_associations, 1);
    let snapshot = store.snapshot().unwrap();
    let associations = snapshot.associations(&snapshot.relations().unwrap()).unwrap();
    assert_eq!(
        (associations[0].evidence_count, associations[0].confidence),
        (2, 0.75)
    );
}

#[test]
fn a_refused_batch_leaves_no_trace_and_its_neighbours_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut bad = fact("bad.txt", "Bad.", "Bad");
    bad.vectors[1] = f32::NAN;
    let group = [
        fact("a.txt", "First fact.", "A"),
        bad,
        fact("c.txt", "Second fact.", "C"),
    ];
    let (receipts, _) = store.commit(&group).unwrap();
    assert_eq!(receipts[1].as_ref().unwrap_err().code(), "invalid_batch");
    assert_eq!(receipts[2].as_ref().unwrap().transaction, TransactionId(2));
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.totals().sources, 2);
    assert_eq!(snapshot.entity("Bad").unwrap(), None);
    assert!(snapshot.verify().unwrap().faults.is_empty());
}

#[test]
fn misuse_is_named_and_stores_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    type Spoil = fn(&mut Batch);
    let cases: [(&str, Spoil); 12] = [
        ("address is empty", |batch| batch.sources[0].address.clear()),
        ("not a range of characters", |batch| batch.statements[0].end = 99),
        ("text is empty", |batch| batch.sources[0].text = " ".repeat(11)),
        ("neither sentence nor passage", |batch| {
            batch.statements[0].roles = Roles::default()
        }),
        ("sentence and passage at once", |batch| {
            batch.sources[0].title = "Facts".into()
        }),
        ("evidence is not a statement", |batch| {
            batch.associations[0].evidence = 1
        }),
        ("both ends are the same", |batch| batch.associations[0].object = 0),
        ("confidence is not in", |batch| {
            batch.associations[0].confidence = 0.0
        }),
        ("all zero", |batch| batch.vectors.fill(0.0)),
        ("no vectors were given", |batch| {
            batch.vectors.clear();
            batch.dimension = 0;
        }),
        ("ends to hold before it begins", |batch| {
            batch.associations[0].validity = Validity {
                from: Some(2),
                to: Some(1),
            };
        }),
        ("its name is over 1 MiB", |batch| {
            batch.entities[0].name = "a".repeat(2 << 20)
        }),
    ];
    for (reason, spoil) in cases {
        let mut batch = fact("a.txt", "First fact.", "A");
        spoil(&mut batch);
        let error = store.commit(&[batch]).unwrap().0.remove(0).unwrap_err();
        assert!(
            error.to_string().contains(reason),
            "{error} does not say {reason:?}"
        );
    }
    assert_eq!(store.snapshot().unwrap().transaction(), TransactionId(0));
}

#[test]
fn a_relation_keeps_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, fact("a.txt", "First fact.", "A"));
    let mut batch = fact("b.txt", "Second fact.", "B");
    batch.relations[0].1 = AssociationKind::Causal;
    assert_eq!(
        store.commit(&[batch]).unwrap().0.remove(0).unwrap_err().code(),
        "invalid_batch"
    );
}

#[test]
fn a_snapshot_does_not_see_what_comes_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, fact("a.txt", "First fact.", "A"));
    let before = store.snapshot().unwrap();
    commit(&store, fact("b.txt", "Second fact.", "B"));
    assert_eq!(before.transaction(), TransactionId(1));
    assert!(matches!(
        before.concept(ConceptId(3)),
        Err(Error::UnknownConcept(3))
    ));
    assert_eq!(store.snapshot().unwrap().totals().sources, 2);
}

#[test]
fn a_sentence_that_becomes_a_passage_is_reported_to_the_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut batch = fact("a.txt", "First fact.", "A");
    batch.sources[0].title = "Facts".into();
    batch.statements[0].roles = SENTENCE;
    commit(&store, batch);
    let (_, updates) = store.commit(&[fact("b.txt", "First fact.", "A")]).unwrap();
    assert_eq!(
        updates.passages,
        [PassageEntry {
            concept: ConceptId(1),
            document: "First fact.".to_owned(),
            language: Language::English,
        }]
    );
    assert!(updates.vectors[0].passage && !updates.vectors[0].sentence);
    assert_eq!(store.snapshot().unwrap().totals().passages, 1);
}

#[test]
fn a_second_opening_and_another_embedder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert_eq!(
        Store::open(folder.path(), options("a")).unwrap_err().code(),
        "store_locked"
    );
    drop(store);
    assert_eq!(
        Store::open(folder.path(), options("b")).unwrap_err().code(),
        "embedder_mismatch"
    );
    assert_eq!(
        Store::embedder_of(folder.path(), false)
            .unwrap()
            .unwrap()
            .fingerprint,
        "a"
    );
    assert!(Store::open(folder.path(), options("a")).is_ok());
}

#[test]
fn an_embedder_that_the_files_cannot_hold_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    for (fingerprint, dimension) in [("a", 0), ("a", 4097), ("", 3), (&"a".repeat(65)[..], 3)] {
        let embedder = EmbedderId {
            fingerprint: fingerprint.to_owned(),
            dimension,
        };
        let options = OpenOptions {
            embedder,
            ..options("a")
        };
        let error = Store::open(&folder.path().join("new"), options).unwrap_err();
        assert_eq!(error.code(), "invalid_value");
    }
    assert!(!folder.path().join("new").exists());
}

#[test]
fn vectors_without_their_truth_are_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, fact("a.txt", "First fact.", "A"));
    drop(store);
    let (truth, away) = (folder.path().join("storage.dat"), folder.path().join("away"));
    std::fs::rename(&truth, &away).unwrap();
    assert_eq!(
        Store::open(folder.path(), options("a")).unwrap_err().code(),
        "store_corrupt"
    );
    std::fs::rename(&away, &truth).unwrap();
    assert!(
        open(folder.path())
            .snapshot()
            .unwrap()
            .verify()
            .unwrap()
            .faults
            .is_empty()
    );
}

#[test]
fn what_changes_nothing_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, fact("a.txt", "First fact.", "A"));
    let before = std::fs::metadata(store.path()).unwrap().modified().unwrap();
    commit(&store, fact("a.txt", "First fact.", "A"));
    commit(&store, Batch::default());
    assert_eq!(
        std::fs::metadata(store.path()).unwrap().modified().unwrap(),
        before
    );
}

#[test]
fn a_file_that_is_no_store_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("storage.dat"), "not a database ".repeat(1000)).unwrap();
    let error = Store::open(folder.path(), options("a")).unwrap_err();
    assert_eq!(error.code(), "store_corrupt");
    assert!(error.to_string().contains("storage.dat"));
}

#[test]
fn rot_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, fact("a.txt", "The Aln rises at Alham.", "Aln"));
    drop(store);
    let rot = || {
        flip(
            &folder.path().join("vectors/00000001.vec"),
            b"SUTRAVEC",
            4096 + 20,
        )
    };
    // As long as a vector stands in the database too, it is written again.
    rot();
    let store = open(folder.path());
    assert!(store.snapshot().unwrap().verify().unwrap().faults.is_empty());
    commit_many(&store);
    drop(store);
    rot();
    let quick = open(folder.path()).snapshot().unwrap().verify_quickly().unwrap();
    assert_eq!(quick.faults.len(), 1, "{:?}", quick.faults);
    let report = open(folder.path()).snapshot().unwrap().verify().unwrap();
    assert_eq!(report.faults.len(), 2, "{:?}", report.faults);
    assert!(report.faults[0].contains("the vector of statement 1"));
    assert!(report.faults[1].contains("statement 1 (row 0)"));

    flip(&folder.path().join("storage.dat"), b"The Aln rises", 4);
    assert_eq!(
        Store::open(folder.path(), options("a")).unwrap_err().code(),
        "store_corrupt"
    );
}

/// Changes one byte, `offset` after the first place where `needle` stands.
fn flip(path: &Path, needle: &[u8], offset: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    let found: Vec<usize> = (0..bytes.len() - needle.len())
        .filter(|at| bytes[*at..].starts_with(needle))
        .collect();
    assert!(!found.is_empty());
    for at in found {
        bytes[at + offset] ^= 1;
    }
    std::fs::write(path, bytes).unwrap();
}

fn read_only() -> OpenOptions {
    OpenOptions {
        read_only: true,
        ..options("a")
    }
}

/// Every file below a folder with its bytes and the time of its last change.
fn files(folder: &Path) -> BTreeMap<std::path::PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let changed = std::fs::metadata(&path).unwrap().modified().unwrap();
            found.insert(path.clone(), (std::fs::read(&path).unwrap(), changed));
        }
    }
    found
}

#[test]
fn reading_only_changes_nothing_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, fact("a.txt", "First fact.", "A"));
    // As a process that is killed leaves it: the database was not closed.
    let killed = tempfile::tempdir().unwrap();
    std::fs::create_dir(killed.path().join("vectors")).unwrap();
    for file in files(folder.path()).keys() {
        let name = file.strip_prefix(folder.path()).unwrap();
        std::fs::copy(file, killed.path().join(name)).unwrap();
    }
    drop(store);
    for folder in [folder.path(), killed.path()] {
        let before = files(folder);
        assert_eq!(
            Store::embedder_of(folder, true).unwrap().unwrap().fingerprint,
            "a"
        );
        let store = Store::open(folder, read_only()).unwrap();
        let beside = Store::open(folder, read_only()).unwrap();
        assert!(beside.snapshot().unwrap().verify().unwrap().faults.is_empty());
        let error = store.commit(&[fact("b.txt", "Second fact.", "B")]).unwrap_err();
        assert_eq!(error.code(), "read_only");
        let answers = BTreeMap::from([("one".to_owned(), RecordedAnswer::default())]);
        assert_eq!(store.put_answers(&answers).unwrap_err().code(), "read_only");
        assert_eq!(store.snapshot().unwrap().totals().statements, 1);
        assert_eq!(store.answer("one").unwrap(), None);
        drop((store, beside));
        assert_eq!(files(folder), before);
        open(folder);
    }
}

#[test]
fn reading_only_makes_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    for place in [&absent, folder.path()] {
        let error = Store::open(place, read_only()).unwrap_err();
        assert_eq!(error.code(), "io_error");
        assert!(error.to_string().contains("there is no store yet"), "{error}");
        assert_eq!(Store::embedder_of(place, true).unwrap(), None);
    }
    assert!(files(folder.path()).is_empty() && !absent.exists());
}

#[test]
fn a_lock_names_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let owner = format!("process {}", std::process::id());
    let store = open(folder.path());
    for options in [options("a"), read_only()] {
        let error = Store::open(folder.path(), options).unwrap_err();
        assert_eq!(error.code(), "store_locked");
        assert!(
            !cfg!(target_os = "linux") || error.to_string().contains(&owner),
            "{error}"
        );
    }
    drop(store);
    let reader = Store::open(folder.path(), read_only()).unwrap();
    let error = Store::open(folder.path(), options("a")).unwrap_err();
    assert_eq!(error.code(), "store_locked");
    assert!(
        !cfg!(target_os = "linux") || error.to_string().contains(&owner),
        "{error}"
    );
    drop(reader);
    open(folder.path());
}

#[test]
fn a_store_that_was_not_finished_is_made_anew() {
    let whole = tempfile::tempdir().unwrap();
    drop(open(whole.path()));
    let whole = std::fs::read(whole.path().join("storage.dat")).unwrap();
    for length in [0, 1, 320, 4096, whole.len() / 2, whole.len()] {
        let folder = tempfile::tempdir().unwrap();
        let draft = folder.path().join("storage.dat.new");
        std::fs::write(&draft, &whole[..length]).unwrap();
        std::fs::create_dir(folder.path().join("vectors")).unwrap();
        let store = open(folder.path());
        commit(&store, fact("a.txt", "First fact.", "A"));
        drop(store);
        assert_eq!(open(folder.path()).snapshot().unwrap().totals().statements, 1);
        assert!(!draft.exists());
    }
}
