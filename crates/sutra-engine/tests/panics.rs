//! Guarded calls print nothing; every other panic goes where it went before. One process, one hook, one test.

use std::sync::atomic::{AtomicUsize, Ordering};

use sutra_engine::guarded;
use sutra_model::Result;

#[test]
fn only_guarded_calls_are_silent() {
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    std::panic::set_hook(Box::new(|_| {
        SEEN.fetch_add(1, Ordering::SeqCst);
    }));
    let fail = || -> Result<()> { panic!("as planned") };
    assert_eq!(guarded(fail).unwrap_err().code(), "internal_error");
    assert_eq!(SEEN.load(Ordering::SeqCst), 0);

    let beside = guarded(|| Ok(std::thread::spawn(fail).join().is_err()));
    assert!(beside.unwrap());
    assert_eq!(SEEN.load(Ordering::SeqCst), 1);

    // A guarded call in a guarded call leaves the outer one guarded.
    let outer = guarded(|| {
        assert!(guarded(fail).is_err());
        fail()
    });
    assert_eq!(outer.unwrap_err().code(), "internal_error");
    assert_eq!(SEEN.load(Ordering::SeqCst), 1);

    assert!(std::panic::catch_unwind(fail).is_err());
    assert_eq!(SEEN.load(Ordering::SeqCst), 2);
}
