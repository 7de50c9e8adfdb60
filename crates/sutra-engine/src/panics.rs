//! What a panic becomes: an error of the call that it happened in.
//!
//! A panic is a bug of this engine, with one exception: redb makes no promise to survive pages that rotted behind its
//! back, and may panic where it reads them. So the place of a panic decides. While a guarded call runs, its thread
//! prints nothing; panics of every other thread go to whatever hook was there before.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use sutra_model::{Error, Result};

thread_local! {
    /// How many guarded calls this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// `file:line` of the last panic in one.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs a call; a panic in it is its error.
///
/// # Errors
/// Those of the call. [`Error::Corrupt`] when redb panicked, [`Error::Internal`] when anything else did.
pub fn guarded<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    install_hook();
    DEPTH.set(DEPTH.get() + 1);
    // What a panic leaves half done is in the engine's care: a transaction is dropped, locks are taken over.
    let outcome = catch_unwind(AssertUnwindSafe(call));
    DEPTH.set(DEPTH.get() - 1);
    outcome.unwrap_or_else(|panic| Err(error_of(said(&*panic), PLACE.take())))
}

fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |panic| {
            if DEPTH.get() == 0 {
                return previous(panic);
            }
            let place = panic.location().map(ToString::to_string);
            PLACE.set(place.unwrap_or_else(|| "an unknown place".to_owned()));
        }));
    });
}

fn said(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    said.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
        .to_owned()
}

fn error_of(said: String, place: String) -> Error {
    if !place.contains("/redb-") {
        return Error::Internal { said, place };
    }
    // redb's locks are poisoned by redb's own panics alone: none of ours happens while it holds one.
    let failed = match said.contains("PoisonError") {
        true => {
            "an earlier failure in reading it left it unusable until it is closed and opened again".to_owned()
        }
        false => format!("reading it failed ({said}, at {place})"),
    };
    Error::Corrupt {
        path: "storage.dat".into(),
        detail: format!(
            "{failed}; `sutra verify` checks every page, and if it finds no fault, please report this"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error_that_says_what_and_where() {
        let line = line!() + 1;
        let error = guarded(|| -> Result<()> { panic!("seven is {}", 7) }).unwrap_err();
        assert_eq!(error.code(), "internal_error");
        let shown = error.to_string();
        assert!(shown.contains("seven is 7"), "{shown}");
        assert!(shown.contains(&format!("panics.rs:{line}:")), "{shown}");
        assert!(shown.contains("report"), "{shown}");
        assert!(guarded(|| Ok(1)).is_ok());
    }

    #[test]
    fn a_failed_unwrap_is_named_where_it_stands() {
        let nothing: Option<u8> = std::hint::black_box(None);
        let line = line!() + 1;
        let error = guarded(|| Ok(nothing.unwrap())).unwrap_err();
        assert!(
            error.to_string().contains(&format!("panics.rs:{line}:")),
            "{error}"
        );
    }

    #[test]
    fn the_place_decides_whose_fault_it_is() {
        let redb = "registry/src/index/redb-4.6.0/src/types.rs:803:37";
        let error = error_of("invalid utf-8".to_owned(), redb.to_owned());
        assert_eq!(error.code(), "store_corrupt");
        assert!(error.to_string().contains("invalid utf-8"), "{error}");
        let later = error_of("PoisonError { .. }".to_owned(), redb.to_owned());
        assert_eq!(later.code(), "store_corrupt");
        assert!(later.to_string().contains("opened again"), "{later}");
        let ours = error_of(
            "PoisonError { .. }".to_owned(),
            "crates/sutra-graph/src/graph.rs:1:1".to_owned(),
        );
        assert_eq!(ours.code(), "internal_error");
    }
}
