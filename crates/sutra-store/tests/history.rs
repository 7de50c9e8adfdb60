//! What a transaction did can be told again, whole, and is vouched for by a chain of hashes.

use std::path::Path;

use redb::{Database, ReadableTable, TableDefinition};
use sutra_model::{
    AssociationDraft, AssociationKind, Batch, ConceptId, EntityDraft, EntityType, LogPosition, Roles,
    SourceDraft, StatementDraft, TransactionId, Validity,
};
use sutra_store::{Alteration, EmbedderId, NewConcept, OpenOptions, Receipt, Store};

fn open(folder: &Path) -> Store {
    let embedder = EmbedderId {
        fingerprint: "a".into(),
        dimension: 2,
    };
    Store::open(folder, OpenOptions::new(embedder)).unwrap()
}

fn commit(store: &Store, time: i64, batch: Batch) -> Receipt {
    let (mut receipts, _) = store.commit_at(time, &[batch]).unwrap();
    receipts.remove(0).unwrap()
}

/// A source of one sentence, which says something of an entity.
fn told(address: &str, text: &str, name: &str, entity_type: EntityType, passage: bool) -> Batch {
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
            roles: Roles {
                sentence: true,
                passage,
            },
        }],
        entities: vec![EntityDraft {
            name: name.into(),
            entity_type,
        }],
        relations: vec![("mentions".into(), AssociationKind::Semantic)],
        associations: vec![AssociationDraft {
            subject: 0,
            relation: 0,
            object: 1,
            evidence: 0,
            confidence: 0.5,
            validity: Validity {
                from: Some(3),
                to: None,
            },
            rules: 9,
        }],
        vector_references: vec![0],
        vectors: vec![0.0, 2.0],
        dimension: 2,
        ..Batch::default()
    }
}

const TEXT: &str = "Mara Holt keeps the lighthouse.";

fn learned(store: &Store) {
    commit(
        store,
        1000,
        told("a.txt", TEXT, "Mara Holt", EntityType::Thing, false),
    );
    commit(
        store,
        2000,
        told("b.txt", TEXT, "Mara Holt", EntityType::Person, true),
    );
    commit(
        store,
        3000,
        told("c.txt", "Mara Holt sings.", "Mara Holt", EntityType::Person, true),
    );
}

#[test]
fn a_transaction_tells_what_it_learned_as_it_was_then() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    learned(&store);
    drop(store);
    let snapshot = open(folder.path()).snapshot().unwrap();
    let change = |number| snapshot.change(TransactionId(number)).unwrap().unwrap();

    let first = change(1);
    assert_eq!((first.transaction, first.time), (TransactionId(1), 1000));
    assert_eq!(first.sources[0].1, TEXT);
    assert_eq!(first.sources[0].0.address, "a.txt");
    assert_eq!(first.relations[0].1.name, "mentions");
    let sentence = Roles {
        sentence: true,
        passage: false,
    };
    assert_eq!(
        first.concepts,
        [
            (ConceptId(1), NewConcept::Statement(sentence)),
            (
                ConceptId(2),
                NewConcept::Entity("Mara Holt".into(), EntityType::Thing)
            ),
        ]
    );
    let (statement, _, evidence, rules) = &first.evidence[0];
    assert_eq!((statement.0, evidence.confidence, *rules), (1, 0.5, 9));
    assert_eq!(evidence.validity.from, Some(3));
    assert_eq!(first.vectors[0].values, [0, 0x3C00]);

    let second = change(2);
    let gained = Roles {
        sentence: false,
        passage: true,
    };
    assert_eq!(
        second.altered,
        [
            (ConceptId(1), Alteration::Roles(gained)),
            (ConceptId(2), Alteration::Type(EntityType::Person)),
        ]
    );
    // The sentence was known, and so was what it says.
    assert_eq!((second.supports.len(), second.concepts.len()), (1, 0));
    assert_eq!((second.evidence.len(), second.vectors.len()), (0, 0));

    let third = change(3);
    assert_eq!((third.concepts.len(), third.altered.len()), (1, 0));
    assert_eq!(snapshot.change(TransactionId(4)).unwrap(), None);
    assert!(snapshot.verify().unwrap().faults.is_empty());
}

#[test]
fn times_rise_whatever_the_clock_says() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for (number, time) in [500, 400, 400].into_iter().enumerate() {
        let address = format!("{number}.txt");
        let text = format!("Fact {number}.");
        commit(
            &store,
            time,
            told(&address, &text, "Fact", EntityType::Thing, false),
        );
    }
    let snapshot = store.snapshot().unwrap();
    let time = |number| snapshot.change(TransactionId(number)).unwrap().unwrap().time;
    assert_eq!([time(1), time(2), time(3)], [500, 501, 502]);
}

