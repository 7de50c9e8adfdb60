//! Whoever asks waits for nobody: not for a commit, nor for what is being settled, however long the disk takes.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::Duration;

mod samples;

use samples::{fact, options};
use sutra_engine::{Direction, Engine, OpenOptions, ReadView, Settling, Unit};
use sutra_model::Language;
use sutra_store::{Disk, FileSystem, SyncReason};

/// How long a test waits for what has to come at once before it says that it never came.
const NEVER: Duration = Duration::from_secs(60);

/// A disk whose syncs for one reason wait at a gate.
#[derive(Debug, Default)]
struct Gate {
    /// For which reason it is shut, and how many wait there.
    state: Mutex<(Option<SyncReason>, usize)>,
    changed: Condvar,
}

impl Gate {
    fn shut(&self, reason: SyncReason) {
        self.state.lock().unwrap().0 = Some(reason);
    }

    fn open(&self) {
        self.state.lock().unwrap().0 = None;
        self.changed.notify_all();
    }

    /// Waits until somebody waits at the gate.
    fn await_somebody(&self) {
        let state = self.state.lock().unwrap();
        let nobody = |(_, waiting): &mut (Option<SyncReason>, usize)| *waiting == 0;
        let (state, waited) = self.changed.wait_timeout_while(state, NEVER, nobody).unwrap();
        assert!(!waited.timed_out(), "nobody came to sync: {state:?}");
    }
}

impl Disk for Gate {
    fn sync(&self, file: &File, reason: SyncReason) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.changed.notify_all();
        while state.0 == Some(reason) {
            state = self.changed.wait(state).unwrap();
        }
        state.1 -= 1;
        drop(state);
        FileSystem.sync(file, reason)
    }
}

/// Everything that a question asks for.
fn ask(view: &ReadView) -> usize {
    let words = view
        .search_words("word1", 50, Unit::Passage, Language::English)
        .unwrap();
    let names = view
        .search_words("name 1", 50, Unit::Entity, Language::English)
        .unwrap();
    let mut found = words.len() + names.len();
    for unit in [Unit::Passage, Unit::Sentence] {
        for exact in [true, false] {
            let vectors = view
                .search_vectors(&[1.0, 0.2, 0.0, 0.1], 50, unit, exact)
                .unwrap();
            found += vectors.len();
        }
    }
    for (id, _) in words {
        found += view.neighbours(id, Direction::Both, None, 50).unwrap().len();
        found += view.supports(id, 9).unwrap().len();
        assert_eq!(view.concept(id).unwrap().id, id);
    }
    found
}

fn learn(engine: &Engine, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let text = format!("It has word{} and more.", number % 3);
        let batch = fact(number, &text, ["Name 1", &format!("Name {number}")]);
        engine.commit(batch).unwrap();
    }
}

/// Opens a view and asks it, in a thread of its own, and gives what it found, should that come.
fn asked_beside(engine: &Arc<Engine>) -> Option<usize> {
    let (tell, told) = mpsc::channel();
    let engine = Arc::clone(engine);
    std::thread::spawn(move || {
        let found = ask(&engine.view().unwrap());
        let _ = tell.send(found);
    });
    told.recv_timeout(NEVER).ok()
}

fn opened(folder: &Path, gate: &Arc<Gate>) -> Arc<Engine> {
    let options = OpenOptions {
        disk: Arc::clone(gate) as Arc<dyn Disk>,
        settling: Settling {
            fresh_max: 20,
            removed_max: 5,
            commits: 1,
            tail_max: 5,
        },
        ..options()
    };
    Arc::new(Engine::open(folder, options).unwrap())
}

#[test]
fn questions_are_answered_while_a_commit_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Arc::new(Gate::default());
    let engine = opened(folder.path(), &gate);
    learn(&engine, 0..30);
    engine.settle().unwrap();
    let before = ask(&engine.view().unwrap());
    gate.shut(SyncReason::Database);
    std::thread::scope(|scope| {
        let learning = scope.spawn(|| learn(&engine, 30..33));
        gate.await_somebody();
        let asked = asked_beside(&engine);
        let was_learning = !learning.is_finished();
        gate.open();
        assert_eq!((asked, was_learning), (Some(before), true));
    });
    assert!(ask(&engine.view().unwrap()) > before);
}

#[test]
fn questions_are_answered_and_texts_are_learned_while_what_is_settled_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Arc::new(Gate::default());
    let engine = opened(folder.path(), &gate);
    gate.shut(SyncReason::Index);
    learn(&engine, 0..30);
    gate.await_somebody();
    let before = asked_beside(&engine);
    let (tell, told) = mpsc::channel();
    let learner = Arc::clone(&engine);
    std::thread::spawn(move || {
        learn(&learner, 30..60);
        let _ = tell.send(());
    });
    let learned = told.recv_timeout(NEVER);
    let after = asked_beside(&engine);
    let was_settling = engine.is_settling().unwrap();
    gate.open();
    assert!(learned.is_ok() && was_settling);
    assert!(before.is_some() && after > before);
    engine.settle().unwrap();
    assert_eq!(engine.view().unwrap().unsettled(), 0);
    assert_eq!(asked_beside(&engine), after);
}
