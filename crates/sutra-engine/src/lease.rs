//! A lease on a view: what outlives the engine without holding its folder.
//!
//! Whoever keeps a view keeps the store's files open, and with them the lock of the folder. A caller
//! who cannot say when his last reference goes (one in a garbage-collected language, say) takes a lease
//! instead: it gives the view for as long as the engine is open, and nothing afterwards.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use arc_swap::ArcSwapOption;
use sutra_model::{Error, Result};
use sutra_store::Filter;

use crate::view::ReadView;

/// A view that ends with its engine.
pub struct Lease {
    view: ArcSwapOption<ReadView>,
    leases: Leases,
}

impl Lease {
    /// The view, to be used and let go.
    ///
    /// # Errors
    /// [`Error::Closed`] once the engine is closed.
    pub fn view(&self) -> Result<Arc<ReadView>> {
        self.view.load_full().ok_or(Error::Closed)
    }

    /// The same for the view [narrowed](ReadView::within) to what the sources of a filter say.
    ///
    /// # Errors
    /// Those of [`ReadView::within`], and [`Error::Closed`].
    pub fn within(&self, filter: &Filter) -> Result<Arc<Self>> {
        Ok(self.leases.grant(self.view()?.within(filter)?))
    }
}

/// The leases that somebody still holds.
#[derive(Clone, Default)]
pub(crate) struct Leases(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    leases: Vec<Weak<Lease>>,
    ended: bool,
}

impl Leases {
    /// A lease on a view that is about to be published; one that has ended already after [`end`](Self::end).
    pub fn grant(&self, view: ReadView) -> Arc<Lease> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.ended {
            return Arc::new(self.lease(ArcSwapOption::empty()));
        }
        let lease = Arc::new(self.lease(ArcSwapOption::from_pointee(view)));
        held.leases.retain(|lease| lease.strong_count() > 0);
        held.leases.push(Arc::downgrade(&lease));
        lease
    }

    fn lease(&self, view: ArcSwapOption<ReadView>) -> Lease {
        Lease {
            view,
            leases: self.clone(),
        }
    }

    /// Whether anybody but the holder of `current` has a lease, or reads a view.
    pub fn in_use(&self, current: &Arc<Lease>) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let leases = held.leases.iter().filter_map(Weak::upgrade);
        // Each counts itself here; the current one also where it is published, and with the caller.
        leases.into_iter().any(|lease| {
            let known = if Arc::ptr_eq(&lease, current) { 3 } else { 1 };
            let reads = lease
                .view
                .load_full()
                .is_some_and(|view| Arc::strong_count(&view) > 2);
            Arc::strong_count(&lease) > known || reads
        })
    }

    /// Ends every lease, now and to come.
    pub fn end(&self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.ended = true;
        held.leases
            .iter()
            .filter_map(Weak::upgrade)
            .for_each(|lease| lease.view.store(None));
    }
}
