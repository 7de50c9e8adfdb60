//! Another embedder for a store that is in use: its vectors are made ready meanwhile, and then take the place of those that
//! there are.

use sutra_model::{ConceptId, Result, TransactionId};
use sutra_store::{EmbedderId, Preparation};

use crate::engine::Engine;

impl Engine {
    /// Begins to prepare a model, or goes on with it; see [`Store::prepare_model`](sutra_store::Store::prepare_model).
    ///
    /// # Errors
    /// Those of [`Store::prepare_model`](sutra_store::Store::prepare_model); [`Error::Closed`](sutra_model::Error::Closed).
    pub fn prepare_model(&self, embedder: &EmbedderId) -> Result<Preparation> {
        let _writes = self.writes();
        self.opened()?.store().prepare_model(embedder)
    }

    /// The model that is prepared, if one is.
    ///
    /// # Errors
    /// As [`prepare_model`](Self::prepare_model).
    pub fn preparation(&self) -> Result<Option<Preparation>> {
        self.opened()?.store().preparation()
    }

    /// The first `limit` statements after one that wait for a vector of the model that is prepared.
    ///
    /// # Errors
    /// As [`Store::unprepared_after`](sutra_store::Store::unprepared_after); [`Error::Closed`](sutra_model::Error::Closed).
    pub fn unprepared_after(&self, after: ConceptId, limit: usize) -> Result<Vec<ConceptId>> {
        self.opened()?.store().unprepared_after(after, limit)
    }

    /// Makes vectors of the model that is prepared ready, durably, and says how many.
    ///
    /// # Errors
    /// As [`Store::give_prepared`](sutra_store::Store::give_prepared); [`Error::Closed`](sutra_model::Error::Closed).
    pub fn give_prepared(&self, read: TransactionId, vectors: &[(ConceptId, Vec<f32>)]) -> Result<u64> {
        let _writes = self.writes();
        self.opened()?.store().give_prepared(read, vectors)
    }

    /// Gives the model up that is prepared, and says whether there was one.
    ///
    /// # Errors
    /// As [`prepare_model`](Self::prepare_model).
    pub fn give_up_preparation(&self) -> Result<bool> {
        let _writes = self.writes();
        self.opened()?.store().give_up_preparation()
    }

    /// Has the model that was prepared take the place of the one in use, and goes on with its vectors. Views of before may be
    /// read for another minute, as when the store is [purged](Self::purge), and search the vectors that they had. See
    /// [`Store::use_prepared`](sutra_store::Store::use_prepared).
    ///
    /// # Errors
    /// As [`Store::use_prepared`](sutra_store::Store::use_prepared), which leave the store as it was; [`Error::Closed`](sutra_model::Error::Closed).
    pub fn use_prepared(&self) -> Result<()> {
        let _nobody_writes = self.writes_no_more();
        let open = self.opened()?;
        let prepared = open.store().preparation()?;
        open.store().use_prepared()?;
        if let Some(prepared) = prepared {
            self.change_embedder(prepared.embedder);
        }
        self.go_on(open)
    }
}
