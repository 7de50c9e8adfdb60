"""Every rule by which a setting is decided, and every way in which one is refused."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest
from pydantic import ValidationError

from sutra_core.config import DIMENSIONS, ReasoningEngineConfig, base_folder
from sutra_core.embed import PROFILES
from sutra_core.errors import ConfigError

CHECKOUT = Path(__file__).resolve().parents[3]
DIMENSIONS_ALLOWED = "256 (the instant embedder), 384 (the default embedder) or 768 (the wide embedder)"

DEFAULTS = {
    "use_rust_storage": True,
    "api_host": "0.0.0.0",
    "api_port": 8000,
    "api_authentication": "on",
    "api_tls_certificate": None,
    "api_tls_private_key": None,
    "api_trusted_proxies": (),
    "api_cors_origins": (),
    "api_body_bytes_max": 8 << 20,
    "api_upload_bytes_max": 1 << 30,
    "api_seconds_max": 60,
    "api_waiting_max": 256,
    "namespace_idle_seconds": 900,
    "backup_url": None,
    "rate_limit_learn": 100,
    "rate_limit_reason": 200,
    "batch_size": 50,
    "embedder": None,
    "vector_dimension": None,
    "memory_threshold": 50_000,
    "memory_cleanup_interval": 5,
    "gc_threshold": 1000,
    "hnsw_ef_search": 100,
    "vector_cache_size": 10_000,
    "health_check_interval": 300,
    "traces": "off",
    "log_level": "INFO",
    "log_days": 14,
    "log_bytes_max": 33_554_432,
    "model_path": None,
    "reader": "on",
    "reader_path": None,
    "eval_data": None,
    "train_data": None,
    "cache_max_size": 10_000,
    "cache_ttl_seconds": 3600,
    "health_checks": True,
    "metrics": True,
    "answer_threshold": None,
    "answer_retention": 30,
    "history_retention": 90,
    "purge_hours": 24,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, and no variable of ours."""
    for variable in list(os.environ):
        if variable.startswith("SUTRA_"):
            monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal() -> str:
    with pytest.raises(ConfigError) as caught:
        ReasoningEngineConfig.from_environment()
    assert caught.value.code == "invalid_config"
    return str(caught.value)


def test_the_defaults_are_those_promised(folder: Path) -> None:
    config = ReasoningEngineConfig.from_environment()
    assert config.model_dump() == {"storage_path": folder / "knowledge", **DEFAULTS}
    assert ReasoningEngineConfig() == config


