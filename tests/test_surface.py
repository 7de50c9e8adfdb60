"""The public surface: what users may rely on, name by name. A change here is a change for them."""

from __future__ import annotations

import inspect

import sutra_client
import sutra_core
import sutra_storage
from sutra_cli.main import app
from sutra_client import AsyncClient, Client
from sutra_core import ReasoningEngine, ReasoningEngineConfig, ask, embed, errors, learn

REASONING_ENGINE = {
    "ask",
    "backup",
    "changes",
    "close",
    "embed_pending",
    "expire",
    "embedder",
    "embedder_name",
    "explain",
    "follow",
    "forget",
    "get_concept",
    "get_source",
    "learn",
    "learn_batch",
    "learn_collection",
    "learn_items",
    "neighbors",
    "paths",
    "purge",
    "reader",
    "receipt",
    "receipts",
    "reembed",
    "reindex",
    "search",
    "source_text",
    "sources",
    "stats",
    "verify",
    "view",
    "went",
}
CODES = {
    "ReembedUnderWayError": "reembed_under_way",
    "StoreFollowsError": "store_follows",
    "BackupConflictError": "backup_conflict",
    "BackupCorruptError": "backup_corrupt",
    "BackupMissingError": "backup_missing",
    "ConfigError": "invalid_config",
    "DiskFullError": "disk_full",
    "EmbedderError": "embedder_failed",
    "EmbedderMismatchError": "embedder_mismatch",
    "HistoryMismatchError": "history_mismatch",
    "InternalError": "internal_error",
    "InvalidBatchError": "invalid_batch",
    "InvalidChangeError": "invalid_change",
    "InvalidValueError": "invalid_value",
    "ModelUnavailableError": "model_unavailable",
    "NoSpaceError": "no_space",
    "ReadOnlyError": "read_only",
    "ReaderError": "reader_failed",
    "StoreClosedError": "store_closed",
    "StoreCorruptError": "store_corrupt",
    "StoreExistsError": "store_exists",
    "StoreIOError": "io_error",
    "StoreLockedError": "store_locked",
    "StoreMissingError": "store_missing",
    "SutraError": "sutra_error",
    "UnknownAnswerError": "unknown_answer",
    "AnswerErasedError": "answer_erased",
    "UnknownConceptError": "unknown_concept",
    "UnknownFormatError": "unknown_format",
    "UnknownReceiptError": "unknown_receipt",
    "UnknownSourceError": "unknown_source",
    "UnsupportedFormatError": "unsupported_format",
}


def public(thing: type) -> set[str]:
    own = [name for kind in thing.__mro__ if kind is not object for name in vars(kind)]
    return {name for name in own if not name.startswith("_")}


def test_packages() -> None:
    assert set(sutra_core.__all__) == {"ReasoningEngine", "ReasoningEngineConfig", "SutraError"}
    assert set(sutra_storage.__all__) == {
        "Engine",
        "ReadView",
        "Reader",
        "Reading",
        "change_forgets",
        "decode_change",
        "detect_language",
        "embedder_of",
        "language_code",
        "name_key",
        "leave_out",
        "migrate",
        "relation_kind",
        "salvage",
        "stop_words",
        "word_cuts",
        "read_questions",
        "title_name",
    }
    clients = {"AsyncClient", "Client", "Job", "ServiceError", "ServiceUnavailableError", "connect"}
    assert set(sutra_client.__all__) == clients
    assert {"Answer", "answer_question", "rank_passages"} <= set(ask.__all__)
    learning = {"DatasetAdapter", "Item", "LearnReport", "Learned", "Progress", "Refusal", "learn"}
    learning |= {"ReembedReport", "ReindexReport", "reembed", "reindex"}
    assert learning == set(learn.__all__)
    assert {"Embedder", "PassageText", "fetch_model", "open_embedder"} <= set(embed.__all__)


def test_the_engine() -> None:
    assert public(ReasoningEngine) == REASONING_ENGINE
    parameters = inspect.signature(ReasoningEngine.ask).parameters
    narrowing = ["as_of", "holds_at", "filter"]
    own = ["max_steps", "num_paths", "threshold"]
    assert list(parameters) == ["self", "question", *own, *narrowing, "on_step"]
    for verb in (ReasoningEngine.search, ReasoningEngine.neighbors):
        assert list(inspect.signature(verb).parameters)[-3:] == narrowing


def test_the_client_has_the_verbs_of_the_engine() -> None:
    local = {"embed_pending", "embedder", "embedder_name", "follow", "learn_items", "reader"}
    local |= {"verify", "view"}
    # The service's operator says where its backups lie, not the caller.
    local |= {"backup"}
    # It comes by itself, and with each purge.
    local |= {"expire"}
    own = {"find_entity", "health", "namespaces", "create_namespace", "delete_namespace"}
    own |= {"jobs", "get_job", "pause_job", "resume_job", "cancel_job", "job_refusals", "watch_job"}
    own |= {"backup", "monitoring", "test_persistence"}
    assert public(Client) == public(AsyncClient) == (REASONING_ENGINE - local) | own
    for verb in REASONING_ENGINE - local:
        mine, theirs = (
            inspect.signature(getattr(kind, verb)).parameters for kind in (Client, ReasoningEngine)
        )
        assert set(theirs) <= set(mine), verb
        assert all(mine[name].default == theirs[name].default for name in theirs), verb
        assert all(mine[name].kind == theirs[name].kind for name in theirs), verb


def test_both_clients_take_the_same() -> None:
    for verb in {"__init__", *public(Client)} - {"changes", "watch_job"}:
        mine, theirs = (inspect.signature(getattr(kind, verb)) for kind in (AsyncClient, Client))
        assert mine == theirs, verb


def test_the_builder_of_the_contract() -> None:
    builder = public(type(ReasoningEngineConfig.builder()))
    contract = {"with_storage", "with_caching", "with_batch_processing", "with_monitoring", "build"}
    assert contract <= builder


def test_every_error_has_its_code() -> None:
    assert {name: getattr(errors, name).code for name in errors.__all__} == CODES


def test_commands() -> None:
    commands = {command.name for command in app.registered_commands}
    commands |= {group.name for group in app.registered_groups}
    assert commands == {
        "learn",
        "inspect",
        "watch",
        "ask",
        "search",
        "explain",
        "show",
        "sources",
        "stats",
        "forget",
        "purge",
        "receipts",
        "verify",
        "backup",
        "restore",
        "salvage",
        "migrate",
        "reembed",
        "reindex",
        "models",
        "keys",
        "monitor",
        "smoke",
    }
    groups = {
        group.name: {
            command.name or _name(command.callback) for command in group.typer_instance.registered_commands
        }
        for group in app.registered_groups
        if group.typer_instance
    }
    assert groups == {"models": {"fetch", "list"}, "keys": {"make", "list", "revoke"}}


def _name(callback: object) -> str:
    return getattr(callback, "__name__", "")