const CHANGES: TableDefinition<u64, &[u8]> = TableDefinition::new("changes");
const SOURCES: TableDefinition<u64, &[u8]> = TableDefinition::new("sources");

/// Exchanges one byte, at the last place where `from` stands in a row.
fn tamper(folder: &Path, table: TableDefinition<u64, &[u8]>, row: u64, from: &[u8], to: u8) {
    let database = Database::open(folder.join("storage.dat")).unwrap();
    let write = database.begin_write().unwrap();
    {
        let mut table = write.open_table(table).unwrap();
        let mut bytes = table.get(row).unwrap().unwrap().value().to_vec();
        let at = bytes
            .windows(from.len())
            .rposition(|window| window == from)
            .unwrap();
        bytes[at] = to;
        table.insert(row, bytes.as_slice()).unwrap();
    }
    write.commit().unwrap();
}

/// What both ways of verifying find.
fn faults(folder: &Path) -> [Vec<String>; 2] {
    let snapshot = open(folder).snapshot().unwrap();
    [
        snapshot.verify_quickly().unwrap().faults,
        snapshot.verify().unwrap().faults,
    ]
}

#[test]
fn a_letter_of_a_title_that_was_exchanged_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut batch = told("a.txt", TEXT, "Mara Holt", EntityType::Person, false);
    batch.sources[0].title = "Keepers".into();
    commit(&store, 1000, batch);
    drop(store);
    assert_eq!(faults(folder.path()), [[""; 0]; 2]);
    tamper(folder.path(), SOURCES, 1, b"Keepers", b'B');
    for found in faults(folder.path()) {
        assert_eq!(found, ["what transaction 1 learned does not have its SHA-256"]);
    }
}

#[test]
fn a_transaction_that_was_altered_breaks_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    learned(&store);
    drop(store);
    // The time of the second transaction, 2000, zigzag and in groups of seven bits.
    tamper(folder.path(), CHANGES, 2, &[0xA0, 0x1F], 0xA2);
    for found in faults(folder.path()) {
        assert!(found.contains(&"the chain of transactions is broken at 2".to_owned()));
    }
}

#[test]
fn a_long_text_is_read_across_its_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    // A character of three bytes stands across the end of the first chunk.
    let mut text = "x".repeat((64 << 10) - 1);
    let start = text.len() as u64 - 4;
    text += "\u{20AC} and on.";
    let end = text.len() as u64;
    text += &" More.".repeat(30_000);
    let mut batch = told("long.txt", &text, "Euro", EntityType::Thing, false);
    batch.statements[0].start = start;
    batch.statements[0].end = end;
    commit(&store, 1000, batch);
    drop(store);
    let snapshot = open(folder.path()).snapshot().unwrap();
    let concept = snapshot.concept(ConceptId(1)).unwrap();
    assert_eq!(snapshot.words(&concept).unwrap(), "xxxx\u{20AC} and on.");
    let source = snapshot.source(sutra_model::SourceId(1)).unwrap().unwrap();
    assert_eq!(snapshot.source_text(&source).unwrap(), text);
    assert!(snapshot.verify().unwrap().faults.is_empty());
}

#[test]
fn a_position_in_an_outside_log_is_kept_with_what_was_learned_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let position = |sequence| LogPosition {
        log: *b"sixteen bytes it",
        sequence,
    };
    let batch = |sequence| Batch {
        position: Some(position(sequence)),
        ..told("a", "The Aln rises.", "Aln", EntityType::Place, true)
    };
    let store = open(folder.path());
    assert_eq!(store.log_position().unwrap(), None);
    commit(&store, 1, batch(7));
    // All of it is known, and the log went on.
    let receipt = commit(&store, 2, batch(8));
    assert_eq!(receipt.transaction, TransactionId(1));
    commit(
        &store,
        3,
        told("b", "The Venn rises.", "Venn", EntityType::Place, true),
    );
    store.purge().unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.log_position().unwrap(), Some(position(8)));
    // What is refused moves nothing.
    let mut refused = batch(9);
    refused.associations[0].confidence = 2.0;
    assert!(store.commit_at(4, &[refused]).unwrap().0.remove(0).is_err());
    assert_eq!(store.log_position().unwrap(), Some(position(8)));
}
