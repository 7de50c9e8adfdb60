"""The Sutra engine for Python: transactions, vectors, words, graph and reading rules in Rust.

    engine = Engine("knowledge", fingerprint=embedder.fingerprint, dimension=384)
    receipt = engine.commit(batch)
    ids, scores = engine.view().search_words("bridge", 10)

The compiled module holds no logic: it converts, releases the GIL, and delegates. Types are in
`sutra_storage.types`, errors in `sutra_storage.errors`.
"""

from sutra_storage._engine import (
    Engine,
    Reader,
    Reading,
    ReadView,
    embedder_of,
    leave_out,
    name_key,
    read_question,
    relation_kind,
    title_name,
)

__all__ = [
    "Engine",
    "ReadView",
    "Reader",
    "Reading",
    "embedder_of",
    "leave_out",
    "name_key",
    "read_question",
    "relation_kind",
    "title_name",
]