@pytest.mark.parametrize(
    ("variable", "value", "name", "expected"),
    [
        ("SUTRA_USE_RUST_STORAGE", "false", "use_rust_storage", False),
        ("SUTRA_API_HOST", "127.0.0.1", "api_host", "127.0.0.1"),
        ("SUTRA_API_PORT", "9000", "api_port", 9000),
        ("SUTRA_API_AUTHENTICATION", "OFF", "api_authentication", "off"),
        ("SUTRA_API_TRUSTED_PROXIES", "10.0.0.0/8, ::1", "api_trusted_proxies", ("10.0.0.0/8", "::1/128")),
        ("SUTRA_API_CORS_ORIGINS", "https://a.example", "api_cors_origins", ("https://a.example",)),
        ("SUTRA_API_BODY_BYTES_MAX", "2048", "api_body_bytes_max", 2048),
        ("SUTRA_API_UPLOAD_BYTES_MAX", "4096", "api_upload_bytes_max", 4096),
        ("SUTRA_API_SECONDS_MAX", "5", "api_seconds_max", 5),
        ("SUTRA_API_WAITING_MAX", "1", "api_waiting_max", 1),
        ("SUTRA_NAMESPACE_IDLE_SECONDS", "9", "namespace_idle_seconds", 9),
        ("SUTRA_BACKUP_URL", "s3://bucket/prefix/", "backup_url", "s3://bucket/prefix"),
        ("SUTRA_RATE_LIMIT_LEARN", "0", "rate_limit_learn", 0),
        ("SUTRA_RATE_LIMIT_REASON", "1", "rate_limit_reason", 1),
        ("SUTRA_BATCH_SIZE", "7", "batch_size", 7),
        ("SUTRA_EMBEDDER", "Accurate", "embedder", "accurate"),
        ("SUTRA_VECTOR_DIMENSION", "256", "vector_dimension", 256),
        ("SUTRA_VECTOR_DIMENSION", "384", "vector_dimension", 384),
        ("SUTRA_VECTOR_DIMENSION", "768", "vector_dimension", 768),
        ("SUTRA_READER", "Off", "reader", "off"),
        ("SUTRA_MEMORY_THRESHOLD", "10", "memory_threshold", 10),
        ("SUTRA_MEMORY_CLEANUP_INTERVAL", "2", "memory_cleanup_interval", 2),
        ("SUTRA_GC_THRESHOLD", "3", "gc_threshold", 3),
        ("SUTRA_HNSW_EF_SEARCH", "64", "hnsw_ef_search", 64),
        ("SUTRA_VECTOR_CACHE_SIZE", "0", "vector_cache_size", 0),
        ("SUTRA_HEALTH_CHECK_INTERVAL", "15", "health_check_interval", 15),
        ("SUTRA_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("SUTRA_CACHE_MAX_SIZE", "5", "cache_max_size", 5),
        ("SUTRA_CACHE_TTL_SECONDS", "5", "cache_ttl_seconds", 5),
        ("SUTRA_HEALTH_CHECKS", "0", "health_checks", False),
        ("SUTRA_METRICS", "no", "metrics", False),
        ("SUTRA_TRACES", "ON", "traces", "on"),
        ("SUTRA_ANSWER_THRESHOLD", "0.25", "answer_threshold", 0.25),
        ("SUTRA_ANSWER_RETENTION", "7", "answer_retention", 7),
    ],
)
def test_each_variable_is_read(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, name: str, expected: object
) -> None:
    monkeypatch.setenv(variable, value)
    assert getattr(ReasoningEngineConfig.from_environment(), name) == expected


@pytest.mark.parametrize("name", ["storage_path", "model_path", "reader_path", "eval_data", "train_data"])
def test_paths_are_read_and_made_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (folder / "b").mkdir()
    (folder / "home" / "b").mkdir(parents=True)
    monkeypatch.setenv(f"SUTRA_{name.upper()}", "a/../b")
    assert getattr(ReasoningEngineConfig.from_environment(), name) == folder / "b"
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv(f"SUTRA_{name.upper()}", "~/b")
    assert getattr(ReasoningEngineConfig.from_environment(), name) == folder / "home" / "b"


def test_every_setting_has_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ReasoningEngineConfig.model_fields:
        monkeypatch.setenv(f"SUTRA_{name.upper()}", "")  # an empty variable sets nothing
    assert ReasoningEngineConfig.from_environment() == ReasoningEngineConfig()


def test_code_wins_over_environment_over_file_over_default(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sutra.toml").write_text("batch_size = 1\ngc_threshold = 1\nhnsw_ef_search = 1\n")
    monkeypatch.setenv("SUTRA_BATCH_SIZE", "2")
    monkeypatch.setenv("SUTRA_GC_THRESHOLD", "2")
    config = ReasoningEngineConfig.builder().with_batch_processing(batch_size=3).build()
    assert (config.batch_size, config.gc_threshold, config.hnsw_ef_search) == (3, 2, 1)
    assert config.memory_cleanup_interval == 5


def test_the_promised_builder_call(folder: Path) -> None:
    config = (
        ReasoningEngineConfig.builder()
        .with_storage("./elsewhere")
        .with_caching(max_size=10_001, ttl_seconds=3601)
        .with_batch_processing(batch_size=100, cleanup_interval=10)
        .with_monitoring(health_checks=False, metrics=False)
        .build()
    )
    assert config.storage_path == folder / "elsewhere"
    assert (config.cache_max_size, config.cache_ttl_seconds) == (10_001, 3601)
    assert (config.batch_size, config.memory_cleanup_interval) == (100, 10)
    assert (config.health_checks, config.metrics) == (False, False)


def test_the_other_groups_of_the_builder(folder: Path) -> None:
    (folder / "model").mkdir()
    (folder / "pem").touch()
    config = (
        ReasoningEngineConfig.builder()
        .with_storage(use_rust=False)
        .with_monitoring(health_check_interval=1)
        .with_memory(threshold=2, gc_threshold=3)
        .with_vectors(ef_search=4, cache_size=5)
        .with_embedder(model_path="model", dimension=768, profile="wide")
        .with_answers(threshold=0.25, retention=9)
        .with_api(host="::1", port=6, rate_limit_learn=7, rate_limit_reason=8, authentication=False)
        .with_api_bounds(body_bytes_max=2000, upload_bytes_max=3000, seconds_max=4, waiting_max=5)
        .with_api_network("pem", "pem", trusted_proxies=["10.0.0.1"], cors_origins=["http://b.example:1"])
        .with_namespaces(idle_seconds=6)
        .with_backups("backups")
        .with_logging(level="ERROR", days=3, bytes_max=100_000)
        .with_evaluation(data="sets", training="training")
        .build()
    )
    changed = {
        "use_rust_storage": False,
        "health_check_interval": 1,
        "memory_threshold": 2,
        "gc_threshold": 3,
        "hnsw_ef_search": 4,
        "vector_cache_size": 5,
        "model_path": folder / "model",
        "embedder": "wide",
        "vector_dimension": 768,
        "answer_threshold": 0.25,
        "answer_retention": 9,
        "api_host": "::1",
        "api_port": 6,
        "api_authentication": "off",
        "api_body_bytes_max": 2000,
        "api_upload_bytes_max": 3000,
        "api_seconds_max": 4,
        "api_waiting_max": 5,
        "api_tls_certificate": folder / "pem",
        "api_tls_private_key": folder / "pem",
        "api_trusted_proxies": ("10.0.0.1/32",),
        "api_cors_origins": ("http://b.example:1",),
        "namespace_idle_seconds": 6,
        "backup_url": str(folder / "backups"),
        "rate_limit_learn": 7,
        "rate_limit_reason": 8,
        "log_level": "ERROR",
        "log_days": 3,
        "log_bytes_max": 100_000,
        "eval_data": folder / "sets",
        "train_data": folder / "training",
    }
    assert config.model_dump() == {"storage_path": folder / "knowledge", **DEFAULTS, **changed}


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("SUTRA_BATCH_SIZE", "0", "a whole number from 1 to 100000"),
        ("SUTRA_BATCH_SIZE", "many", "a whole number from 1 to 100000"),
        ("SUTRA_BATCH_SIZE", "1.5", "a whole number from 1 to 100000"),
        ("SUTRA_API_PORT", "65536", "a whole number from 0 to 65535"),
        ("SUTRA_API_AUTHENTICATION", "maybe", "on or off"),
        ("SUTRA_API_TLS_PRIVATE_KEY", "nowhere", "the path of a file that exists"),
        ("SUTRA_API_TRUSTED_PROXIES", "proxy", "IP addresses and networks, with commas between"),
        ("SUTRA_API_CORS_ORIGINS", "*", "origins such as https://example.com, with commas between"),
        ("SUTRA_RATE_LIMIT_LEARN", "-1", "a whole number of at least 0"),
        ("SUTRA_VECTOR_DIMENSION", "512", DIMENSIONS_ALLOWED),
        ("SUTRA_VECTOR_DIMENSION", "big", DIMENSIONS_ALLOWED),
        ("SUTRA_EMBEDDER", "fast", "instant, default, accurate, wide"),
        ("SUTRA_LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("SUTRA_USE_RUST_STORAGE", "maybe", "true or false"),
        ("SUTRA_ANSWER_THRESHOLD", "1.5", "a number from 0 to 1"),
        ("SUTRA_ANSWER_THRESHOLD", "nan", "a number from 0 to 1"),
        ("SUTRA_STORAGE_PATH", " ", "the path of a folder"),
        ("SUTRA_BACKUP_URL", " ", "the path of a folder, or a URL such as s3://bucket/prefix"),
        ("SUTRA_MODEL_PATH", " ", "the path of a folder that exists"),
        ("SUTRA_MODEL_PATH", "/nowhere/at all", "the path of a folder that exists"),
        ("SUTRA_EVAL_DATA", " ", "the path of a folder"),
        ("SUTRA_TRAIN_DATA", " ", "the path of a folder"),
    ],
)
def test_a_value_out_of_range_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert refusal() == f"{variable} is {value!r}; allowed: {allowed}"


def test_the_embedder_and_the_dimension_may_not_contradict(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUTRA_EMBEDDER", "Wide")
    monkeypatch.setenv("SUTRA_VECTOR_DIMENSION", "384")
    contradiction = (
        "SUTRA_EMBEDDER is 'Wide' and SUTRA_VECTOR_DIMENSION is '384', which contradict each other; "
        "allowed: only one of the two, or with wide 768"
    )
    assert refusal() == contradiction
    monkeypatch.delenv("SUTRA_EMBEDDER")
    in_file = folder / "sutra.toml"
    (folder / "sutra.toml").write_text('embedder = "instant"\n')
    assert refusal().startswith(f"embedder in {in_file} is 'instant' and SUTRA_VECTOR_DIMENSION is '384', ")
    with pytest.raises(ValidationError):
        ReasoningEngineConfig(embedder="wide", vector_dimension=384)


def test_each_name_goes_with_its_profiles_dimension() -> None:
    assert {name: profile.dimension for name, profile in PROFILES.items()} == DIMENSIONS
    for name, dimension in DIMENSIONS.items():
        config = ReasoningEngineConfig.builder().with_embedder(dimension=dimension, profile=name).build()
        assert (config.embedder, config.vector_dimension) == (name, dimension)


def test_an_unknown_variable_is_refused_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUTRA_BATCHSIZE", "9")
    message = refusal()
    assert message.startswith("SUTRA_BATCHSIZE (with the value '9') is not a setting")
    assert "did you mean SUTRA_BATCH_SIZE?" in message
    assert "SUTRA_STORAGE_PATH" in message
    assert "SUTRA_CONFIG_FILE" in message


@pytest.mark.parametrize("variable", ["SUTRA_BOGUS", "SUTRA_RUST", "SUTRA_STORE", "SUTRA_API_KEY"])
def test_a_name_that_is_near_to_none_suggests_none(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "1")
    message = refusal()
    assert message.startswith(f"{variable} (with the value '1') is not a setting; allowed: SUTRA_ANSWER_")
    assert "did you mean" not in message


def test_everything_that_is_wrong_is_named_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sutra.toml").write_text("bogus = 1\ngc_threshold = 0\n")
    monkeypatch.setenv("SUTRA_BATCH_SIZE", "0")
    monkeypatch.setenv("SUTRA_API_PORT", "http")
    monkeypatch.setenv("SUTRA_BOGUS", "1")
    with pytest.raises(ConfigError) as caught:
        ReasoningEngineConfig.builder().with_answers(threshold=2).build()
    lines = [line.split("; ")[0] for line in str(caught.value).splitlines()]
    assert sorted(lines) == [
        "SUTRA_API_PORT is 'http'",
        "SUTRA_BATCH_SIZE is '0'",
        "SUTRA_BOGUS (with the value '1') is not a setting",
        "answer_threshold, set in code, is 2",
        f"gc_threshold in {folder / 'sutra.toml'} is 0",
        f"in {folder / 'sutra.toml'}: bogus (with the value 1) is not a setting",
    ]


def test_a_bad_file_does_not_hide_a_bad_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sutra.toml").write_text("batch_size = ")
    monkeypatch.setenv("SUTRA_API_PORT", "http")
    first, second = refusal().splitlines()
    assert "is not TOML" in first
    assert second.startswith("SUTRA_API_PORT is 'http'")


def test_a_value_in_code_is_refused_where_it_stands() -> None:
    with pytest.raises(ConfigError, match="batch_size, set in code, is 0; allowed: a whole number from 1"):
        ReasoningEngineConfig.builder().with_batch_processing(batch_size=0).build()
    with pytest.raises(ConfigError, match="batch_size, set in code, is True"):
        ReasoningEngineConfig.builder().with_batch_processing(batch_size=True).build()


def test_the_file_may_be_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sutra.toml").write_text("batch_size = 1\n")
    (folder / "other.toml").write_text("batch_size = 2\nmetrics = false\n")
    monkeypatch.setenv("SUTRA_CONFIG_FILE", "other.toml")
    config = ReasoningEngineConfig.from_environment()
    assert (config.batch_size, config.metrics) == (2, False)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("batch_sise = 1", "did you mean batch_size?"),
        ("batch_size = 0", "sutra.toml is 0; allowed: a whole number from 1 to 100000"),
        ("batch_size = true", "sutra.toml is True; allowed: a whole number from 1 to 100000"),
        ("vector_dimension = 384.5", "sutra.toml is 384.5; allowed: 256"),
        ("storage_path = 3", "sutra.toml is 3; allowed: the path of a folder"),
        ('storage_path = "a\\u0000b"', "allowed: the path of a folder"),
        ("batch_size = ", "is not TOML"),
        ("batch_size = 1 # \udcff", "is not TOML"),
    ],
)
def test_a_bad_file_is_refused(folder: Path, content: str, says: str) -> None:
    (folder / "sutra.toml").write_bytes(content.encode("utf-8", "surrogateescape"))
    message = refusal()
    assert says in message
    assert "sutra.toml" in message


