//! What is taken out of a damaged store was in it, word for word; and all of it is taken that damage did not reach.

#[path = "samples/mod.rs"]
mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use samples::{batch, open, version};
use sutra_faults::Random;
use sutra_model::{
    Batch, ConceptId, ConceptKind, Result, Roles, SourceDraft, SourceId, StatementDraft, TransactionId,
};
use sutra_store::{SalvageOptions, SalvageReport, Selection, Snapshot, Store, salvage};

const PAGE: usize = 4096;
const DATABASE: &str = "storage.dat";

/// What a store says, in words alone: numbers of sources and concepts may differ.
fn said(snapshot: &Snapshot) -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    let mut sources = BTreeMap::new();
    // Of a text that was replaced nothing is taken.
    for source in snapshot.living_sources_after(SourceId(0), usize::MAX).unwrap() {
        let text = snapshot.source_text(&source).unwrap();
        said.insert(format!(
            "source {} {} {:?} {:?} {:?} {text}",
            source.address, source.offset, source.title, source.time, source.learned
        ));
        sources.insert(source.id, source);
    }
    let add = |concept: sutra_model::Concept| {
        let words = snapshot.words(&concept)?;
        match &concept.kind {
            ConceptKind::Entity { entity_type, .. } => {
                said.insert(format!("entity {words} {entity_type:?}"));
                names.insert(concept.id.0, words);
            }
            ConceptKind::Statement { roles, first } => {
                let title = if roles.sentence {
                    ""
                } else {
                    &sources[&first.source].title
                };
                let name = format!("{title:?} {words:?}");
                for place in snapshot.supports(concept.id, usize::MAX)? {
                    let source = &sources[&place.source].address;
                    for (is, role) in [(roles.sentence, "sentence"), (roles.passage, "passage")] {
                        if is {
                            said.insert(format!("{role} {name} {source} {} {}", place.start, place.end));
                        }
                    }
                }
                names.insert(concept.id.0, name);
            }
        }
        Ok(())
    };
    snapshot.for_each_concept(add).unwrap();
    let relations = snapshot.relations().unwrap();
    for association in snapshot.associations(&relations).unwrap() {
        let key = association.key;
        let [subject, object] = [key.subject, key.object].map(|end| &names[&end.0]);
        if subject == object {
            continue;
        }
        let edge = format!("{subject} {:?} {object}", relations.get(key.relation).unwrap());
        for piece in snapshot.evidence(key, usize::MAX).unwrap() {
            let statement = &names[&piece.statement.0];
            let (confidence, validity) = (piece.confidence.to_bits(), piece.validity);
            said.insert(format!("evidence {edge}: {statement} {confidence} {validity:?}"));
        }
    }
    for vector in snapshot.vectors().unwrap() {
        let values = snapshot.column().row(vector.row, vector.concept).unwrap();
        said.insert(format!("vector {} {values:?}", names[&vector.concept.0]));
    }
    said
}

/// Every association with its confidence, in words.
fn confidences(snapshot: &Snapshot) -> BTreeMap<String, f32> {
    let relations = snapshot.relations().unwrap();
    let name = |id| snapshot.words(&snapshot.concept(id).unwrap()).unwrap();
    let associations = snapshot.associations(&relations).unwrap();
    let named = associations.iter().map(|association| {
        let key = association.key;
        let relation = relations.get(key.relation).unwrap();
        let edge = format!("{} {relation:?} {}", name(key.subject), name(key.object));
        (edge, association.confidence)
    });
    named.collect()
}

/// Pieces of evidence for associations between statements of the same words.
fn alike(snapshot: &Snapshot) -> u64 {
    let relations = snapshot.relations().unwrap();
    let name = |id| snapshot.words(&snapshot.concept(id).unwrap()).unwrap();
    let associations = snapshot.associations(&relations).unwrap();
    let pieces = associations.iter().map(|association| {
        let key = association.key;
        let is_one = name(key.subject) == name(key.object);
        u64::from(is_one) * u64::from(association.evidence_count)
    });
    pieces.sum()
}

