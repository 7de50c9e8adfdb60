//! What stores of these tests learn.

use std::path::Path;

use sutra_faults::Random;
use sutra_model::{
    AssociationDraft, AssociationKind, Batch, Concept, ConceptKind, EntityDraft, EntityType, RelationId,
    Roles, SourceDraft, SourceId, StatementDraft, TransactionId, Validity,
};
use sutra_store::{EmbedderId, Filter, OpenOptions, Snapshot, Store};

const DIMENSION: usize = 2;
/// Statements and names of which sources are made: few, so that sources share them.
const POOL: u64 = 6;

pub fn open(folder: &Path) -> Store {
    open_of(folder, "a")
}

pub fn open_of(folder: &Path, fingerprint: &str) -> Store {
    let embedder = EmbedderId {
        fingerprint: fingerprint.into(),
        dimension: DIMENSION,
    };
    Store::open(folder, OpenOptions::new(embedder)).unwrap()
}

/// A source as [`batch`] makes it, under one of a few addresses.
#[allow(dead_code, reason = "not every test learns versions")]
pub fn version(random: &mut Random) -> Batch {
    let address = random.below(4);
    let mut batch = batch(random, address);
    // Some begin where another one may end.
    batch.sources[0].offset = 20 * random.below(3);
    batch.sources[0].last = random.one_in(2);
    batch
}

/// What rules of a version find when they read a source of [`batch`] again: other things than before, or the same.
#[allow(dead_code, reason = "not every test reads again")]
pub fn reread(random: &mut Random, snapshot: &Snapshot, source: SourceId, rules: u32) -> Batch {
    let mut batch = Batch {
        relations: vec![
            ("mentions".into(), AssociationKind::Semantic),
            ("contains".into(), AssociationKind::Hierarchical),
        ],
        ..Batch::default()
    };
    let statements = snapshot.statements_in(source).unwrap();
    batch.entities = (0..3)
        .map(|number| EntityDraft {
            name: format!("Thing {number}"),
            entity_type: EntityType::Thing,
        })
        .collect();
    let known = |position: usize| batch.entities.len() as u32 + position as u32;
    for (position, (id, ..)) in statements.iter().enumerate() {
        let (object, relation) = match position + 1 < statements.len() && random.one_in(2) {
            true => (known(position + 1), 1),
            false => (random.below(3) as u32, 0),
        };
        batch.known.push(*id);
        if random.one_in(5) || (relation == 1 && statements[position + 1].0 == *id) {
            continue;
        }
        batch.associations.push(AssociationDraft {
            subject: known(position),
            relation,
            object,
            evidence: known(position),
            confidence: 0.5 + 0.1 * random.below(2) as f32,
            validity: Validity::default(),
            rules,
        });
    }
    batch
}

/// What a state says of an earlier transaction, or of its own.
#[allow(dead_code, reason = "not every test asks for the past")]
pub fn then(snapshot: &Snapshot, transaction: u64) -> String {
    let filter = Filter {
        as_of: Some(TransactionId(transaction)),
        ..Filter::default()
    };
    let relations = snapshot.relations().unwrap();
    let mut said = snapshot.said(&filter, &relations).unwrap();
    said.associations
        .sort_unstable_by_key(|association| association.key);
    let mut places = Vec::new();
    let mut statements: Vec<_> = said.statements.keys().copied().collect();
    statements.sort_unstable();
    for id in statements {
        places.push((id, snapshot.supports_within(id, usize::MAX, &said).unwrap()));
    }
    let mut evidence = Vec::new();
    for association in &said.associations {
        let found = snapshot.evidence_within(association.key, usize::MAX, &filter, &said);
        evidence.push((association, found.unwrap()));
    }
    let mut entities: Vec<_> = said.entities.iter().copied().collect();
    entities.sort_unstable();
    format!("{transaction}: {places:?} {evidence:?} {entities:?}")
}

