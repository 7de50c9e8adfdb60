"""Another model for a store that is in use: a part of `ReasoningEngine`."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, cast

from sutra_core.arguments import check_type
from sutra_core.behind import follows
from sutra_core.embed import Embedder, Profile, made_profile, processors, profile_named
from sutra_core.errors import (
    EmbedderMismatchError,
    InvalidValueError,
    ReadOnlyError,
    ReembedUnderWayError,
    StoreFollowsError,
)
from sutra_core.models_in_use import ModelsInUse
from sutra_core.store import chosen_profile
from sutra_core.types import KnowledgeStore

if TYPE_CHECKING:
    from sutra_core.behind import Behind
    from sutra_core.cache import AnswerCache
    from sutra_core.config import EmbedderName, ReasoningEngineConfig
    from sutra_core.learn import ReembedReport
    from sutra_core.learn.reembedding import Preparing
    from sutra_core.narrowing import NarrowedViews

__all__ = ["Remodelling"]


class Remodelling(ABC):
    """Changing the embedder of a store."""

    _answers: AnswerCache
    _behind: Behind
    _models: ModelsInUse
    _narrowed: NarrowedViews
    _remodelling: threading.Lock
    config: ReasoningEngineConfig
    read_only: bool

    @abstractmethod
    def _opened(self) -> KnowledgeStore: ...

    def reembed(
        self, embedder: EmbedderName | Embedder, *, on_progress: Callable[[int, int], None] | None = None
    ) -> ReembedReport:
        """Embeds everything again with another embedder, by the name of its profile or itself, and uses it.

        Learning, asking and forgetting go on meanwhile, with the vectors that there are; it embeds on all
        processors, with threads of low priority. At the end the store changes in one step, for which what
        learns waits, and questions do not: each is asked of the vectors of one model. The history is a new
        one, so that who follows begins anew, and so does a backup. What the embedder refuses waits for a
        vector, and is found by its words.

        `on_progress` is called with the statements that are done and the number of all; what it raises ends
        it. What is embedded by then stays: done again, in another process too, it goes on there. The embedder
        that the store has ends what was begun with another, and changes nothing.

        Raises `ModelUnavailableError` without the model, before anything is begun; `ReembedUnderWayError`
        while another thread does it; `ReadOnlyError`; `StoreFollowsError` where the store follows another,
        whose vectors it gets; `EmbedderMismatchError` where the configuration names another embedder, with
        which the store could not be opened again; and `NoSpaceError` where there is no room for another store
        beside this one.
        """
        model = self._wanted(embedder)
        if not self._remodelling.acquire(blocking=False):
            raise ReembedUnderWayError(
                f"the store in {self.config.storage_path} is being embedded again already; wait for that, or "
                "cancel it, and ask again"
            )
        try:
            return self._reembed(model, on_progress)
        finally:
            self._remodelling.release()

    def _wanted(self, embedder: EmbedderName | Embedder) -> Profile | Embedder:
        """The model that is meant, if the store can have it."""
        check_type("embedder", embedder, str | Embedder, "the name of a profile, or an Embedder")
        place = self.config.storage_path
        if self.read_only:
            raise ReadOnlyError(f"{place} was opened for reading only; open it for writing to embed it again")
        if not self.config.use_rust_storage:
            raise InvalidValueError("a store in memory keeps its embedder; open one in a folder")
        self._check_leads()
        if not isinstance(embedder, str):
            return embedder
        model = made_profile(profile_named(embedder), model_path=self.config.model_path)
        chosen = chosen_profile(self.config)
        if chosen is not None and chosen.name != model.name:
            raise EmbedderMismatchError(
                f"SUTRA_EMBEDDER or SUTRA_VECTOR_DIMENSION says {chosen.name} here, and {place} could not be "
                f"opened again with {model.name}; unset it where this runs, then embed again"
            )
        return model

    def _check_leads(self) -> None:
        if follows(self.config.storage_path):
            raise StoreFollowsError(
                f"the store in {self.config.storage_path} follows another one, whose vectors it gets; embed "
                "that one again, and follow it anew"
            )

    def _reembed(
        self, model: Profile | Embedder, on_progress: Callable[[int, int], None] | None
    ) -> ReembedReport:
        from sutra_core.learn.reembedding import prepare
        from sutra_core.learn.report import ReembedReport

        started = perf_counter()
        store = cast("Preparing", self._opened())
        view = store.view()
        if model.fingerprint == view.fingerprint:
            store.give_up_preparation()
            stats = view.stats()
            return ReembedReport(stats.vectors, 0, stats.vectors_pending, perf_counter() - started)
        report = prepare(store, self._models.opened(model), on_progress=on_progress, threads=processors())
        with self._behind.renewed(), self._models.changed_to(model):
            self._check_leads()
            store.use_prepared()
        self._answers.clear()
        self._narrowed.clear()
        return replace(report, seconds=perf_counter() - started)