/// The files of a folder, with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// A copy of a folder.
fn copied(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for (path, bytes) in files(folder) {
        let to = copy.path().join(path.strip_prefix(folder).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, bytes).unwrap();
    }
    copy
}

/// What is taken out of a folder: the new store and the report. The folder stays as it is.
fn taken(folder: &Path, options: &SalvageOptions) -> Result<(tempfile::TempDir, Store, SalvageReport)> {
    let before = files(folder);
    let into = tempfile::tempdir().unwrap();
    let report = salvage(folder, into.path(), options);
    assert!(files(folder) == before, "the damaged folder was altered");
    let report = report?;
    let store = open(into.path());
    let verified = store.snapshot().unwrap().verify().unwrap();
    assert_eq!(verified.faults, [""; 0]);
    assert_eq!(store.snapshot().unwrap().transaction().0, report.transaction);
    Ok((into, store, report))
}

/// A store that learned, learned other versions and forgot a little.
fn lived(random: &mut Random, steps: i64) -> (tempfile::TempDir, Store) {
    let (folder, store, _) = lived_and_said(random, steps);
    (folder, store)
}

/// The same, and what it said before its last commit.
fn lived_and_said(random: &mut Random, steps: i64) -> (tempfile::TempDir, Store, BTreeSet<String>) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut sources = 0;
    let mut states = vec![said(&store.snapshot().unwrap())];
    let mut last = TransactionId(0);
    for step in 0..steps {
        let state = store.snapshot().unwrap();
        if state.transaction() > last {
            last = state.transaction();
            states.push(said(&state));
        }
        drop(state);
        let concept = ConceptId(1 + random.below(30));
        let selection = match random.below(12) {
            0 => Selection::Sources(vec![SourceId(1 + random.below(sources + 1))]),
            1 => Selection::Concept(concept),
            2 => Selection::Node(concept),
            _ => {
                let more = sources..=sources + random.below(12);
                sources = more.end() + 1;
                let learned = |number| match random.one_in(4) {
                    true => version(random),
                    false => batch(random, 100 + number),
                };
                let batches: Vec<Batch> = more.map(learned).collect();
                store.commit_at(100 * step, &batches).unwrap();
                continue;
            }
        };
        store.forget(100 * step, &selection, false).unwrap();
    }
    // The state after the last step is no earlier one, unless that step did nothing.
    if store.snapshot().unwrap().transaction() == last {
        states.pop();
    }
    (folder, store, states.pop().unwrap_or_default())
}

#[test]
fn all_of_a_sound_store_is_taken() {
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let (folder, store) = lived(&mut random, 10);
        let (expected, sure, alike) = {
            let snapshot = store.snapshot().unwrap();
            (said(&snapshot), confidences(&snapshot), alike(&snapshot))
        };
        let receipts = store.receipts_after(TransactionId(0)).unwrap();
        let purge = random.one_in(3) && !store.snapshot().unwrap().totals().eq(&Default::default());
        if purge {
            store.purge().unwrap();
        }
        drop(store);
        let (_into, again, report) = taken(folder.path(), &SalvageOptions::default()).unwrap();
        // What is said of two statements that blanks made alike is said of one thing.
        let whole = SalvageReport {
            evidence_lost: report.evidence_lost - alike,
            ..report.clone()
        };
        assert!(whole.is_whole(), "seed {seed}: {report:?}");
        let snapshot = again.snapshot().unwrap();
        assert_eq!(said(&snapshot), expected, "seed {seed}");
        for (edge, confidence) in confidences(&snapshot) {
            assert!((confidence - sure[&edge]).abs() < 1e-5, "seed {seed}: {edge}");
        }
        assert_eq!(
            again.receipts_after(TransactionId(0)).unwrap(),
            receipts,
            "seed {seed}"
        );
    }
}