def test_a_named_file_that_is_missing_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUTRA_CONFIG_FILE", "missing.toml")
    assert str(folder / "missing.toml") in refusal()


def test_a_relative_path_means_the_root_of_the_checkout(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = folder / "checkout" / "packages" / "one"
    inner.mkdir(parents=True)
    (folder / "checkout" / "pyproject.toml").write_text("[tool.sutra]\ncheckout = true\n")
    (folder / "checkout" / "sutra.toml").write_text("batch_size = 4\n")
    (inner / "pyproject.toml").write_text("[project]\nname = 'one'\n")
    (inner.parent / "pyproject.toml").write_text("not TOML")
    monkeypatch.chdir(inner)
    assert base_folder() == folder / "checkout"
    config = ReasoningEngineConfig.from_environment()
    assert config.storage_path == folder / "checkout" / "knowledge"
    assert config.batch_size == 4
    (inner / "sutra.toml").write_text("batch_size = 5\n")
    assert ReasoningEngineConfig.from_environment().batch_size == 5


def test_an_absolute_path_is_kept(folder: Path) -> None:
    config = ReasoningEngineConfig.builder().with_storage(folder / "there").build()
    assert config.storage_path == folder / "there"


def test_a_configuration_is_frozen() -> None:
    config = ReasoningEngineConfig.from_environment()
    with pytest.raises(ValidationError):
        config.batch_size = 1  # type: ignore[misc]


def test_building_creates_nothing(folder: Path) -> None:
    ReasoningEngineConfig.from_environment()
    assert list(folder.iterdir()) == []


def test_the_production_configuration(folder: Path) -> None:
    config = runpy.run_path(str(CHECKOUT / "config" / "production.py"))["config"]
    assert isinstance(config, ReasoningEngineConfig)
    assert config.model_dump() == {
        **DEFAULTS,
        "storage_path": folder / "knowledge",
        "batch_size": 100,
        "memory_cleanup_interval": 10,
    }