/// Everything that a state can say, but for the rows of its vectors.
#[allow(dead_code, reason = "not every test compares all")]
pub fn dump(snapshot: &Snapshot) -> Vec<String> {
    let mut said = vec![format!("{:?} {:?}", snapshot.transaction(), snapshot.totals())];
    let relations = snapshot.relations().unwrap();
    for id in 1..=relations.len() as u32 {
        said.push(format!("{:?}", relations.get(RelationId(id))));
    }
    for source in snapshot.sources_after(SourceId(0), usize::MAX).unwrap() {
        let found = snapshot
            .find_source(&source.address, source.offset, &source.sha256)
            .unwrap();
        let at = snapshot.sources_at(&source.address).unwrap();
        let text = snapshot.source_text(&source).unwrap();
        let markup = snapshot.markup_of(source.id).unwrap();
        said.push(format!("{source:?} {text} {markup:?} {found:?} {at:?}"));
    }
    let add = |concept: Concept| {
        let words = snapshot.words(&concept)?;
        let supports = snapshot.supports(concept.id, usize::MAX)?;
        said.push(format!("{concept:?} {words} {supports:?}"));
        if matches!(concept.kind, ConceptKind::Entity { .. }) {
            assert_eq!(snapshot.entity(&words)?, Some(concept.id));
        }
        Ok(())
    };
    snapshot.for_each_concept(add).unwrap();
    snapshot
        .for_each_passage(|passage| said.push(format!("{passage:?}")))
        .unwrap();
    for association in snapshot.associations(&relations).unwrap() {
        let evidence = snapshot.evidence(association.key, usize::MAX).unwrap();
        said.push(format!("{association:?} {evidence:?}"));
    }
    for vector in snapshot.vectors().unwrap() {
        let values = snapshot.column().row(vector.row, vector.concept).unwrap();
        let roles = (vector.sentence, vector.passage);
        said.push(format!("{:?} {roles:?} {values:?}", vector.concept));
    }
    for transaction in snapshot.kept_from().0.max(1)..=snapshot.transaction().0 {
        said.push(then(snapshot, transaction));
    }
    for rules in 4..9 {
        said.push(format!("{rules}: {}", snapshot.outdated(rules).unwrap()));
    }
    said
}

/// A source of some statements out of the pool, which name things, follow on each other, and lie in a passage.
pub fn batch(random: &mut Random, number: u64) -> Batch {
    let mut batch = Batch {
        dimension: DIMENSION,
        ..Batch::default()
    };
    let mut text = String::new();
    // A titled passage is title and text, so no sentence is one.
    let title = if random.one_in(2) {
        format!("Title {}", random.below(2))
    } else {
        String::new()
    };
    let mut said: Vec<u64> = (0..=random.below(3)).map(|_| random.below(POOL)).collect();
    said.dedup();
    for statement in &said {
        let start = text.len() as u64;
        text += &format!("Fact {statement} is so.");
        batch.statements.push(StatementDraft {
            source: 0,
            start,
            end: text.len() as u64,
            roles: Roles {
                sentence: true,
                passage: title.is_empty() && random.one_in(2),
            },
        });
        text.push(' ');
        if !random.one_in(4) {
            let angle = random.below(100) as f32;
            batch.vector_references.push(batch.statements.len() as u32 - 1);
            batch.vectors.extend([angle.cos(), angle.sin()]);
        }
    }
    batch.statements.push(StatementDraft {
        source: 0,
        start: 0,
        end: text.len() as u64,
        roles: Roles {
            sentence: false,
            passage: true,
        },
    });
    let (passage, things) = (said.len() as u32, said.len() as u32 + 1);
    batch.relations = vec![
        ("mentions".into(), AssociationKind::Semantic),
        ("contains".into(), AssociationKind::Hierarchical),
        (format!("follows_{}", random.below(3)), AssociationKind::Temporal),
    ];
    let mut link = |subject, relation, object, evidence| {
        batch.associations.push(AssociationDraft {
            subject,
            relation,
            object,
            evidence,
            confidence: 0.5,
            validity: Validity::default(),
            rules: 3,
        });
    };
    for index in 0..passage {
        link(index, 0, things + index, index);
        link(passage, 1, index, passage);
        if index > 0 {
            link(index - 1, 2, index, index);
        }
    }
    for statement in &said {
        let told = random.one_in(2);
        batch.entities.push(EntityDraft {
            name: format!("Thing {}", statement % 3),
            entity_type: if told {
                EntityType::Person
            } else {
                EntityType::Thing
            },
        });
    }
    batch.sources.push(SourceDraft {
        address: format!("{number}.txt"),
        title,
        markup: if random.one_in(3) {
            vec![(0, 2), (3, 4)]
        } else {
            Vec::new()
        },
        text,
        ..SourceDraft::default()
    });
    batch
}
