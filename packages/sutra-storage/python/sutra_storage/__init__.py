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
    change_forgets,
    decode_change,
    detect_language,
    embedder_of,
    language_code,
    leave_out,
    migrate,
    name_key,
    read_questions,
    relation_kind,
    salvage,
    stop_words,
    title_name,
    word_cuts,
)

__all__ = [
    "Engine",
    "ReadView",
    "Reader",
    "Reading",
    "change_forgets",
    "decode_change",
    "detect_language",
    "embedder_of",
    "language_code",
    "leave_out",
    "migrate",
    "name_key",
    "read_questions",
    "relation_kind",
    "salvage",
    "stop_words",
    "title_name",
    "word_cuts",
]