#[test]
fn where_nothing_is_missing_transactions_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..5 {
        let mut one = batch(&mut Random::new(number), number);
        for source in &mut one.sources {
            // Words of its own, so that each transaction learns all that it says.
            source.text = source.text.replace("Fact", &format!("Fac{number}"));
        }
        store.commit_at(1000 + number as i64, &[one]).unwrap();
    }
    let changes = |store: &Store| -> Vec<_> {
        let snapshot = store.snapshot().unwrap();
        (1..=5)
            .map(|number| {
                let mut change = snapshot.change(TransactionId(number)).unwrap().unwrap();
                // What an entity is was told later, and is known from the first on.
                change.altered.clear();
                change.concepts.retain(|(id, _)| {
                    matches!(snapshot.concept(*id).unwrap().kind, ConceptKind::Statement { .. })
                });
                change
            })
            .collect()
    };
    let expected = changes(&store);
    drop(store);
    let (_into, again, report) = taken(folder.path(), &SalvageOptions::default()).unwrap();
    assert!(report.is_whole(), "{report:?}");
    assert_eq!(changes(&again), expected);
}

/// Damages some of a file: pages that rotted, bytes that did, a tail that is torn off.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(3) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len() as u64) as usize;
        // The first page says where all others lie: mostly it is left.
        let at = if at < PAGE && !random.one_in(8) {
            PAGE + at
        } else {
            at
        };
        let at = at.min(bytes.len() - 1);
        let page = at / PAGE * PAGE..bytes.len().min((at / PAGE + 1) * PAGE);
        match random.below(8) {
            0 => bytes.truncate(at),
            1..4 => bytes[page].fill(0),
            4 | 5 => bytes[page].fill_with(|| random.number() as u8),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
}

#[test]
fn what_is_taken_out_of_a_damaged_store_was_in_it() {
    let (mut refused, mut whole, mut parts) = (0, 0, 0);
    for seed in 0..100 {
        let mut random = Random::new(seed);
        let (folder, store, before) = lived_and_said(&mut random, 10);
        let closed = random.one_in(2);
        let snapshot = store.snapshot().unwrap();
        let expected = said(&snapshot);
        let addresses = |snapshot: &Snapshot| -> BTreeMap<(String, u64), u64> {
            let sources = snapshot.living_sources_after(SourceId(0), usize::MAX).unwrap();
            let numbered = sources
                .into_iter()
                .map(|source| ((source.address, source.offset), source.id.0));
            numbered.collect()
        };
        let sources = addresses(&snapshot);
        drop(snapshot);
        // A store that is open is found as one whose process was killed.
        let store = Some(store).filter(|_| !closed);
        let copy = copied(folder.path());
        drop(store);
        for (path, mut bytes) in files(copy.path()) {
            let is_database = path.ends_with(DATABASE);
            if is_database || random.one_in(4) {
                damage(&mut random, &mut bytes);
                fs::write(&path, &bytes).unwrap();
            } else if !path.ends_with("store.key") && random.one_in(8) {
                fs::remove_file(&path).unwrap();
            }
        }
        let (_into, again, report) = match taken(copy.path(), &SalvageOptions::default()) {
            Ok(taken) => taken,
            Err(error) => {
                assert_eq!(error.code(), "store_corrupt", "seed {seed}: {error}");
                refused += 1;
                continue;
            }
        };
        let snapshot = again.snapshot().unwrap();
        let found = said(&snapshot);
        let left_out = report
            .faults
            .iter()
            .any(|fault| fault.starts_with("the last commit is left out"));
        let known = if left_out { &before } else { &expected };
        let invented: Vec<&String> = found.difference(known).collect();
        assert!(invented.is_empty(), "seed {seed}: {invented:?}");
        let again = addresses(&snapshot);
        for (address, number) in &sources {
            let named = report
                .sources_lost
                .iter()
                .any(|lost| (lost.first..=lost.last).contains(number));
            let named = named
                || report
                    .faults
                    .iter()
                    .any(|fault| fault.starts_with("how many sources"));
            assert!(
                !closed || again.contains_key(address) != named,
                "seed {seed}: {address:?} {report:?}"
            );
        }
        if report.is_whole() {
            assert_eq!(found, expected, "seed {seed}");
            whole += 1;
        }
        parts += u64::from(!report.is_whole() && !again.is_empty());
    }
    // The damage is of all sorts.
    assert!(
        refused > 3 && whole > 3 && parts > 20,
        "{refused} {whole} {parts}"
    );
}

