//! What newer rules find when they read statements again takes the place of what older ones derived.

#[path = "samples/mod.rs"]
mod samples;

use samples::{open, then};
use sutra_model::{
    AssociationDraft, AssociationKind, Batch, ConceptId, EntityDraft, EntityType, Error, Roles, SourceDraft,
    SourceId, StatementDraft, TransactionId, Validity,
};
use sutra_store::{Selection, Snapshot, Store};

const TEXT: &str = "The Aln rises at Alham. It ends at Alnmouth.";
const FIRST: ConceptId = ConceptId(1);

fn names(names: &[&str]) -> Vec<EntityDraft> {
    let draft = |name: &&str| EntityDraft {
        name: (*name).into(),
        entity_type: EntityType::Thing,
    };
    names.iter().map(draft).collect()
}

/// The statement at `evidence` mentions `object`.
fn mention(evidence: u32, object: u32, confidence: f32, rules: u32) -> AssociationDraft {
    AssociationDraft {
        subject: evidence,
        relation: 0,
        object,
        evidence,
        confidence,
        validity: Validity::default(),
        rules,
    }
}

/// Two sentences, numbers 1 and 2. The first mentions "Aln", "Alham" and, as it was given, "Northumberland".
fn learned(store: &Store) {
    let sentence = |start, end| StatementDraft {
        source: 0,
        start,
        end,
        roles: Roles {
            sentence: true,
            passage: false,
        },
    };
    let batch = Batch {
        sources: vec![SourceDraft {
            address: "aln.txt".into(),
            text: TEXT.into(),
            markup: vec![(4, 5), (17, 18)],
            ..SourceDraft::default()
        }],
        statements: vec![sentence(0, 23), sentence(24, 44)],
        entities: names(&["Aln", "Alham", "Northumberland"]),
        relations: vec![("mentions".into(), AssociationKind::Semantic)],
        associations: vec![
            mention(0, 2, 0.5, 1),
            mention(0, 3, 0.5, 1),
            mention(0, 4, 0.5, 0),
        ],
        ..Batch::default()
    };
    commit(store, batch);
}

/// References: the entities, then the statements by number.
fn reread(entities: &[&str], associations: Vec<AssociationDraft>) -> Batch {
    Batch {
        entities: names(entities),
        relations: vec![("mentions".into(), AssociationKind::Semantic)],
        known: vec![FIRST, ConceptId(2)],
        associations,
        ..Batch::default()
    }
}

fn commit(store: &Store, batch: Batch) {
    store.commit_at(0, &[batch]).unwrap().0.remove(0).unwrap();
}

fn mentioned(snapshot: &Snapshot) -> Vec<(u64, String, f32)> {
    let relations = snapshot.relations().unwrap();
    let mut found: Vec<(u64, String, f32)> = snapshot
        .associations(&relations)
        .unwrap()
        .into_iter()
        .map(|association| {
            let object = snapshot.concept(association.key.object).unwrap();
            let name = snapshot.words(&object).unwrap();
            (association.key.subject.0, name, association.confidence)
        })
        .collect();
    found.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    found
}

fn said(subject: u64, name: &str, confidence: f32) -> (u64, String, f32) {
    (subject, name.to_owned(), confidence)
}

#[test]
fn newer_rules_take_the_place_of_older_ones_and_leave_what_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    learned(&store);
    let before = then(&store.snapshot().unwrap(), 1);
    assert_eq!(store.snapshot().unwrap().outdated(1).unwrap(), 0);
    assert_eq!(store.snapshot().unwrap().outdated(2).unwrap(), 2);
    // "Aln" again and more surely, "Alnmouth" for the first time, "Northumberland" which nobody derived; "Alham" not.
    let again = vec![
        mention(3, 0, 0.9, 2),
        mention(4, 1, 0.8, 2),
        mention(3, 2, 0.9, 2),
    ];
    let batch = reread(&["Aln", "Alnmouth", "Northumberland"], again);
    commit(&store, batch.clone());
    let snapshot = store.snapshot().unwrap();
    let expected = [
        said(1, "Alham", 0.5),
        said(1, "Aln", 0.9),
        said(1, "Northumberland", 0.5),
        said(2, "Alnmouth", 0.8),
    ];
    assert_eq!(mentioned(&snapshot), expected);
    assert_eq!(snapshot.outdated(2).unwrap(), 1);
    // A second time changes nothing, and neither do older rules.
    commit(&store, batch);
    commit(&store, reread(&["Aln"], vec![mention(1, 0, 0.3, 1)]));
    assert_eq!(store.snapshot().unwrap().transaction(), TransactionId(2));
    let (retired, _) = store.retire_outdated(0, 2).unwrap();
    assert_eq!(retired, 1);
    assert_eq!(store.retire_outdated(0, 2).unwrap().0, 0);
    let snapshot = store.snapshot().unwrap();
    assert_eq!(mentioned(&snapshot), expected[1..]);
    // Nothing supports "Alham" any more, and what was known before can still be asked.
    assert_eq!(
        snapshot
            .entity("Alham")
            .unwrap()
            .map(|id| snapshot.lives(id).unwrap()),
        Some(false)
    );
    assert_eq!(then(&snapshot, 1), before);
    assert_eq!(snapshot.verify().unwrap().faults, [""; 0]);
    assert_eq!(snapshot.markup_of(SourceId(1)).unwrap(), [(4, 5), (17, 18)]);
}

#[test]
fn what_is_gone_meanwhile_supports_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    learned(&store);
    store
        .forget(0, &Selection::Sources(vec![SourceId(1)]), false)
        .unwrap();
    commit(&store, reread(&["Aln"], vec![mention(1, 0, 0.9, 2)]));
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.transaction(), TransactionId(2));
    assert_eq!(snapshot.markup_of(SourceId(1)).unwrap(), []);
    assert_eq!(mentioned(&snapshot), []);
}

#[test]
fn what_is_no_statement_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    learned(&store);
    let refused = |batch: Batch| {
        let error = store.commit_at(0, &[batch]).unwrap().0.remove(0).unwrap_err();
        assert!(matches!(error, Error::InvalidBatch { .. }));
        error.to_string()
    };
    let of_entity = Batch {
        known: vec![ConceptId(3)],
        ..reread(&["Aln"], vec![mention(1, 0, 0.9, 2)])
    };
    assert!(refused(of_entity).contains("concept 3 is an entity"));
    // An entity is no evidence, and there are two statements.
    let by_entity = reread(&["Aln", "Alham"], vec![mention(1, 0, 0.9, 2)]);
    assert!(refused(by_entity).contains("its evidence is not a statement"));
    assert!(refused(reread(&[], vec![mention(2, 0, 0.9, 2)])).contains("not in the batch"));
    let twice = reread(&[], vec![mention(0, 1, 0.9, 2)]);
    let twice = Batch {
        known: vec![FIRST, FIRST],
        ..twice
    };
    assert!(refused(twice).contains("both ends are the same concept"));
    let marked = |markup| Batch {
        sources: vec![SourceDraft {
            address: "a.txt".into(),
            text: "Zürich".into(),
            markup,
            ..SourceDraft::default()
        }],
        ..Batch::default()
    };
    for markup in [vec![(0, 9)], vec![(1, 2)], vec![(3, 4), (0, 1)], vec![(3, 3)]] {
        assert!(refused(marked(markup)).contains("its markup"));
    }
}
