"""Whose vectors the store of an engine has, and what embeds with them.

While another model takes the place of the one in use, nothing that was embedded with the one is stored with
the other: who embeds for the store uses the model until its vectors are stored, and the change waits for
them. Questions wait for nobody: each is embedded with the model of the view that it asks.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from sutra_core.embed import Embedder, Profile
from sutra_core.shared import Shared
from sutra_core.types import ReadView

__all__ = ["ModelsInUse"]

_PATIENCE_SECONDS = 10.0
"""How long a change keeps others waiting for those that use the model before it gives way."""
_WAY_SECONDS = 0.1


class ModelsInUse:
    """The model in use, and those of views that are still read. Safe to use from many threads.

    Each is a profile, whose embedder `shared` opens when it is first needed, or an embedder.
    """

    def __init__(self, shared: Shared, first: Profile | Embedder) -> None:
        self._shared = shared
        self._now = first
        self._known: dict[str, Profile | Embedder] = {first.fingerprint: first}
        self._changed = threading.Condition()
        self._users = 0
        self._changing = False

    @property
    def now(self) -> Profile | Embedder:
        """The model in use."""
        return self._now

    @property
    def name(self) -> str:
        """What it is called; it need not be opened for that."""
        return self._now.model if isinstance(self._now, Profile) else type(self._now).__name__

    def embedder(self) -> Embedder:
        """Its embedder; `ModelUnavailableError` without its files."""
        return self.opened(self._now)

    def of(self, view: ReadView) -> Embedder:
        """The embedder of the vectors of a view; `ModelUnavailableError` without its files."""
        return self.opened(self._known.get(view.fingerprint, self._now))

    def opened(self, model: Profile | Embedder) -> Embedder:
        """The embedder of any model."""
        return self._shared.embedder(model) if isinstance(model, Profile) else model

    @contextmanager
    def used(self) -> Generator[Embedder]:
        """Its embedder, which stays the store's until the context ends, on whichever thread.

        Waits while another model takes its place. Who holds it already and asks again, as what is called
        while others learn may, waits until the change gives way.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._changing)
            self._users += 1
        try:
            yield self.embedder()
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    @contextmanager
    def changed_to(self, model: Profile | Embedder) -> Generator[None]:
        """While the store changes to a model: nobody uses the one before, which is in use again where the
        change fails.
        """
        with self._changed:
            self._changing = True
            while not self._changed.wait_for(lambda: not self._users, _PATIENCE_SECONDS):
                # Who uses it may be waiting for who waits for the change.
                self._changing = False
                self._changed.notify_all()
                self._changed.wait(_WAY_SECONDS)
                self._changing = True
        try:
            self._known[model.fingerprint] = model  # there may be views of it before the change has returned
            yield
            self._now = model
        finally:
            with self._changed:
                self._changing = False
                self._changed.notify_all()