/// A source of one long text with a sentence at its start.
fn long(number: u64, bytes: usize) -> Batch {
    let sentence = format!("Reel {number} was found.");
    let mut text = sentence.clone();
    while text.len() < bytes {
        text += &format!(" Line {} of reel {number}.", text.len());
    }
    Batch {
        statements: vec![StatementDraft {
            source: 0,
            start: 0,
            end: sentence.len() as u64,
            roles: Roles {
                sentence: true,
                passage: true,
            },
        }],
        sources: vec![SourceDraft {
            address: format!("reel-{number}.txt"),
            text,
            ..SourceDraft::default()
        }],
        vector_references: vec![0],
        vectors: vec![0.6, 0.8],
        dimension: 2,
        ..Batch::default()
    }
}

/// Overwrites all pages of a file in which these bytes stand.
fn rot(file: &Path, needle: &[u8]) {
    let mut bytes = fs::read(file).unwrap();
    let found: Vec<usize> = (0..bytes.len() - needle.len())
        .filter(|at| bytes[*at..].starts_with(needle))
        .collect();
    assert!(!found.is_empty());
    for at in found {
        bytes[at / PAGE * PAGE..(at / PAGE + 1) * PAGE].fill(0xA5);
    }
    fs::write(file, bytes).unwrap();
}

#[test]
fn damage_to_a_text_loses_its_source_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let texts: Vec<Batch> = (0..6).map(|number| long(number, 150_000)).collect();
    store.commit(&texts).unwrap();
    let all = said(&store.snapshot().unwrap());
    drop(store);
    rot(&folder.path().join(DATABASE), b" of reel 3. Line 120");
    let (_into, again, report) = taken(folder.path(), &SalvageOptions::default()).unwrap();
    let lost: Vec<_> = report
        .sources_lost
        .iter()
        .map(|lost| (lost.first, lost.address.as_deref()))
        .collect();
    assert_eq!(lost, [(4, Some("reel-3.txt"))]);
    assert_eq!(report.sources_lost[0].reason, "some of its text cannot be read");
    assert!(!report.is_whole() && report.faults.is_empty(), "{report:?}");
    let left: BTreeSet<String> = all
        .into_iter()
        .filter(|said| !said.contains("eel-3") && !said.contains("Reel 3"))
        .collect();
    assert_eq!(said(&again.snapshot().unwrap()), left);
    assert_eq!(report.taken.sources, 5);
}

#[test]
fn damage_to_vectors_loses_vectors_alone() {
    let mut random = Random::new(5);
    for how in 0..3 {
        let (folder, store) = lived(&mut random, 12);
        // So many that their file alone has them.
        let mut many = long(99, 400);
        many.statements = (0..60)
            .map(|at| StatementDraft {
                start: 3 * at,
                end: 3 * at + 3,
                ..many.statements[0]
            })
            .collect();
        many.vector_references = (0..60).collect();
        many.vectors = vec![0.5; 120];
        store.commit(&[many]).unwrap();
        let all = said(&store.snapshot().unwrap());
        let totals = store.snapshot().unwrap().totals();
        drop(store);
        let file = folder.path().join("vectors/00000001.vec");
        match how {
            0 => fs::remove_file(&file).unwrap(),
            1 => fs::write(&file, vec![0; 100_000]).unwrap(),
            _ => fs::write(&file, b"").unwrap(),
        }
        let (_into, again, report) = taken(folder.path(), &SalvageOptions::default()).unwrap();
        assert_eq!(report.vectors_lost, totals.vectors);
        assert!(report.sources_lost.is_empty() && report.statements_lost + report.evidence_lost == 0);
        let left: BTreeSet<String> = all
            .into_iter()
            .filter(|said| !said.starts_with("vector "))
            .collect();
        assert_eq!(said(&again.snapshot().unwrap()), left);
        let waiting = again
            .snapshot()
            .unwrap()
            .pending_after(ConceptId(0), usize::MAX)
            .unwrap();
        assert_eq!(waiting.len() as u64, report.taken.statements);
    }
}

/// Where the tree of tables of the state that counts begins in the file.
fn root(database: &[u8]) -> usize {
    let slot = 64 + 128 * usize::from(database[9] & 1);
    let page = u64::from_le_bytes(database[slot + 8..slot + 16].try_into().unwrap());
    PAGE + PAGE * (page as usize & 0xF_FFFF)
}

#[test]
fn what_was_forgotten_last_comes_back_only_for_who_asks_for_the_state_before() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(&[long(1, 100), long(2, 100)]).unwrap();
    store
        .forget(9, &Selection::Sources(vec![SourceId(1)]), false)
        .unwrap();
    let copy = copied(folder.path());
    let path = copy.path().join(DATABASE);
    let mut database = fs::read(&path).unwrap();
    let at = root(&database);
    database[at..at + PAGE].fill(0);
    fs::write(&path, database).unwrap();
    let error = taken(copy.path(), &SalvageOptions::default())
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.code(), "store_corrupt");
    assert!(error.to_string().contains("--older"), "{error}");
    let older = SalvageOptions {
        older: true,
        ..SalvageOptions::default()
    };
    let (_into, again, report) = taken(copy.path(), &older).unwrap();
    assert!(report.older && !report.is_whole());
    assert_eq!(again.snapshot().unwrap().totals().sources, 2);
}

#[test]
fn a_commit_that_was_under_way_is_left_out_as_opening_leaves_it_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(&[long(1, 100)]).unwrap();
    store.commit(&[long(2, 100)]).unwrap();
    let copy = copied(folder.path());
    let path = copy.path().join(DATABASE);
    let mut database = fs::read(&path).unwrap();
    let at = root(&database);
    database[at + 100..at + PAGE].fill(0);
    fs::write(&path, database).unwrap();
    let (_into, again, report) = taken(copy.path(), &SalvageOptions::default()).unwrap();
    assert_eq!(report.faults.len(), 1);
    assert!(
        report.faults[0].starts_with("the last commit is left out"),
        "{report:?}"
    );
    let found = said(&again.snapshot().unwrap());
    assert_eq!(found, said(&open(copy.path()).snapshot().unwrap()));
    assert!(
        found.iter().any(|said| said.contains("Reel 1")) && !found.iter().any(|said| said.contains("Reel 2"))
    );
}

#[test]
fn nothing_that_was_forgotten_is_in_any_byte_of_the_new_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(&[long(1, 300_000), long(2, 9000)]).unwrap();
    store
        .forget(9, &Selection::Sources(vec![SourceId(1)]), false)
        .unwrap();
    store.commit(&[long(3, 9000)]).unwrap();
    drop(store);
    let holds = |folder: &Path, words: &[u8]| {
        files(folder)
            .values()
            .any(|bytes| bytes.windows(words.len()).any(|window| window == words))
    };
    assert!(
        holds(folder.path(), b"of reel 1."),
        "a purge is what takes it from the disk"
    );
    rot(&folder.path().join(DATABASE), b"Reel 2 was");
    let (into, again, report) = taken(folder.path(), &SalvageOptions::default()).unwrap();
    assert_eq!(report.sources_lost.len(), 1);
    assert!(holds(into.path(), b"of reel 3.") && !holds(into.path(), b"of reel 1."));
    let receipt = again.receipt(TransactionId(3)).unwrap().unwrap();
    let went = sutra_model::statement_key("Reel 1 was found.");
    assert!(again.went(&receipt, went).unwrap());
    assert_eq!(
        again.purged().unwrap().unwrap().transaction,
        TransactionId(report.transaction)
    );
}

#[test]
fn a_store_that_is_open_and_a_folder_that_is_not_empty_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(&[long(1, 100)]).unwrap();
    let into = tempfile::tempdir().unwrap();
    let options = SalvageOptions::default();
    let error = salvage(folder.path(), into.path(), &options).unwrap_err();
    assert_eq!(error.code(), "store_locked");
    drop(store);
    fs::write(into.path().join("notes"), b"mine").unwrap();
    let error = salvage(folder.path(), into.path(), &options).unwrap_err();
    assert_eq!(error.code(), "invalid_value");
    assert_eq!(files(into.path()).len(), 1);
}
