"""The settings of an engine: from code, the environment, a file, and the defaults, in that order.

Each setting is decided by itself: what code sets wins over the variable `SUTRA_<NAME>`, that over
`<name>` in the configuration file, that over the default. The file is TOML, named by
`SUTRA_CONFIG_FILE`, else `sutra.toml` in the current folder or in the checkout's root, if there.

Nothing here guesses: a name that is not a setting, or a value that is not allowed, is a
`ConfigError` that says which, where it stands, and what is allowed. Nothing here creates a file or
a folder. A relative path means the root of the checkout when the current folder is inside one, so
that every program run there meets the same knowledge, else the current folder.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from ipaddress import ip_network
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal, Self, cast, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo

from sutra_core.errors import ConfigError

__all__ = ["ReasoningEngineConfig", "ReasoningEngineConfigBuilder", "base_folder"]

PREFIX = "SUTRA_"
FILE_VARIABLE = "SUTRA_CONFIG_FILE"
FILE_NAME = "sutra.toml"
NEAR = 0.75  # of 1: how alike a name has to be to be suggested

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
EmbedderName = Literal["instant", "default", "accurate", "wide"]
Dimension = Literal[256, 384, 768]
DIMENSIONS: Mapping[EmbedderName, Dimension] = {"instant": 256, "default": 384, "accurate": 384, "wide": 768}
Switch = Literal["on", "off"]


def base_folder() -> Path:
    """The folder that relative paths start from.

    The nearest folder, from the current one upwards, whose `pyproject.toml` has a table
    `[tool.sutra]` (the root of a checkout); the current folder where there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        try:
            project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        tool: object = project.get("tool")
        if isinstance(tool, dict) and "sutra" in tool:
            return folder
    return here


def _absolute(value: object) -> object:
    if not isinstance(value, str | Path) or not str(value).strip():
        raise ValueError("not a path")
    return (base_folder() / Path(value).expanduser()).resolve()


def _place(value: object) -> object:
    if isinstance(value, str) and "://" in value:
        return value.strip().rstrip("/")
    return str(_absolute(value))


def _existing(folder: Path) -> Path:
    if not os.path.isdir(folder):  # noqa: PTH112  (Path.is_dir raises where it may not look)
        raise ValueError("no such folder")
    return folder


def _whole(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("not a number")
    return value


def _dimension(value: object) -> object:
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _file_exists(path: Path) -> Path:
    if not os.path.isfile(path):  # noqa: PTH113  (Path.is_file raises where it may not look)
        raise ValueError("no such file")
    return path


def _listed(value: object) -> list[str]:
    """The parts of a list, given as one text with commas or as several."""
    parts = value.split(",") if isinstance(value, str) else list(cast("Iterable[object]", value))
    return [str(part).strip() for part in parts if str(part).strip()]


def _networks(value: object) -> tuple[str, ...]:
    return tuple(str(ip_network(part)) for part in _listed(value))


def _origins(value: object) -> tuple[str, ...]:
    origins = tuple(_listed(value))
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("not an origin")
    return origins


_ORIGIN = re.compile(r"https?://[^\s/?#@,*]+")
_Path = Annotated[Path, BeforeValidator(_absolute)]
_Folder = _Path
_Number = BeforeValidator(_whole)


class ReasoningEngineConfig(BaseModel):
    """The settings of one engine; frozen. Every path in it is absolute.

    `builder()` and `from_environment()` look at all four places, and raise `ConfigError`. The
    constructor takes values and defaults alone, looks nowhere else, and raises pydantic's own
    `ValidationError`.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", protected_namespaces=(), use_attribute_docstrings=True
    )

    storage_path: _Folder = Field(default=Path("./knowledge"), validate_default=True)
    """The store's folder."""
    use_rust_storage: bool = True
    """False selects the pure-Python reference store, in memory."""
    api_host: Annotated[str, Field(min_length=1)] = "0.0.0.0"  # noqa: S104
    """The address where the service listens."""
    api_port: Annotated[int, _Number, Field(ge=0, le=65_535)] = 8000
    """The port where the service listens; 0 takes any that is free."""
    api_authentication: Annotated[Switch, BeforeValidator(_lower)] = "on"
    """Whether callers need a key; "off" is for a loopback address alone."""
    api_tls_certificate: Annotated[_Path, AfterValidator(_file_exists)] | None = None
    """A PEM file with the certificate (and its chain); with it the service speaks TLS."""
    api_tls_private_key: Annotated[_Path, AfterValidator(_file_exists)] | None = None
    """A PEM file with the key of the certificate."""
    api_trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_networks)] = ()
    """Addresses and networks, with commas between, of proxies whose X-Forwarded-For is believed."""
    api_cors_origins: Annotated[tuple[str, ...], BeforeValidator(_origins)] = ()
    """Origins of web pages, with commas between, whose scripts may call the service."""
    api_body_bytes_max: Annotated[int, _Number, Field(ge=1024)] = 8 << 20
    """The largest body of a request, in bytes."""
    api_upload_bytes_max: Annotated[int, _Number, Field(ge=1024)] = 1 << 30
    """The largest upload of files, in bytes."""
    api_seconds_max: Annotated[int, _Number, Field(ge=1)] = 60
    """Seconds that a request may take, its waiting included."""
    api_waiting_max: Annotated[int, _Number, Field(ge=1)] = 256
    """Requests that may wait for their turn; who comes when there are so many is sent away."""
    namespace_idle_seconds: Annotated[int, _Number, Field(ge=1)] = 900
    """Seconds after which the service closes a namespace that nobody uses."""
    backup_url: Annotated[str, BeforeValidator(_place)] | None = None
    """A folder or a URL, under which the service backs up each namespace; unset, it backs up none."""
    rate_limit_learn: Annotated[int, _Number, Field(ge=0)] = 100
    """Requests to learn a minute for each client; 0 lifts the limit."""
    rate_limit_reason: Annotated[int, _Number, Field(ge=0)] = 200
    """Questions a minute for each client; 0 lifts the limit."""
    batch_size: Annotated[int, _Number, Field(ge=1, le=100_000)] = 50
    """Texts in each commit when a collection is learned."""
    embedder: Annotated[EmbedderName | None, BeforeValidator(_lower)] = None
    """The embedder by its name; unset, that of `vector_dimension`, else the store's own, else the default."""
    vector_dimension: Annotated[Dimension | None, BeforeValidator(_dimension), _Number] = None
    """256 takes the instant embedder, 384 the default and 768 the wide one where `embedder` is unset."""
    memory_threshold: Annotated[int, _Number, Field(ge=1)] = 50_000
    """Concepts held in the fresh tier before they are settled to disk."""
    memory_cleanup_interval: Annotated[int, _Number, Field(ge=1)] = 5
    """Batches between two clean-ups: after so many it is looked what was removed from settled files."""
    gc_threshold: Annotated[int, _Number, Field(ge=1)] = 1000
    """How many records that were removed from settled files make writing these anew worth doing."""
    hnsw_ef_search: Annotated[int, _Number, Field(ge=1, le=10_000)] = 100
    """Breadth of the vector search: vectors scored at full precision, beside ten for each that is wanted."""
    vector_cache_size: Annotated[int, _Number, Field(ge=0)] = 10_000
    """Full-precision vectors kept as read and checked: their checksum is not computed again."""
    health_check_interval: Annotated[int, _Number, Field(ge=1)] = 300
    """Seconds between two health checks of the service."""
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = "INFO"
    """The least grave message that the service logs."""
    log_days: Annotated[int, _Number, Field(ge=0, le=36_500)] = 14
    """Days that the service's log is kept in files; 0 writes none, and all of it to standard error."""
    log_bytes_max: Annotated[int, _Number, Field(ge=65_536)] = 32 << 20
    """The largest file of the log, in bytes; 16 of them are kept at most."""
    model_path: Annotated[_Folder, AfterValidator(_existing)] | None = None
    """A folder with a model, used before any other source; it has to exist."""
    reader: Annotated[Switch, BeforeValidator(_lower)] = "on"
    """Whether texts are read for answers; "off" answers from facts and sentences alone."""
    reader_path: Annotated[_Folder, AfterValidator(_existing)] | None = None
    """A folder with another reader, used in place of Sutra's own; it has to exist."""
    eval_data: _Folder | None = None
    """A folder with evaluation sets, for benchmarks alone."""
    train_data: _Folder | None = None
    """A folder with training sets, for fitting alone."""
    cache_max_size: Annotated[int, _Number, Field(ge=0)] = 10_000
    """Answers kept in the cache; 0 keeps none."""
    cache_ttl_seconds: Annotated[int, _Number, Field(ge=1)] = 3600
    """Seconds after which a cached answer is no longer used."""
    health_checks: bool = True
    """Whether the engine checks its own health."""
    metrics: bool = True
    """Whether the engine counts and times what it does."""
    traces: Annotated[Switch, BeforeValidator(_lower)] = "off"
    """Whether the service sends traces; it needs `sutra-api[otel]`."""
    answer_threshold: Annotated[float, _Number, Field(ge=0, le=1)] | None = None
    """The least confidence of an answer; below it the answer is "I don't know". Unset, as fitted."""
    answer_retention: Annotated[int, _Number, Field(ge=1, le=36_500)] = 30
    """Days that recorded answers are kept."""
    history_retention: Annotated[int, _Number, Field(ge=0, le=36_500)] = 90
    """Days that the past can be asked, and that earlier versions are kept."""
    purge_hours: Annotated[int, _Number, Field(ge=0, le=8_760)] = 24
    """Hours until what was forgotten is gone from the store's files too."""

    @model_validator(mode="after")
    def _embedder_has_the_dimension(self) -> Self:
        if self.embedder and self.vector_dimension not in {None, DIMENSIONS[self.embedder]}:
            raise ValueError(f"vectors of the embedder {self.embedder} have another dimension")
        return self

    @staticmethod
    def builder() -> ReasoningEngineConfigBuilder:
        """Begins a configuration in code."""
        return ReasoningEngineConfigBuilder()

    @staticmethod
    def from_environment() -> ReasoningEngineConfig:
        """The configuration that the environment, the file and the defaults make."""
        return ReasoningEngineConfigBuilder().build()


class ReasoningEngineConfigBuilder:
    """Gathers what code sets; what is left out, or None, is decided by the other places."""

    def __init__(self) -> None:
        self._code: dict[str, object] = {}

    def _set(self, **values: object) -> ReasoningEngineConfigBuilder:
        self._code.update({name: value for name, value in values.items() if value is not None})
        return self

    def with_storage(
        self, path: str | Path | None = None, *, use_rust: bool | None = None
    ) -> ReasoningEngineConfigBuilder:
        """Where the store is, and whether the engine or the in-memory reference keeps it."""
        return self._set(storage_path=path, use_rust_storage=use_rust)

    def with_caching(
        self, max_size: int | None = None, ttl_seconds: int | None = None
    ) -> ReasoningEngineConfigBuilder:
        """How many answers are cached, and for how many seconds."""
        return self._set(cache_max_size=max_size, cache_ttl_seconds=ttl_seconds)

    def with_batch_processing(
        self, batch_size: int | None = None, cleanup_interval: int | None = None
    ) -> ReasoningEngineConfigBuilder:
        """Texts in each commit, and batches between two clean-ups."""
        return self._set(batch_size=batch_size, memory_cleanup_interval=cleanup_interval)

    def with_monitoring(
        self,
        health_checks: bool | None = None,
        metrics: bool | None = None,
        health_check_interval: int | None = None,
        traces: bool | None = None,
    ) -> ReasoningEngineConfigBuilder:
        """Whether health is checked and metrics are kept, the seconds between two checks, and traces."""
        return self._set(
            health_checks=health_checks,
            metrics=metrics,
            health_check_interval=health_check_interval,
            traces=None if traces is None else "on" if traces else "off",
        )

    def with_memory(
        self, threshold: int | None = None, gc_threshold: int | None = None
    ) -> ReasoningEngineConfigBuilder:
        """Fresh concepts that are held in memory, and retired records that cause a compaction."""
        return self._set(memory_threshold=threshold, gc_threshold=gc_threshold)

    def with_vectors(
        self, ef_search: int | None = None, cache_size: int | None = None
    ) -> ReasoningEngineConfigBuilder:
        """Breadth of the vector search, and full-precision vectors kept in memory."""
        return self._set(hnsw_ef_search=ef_search, vector_cache_size=cache_size)

    def with_embedder(
        self,
        model_path: str | Path | None = None,
        dimension: Dimension | None = None,
        *,
        profile: EmbedderName | None = None,
    ) -> ReasoningEngineConfigBuilder:
        """A folder with a model, and the embedder: by its dimension (256, 384, 768) or its profile's name."""
        return self._set(model_path=model_path, vector_dimension=dimension, embedder=profile)

    def with_reader(
        self, enabled: bool | None = None, path: str | Path | None = None
    ) -> ReasoningEngineConfigBuilder:
        """Whether texts are read for answers, and a folder with another reader than Sutra's own."""
        switch = None if enabled is None else "on" if enabled else "off"
        return self._set(reader=switch, reader_path=path)

    def with_answers(
        self, threshold: float | None = None, retention: int | None = None
    ) -> ReasoningEngineConfigBuilder:
        """The least confidence, in 0 to 1, of an answer that is given, and days that answers are kept."""
        return self._set(answer_threshold=threshold, answer_retention=retention)

    def with_forgetting(
        self, purge_hours: int | None = None, history_retention: int | None = None
    ) -> ReasoningEngineConfigBuilder:
        """Hours, 0 to 8,760, until what was forgotten is gone from the store's files too, and days, 0 to
        36,500, that the past can be asked."""
        return self._set(purge_hours=purge_hours, history_retention=history_retention)

    def with_api(
        self,
        host: str | None = None,
        port: int | None = None,
        rate_limit_learn: int | None = None,
        rate_limit_reason: int | None = None,
        authentication: bool | None = None,
    ) -> ReasoningEngineConfigBuilder:
        """Where the service listens, its limits a minute for each client, and whether it needs keys."""
        switch = None if authentication is None else "on" if authentication else "off"
        return self._set(
            api_host=host,
            api_port=port,
            rate_limit_learn=rate_limit_learn,
            rate_limit_reason=rate_limit_reason,
            api_authentication=switch,
        )

    def with_api_bounds(
        self,
        body_bytes_max: int | None = None,
        upload_bytes_max: int | None = None,
        seconds_max: int | None = None,
        waiting_max: int | None = None,
    ) -> ReasoningEngineConfigBuilder:
        """The largest body and upload, how long a request may take, and how many may wait."""
        return self._set(
            api_body_bytes_max=body_bytes_max,
            api_upload_bytes_max=upload_bytes_max,
            api_seconds_max=seconds_max,
            api_waiting_max=waiting_max,
        )

    def with_api_network(
        self,
        tls_certificate: str | Path | None = None,
        tls_private_key: str | Path | None = None,
        trusted_proxies: Sequence[str] | None = None,
        cors_origins: Sequence[str] | None = None,
    ) -> ReasoningEngineConfigBuilder:
        """The files of TLS, the proxies that are believed, and the origins whose pages may call."""
        return self._set(
            api_tls_certificate=tls_certificate,
            api_tls_private_key=tls_private_key,
            api_trusted_proxies=trusted_proxies,
            api_cors_origins=cors_origins,
        )

    def with_namespaces(self, idle_seconds: int | None = None) -> ReasoningEngineConfigBuilder:
        """After how many seconds the service closes a namespace that nobody uses."""
        return self._set(namespace_idle_seconds=idle_seconds)

    def with_backups(self, url: str | Path | None = None) -> ReasoningEngineConfigBuilder:
        """Under which folder or URL the service backs up each namespace."""
        return self._set(backup_url=url)

    def with_logging(
        self, level: LogLevel | None = None, days: int | None = None, bytes_max: int | None = None
    ) -> ReasoningEngineConfigBuilder:
        """The least grave message that is logged, days that it is kept, and the largest file."""
        return self._set(log_level=level, log_days=days, log_bytes_max=bytes_max)

    def with_evaluation(
        self, data: str | Path | None = None, training: str | Path | None = None
    ) -> ReasoningEngineConfigBuilder:
        """The folder with evaluation sets, and the folder with training sets."""
        return self._set(eval_data=data, train_data=training)

    def build(self) -> ReasoningEngineConfig:
        """The configuration, or a `ConfigError` that names everything that is wrong."""
        wrong: list[str] = []
        values: dict[str, object] = {}
        places: dict[str, str] = {}
        code = ((name, value, f"{name}, set in code,") for name, value in self._code.items())
        for name, value, place in chain(_from_file(wrong), _from_environment(wrong), code):
            values[name], places[name] = value, place
        try:
            config = ReasoningEngineConfig.model_validate(values)
        except ValidationError as error:
            raise ConfigError("\n".join([*wrong, *_refusals(error, values, places)])) from None
        if wrong:
            raise ConfigError("\n".join(wrong))
        return config


def _from_environment(wrong: list[str]) -> Iterator[tuple[str, str, str]]:
    """What the environment sets: (name, value, place). An empty variable sets nothing.

    Adds to `wrong` what is no setting.
    """
    names = {f"{PREFIX}{name.upper()}": name for name in ReasoningEngineConfig.model_fields}
    wrong += [
        _unknown(variable, os.environ[variable], [*names, FILE_VARIABLE])
        for variable in sorted(os.environ)
        if variable.startswith(PREFIX) and variable not in names and variable != FILE_VARIABLE
    ]
    for variable, name in names.items():
        if value := os.environ.get(variable, ""):
            yield name, value, variable


def _from_file(wrong: list[str]) -> Iterator[tuple[str, object, str]]:
    """What the configuration file sets: (name, value, place). Adds to `wrong` what is no setting."""
    path = _file()
    if path is None:
        return
    try:
        values = cast("Mapping[str, object]", tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        wrong.append(f"the configuration file {path} cannot be read: {error.strerror or error}")
        return
    except ValueError as error:
        wrong.append(f"the configuration file {path} is not TOML: {error}")
        return
    known = list(ReasoningEngineConfig.model_fields)
    for name, value in values.items():
        if name in known:
            yield name, value, f"{name} in {path}"
        else:
            wrong.append(f"in {path}: {_unknown(name, value, known)}")


def _file() -> Path | None:
    if named := os.environ.get(FILE_VARIABLE):
        return (Path.cwd() / Path(named).expanduser()).absolute()
    for folder in (Path.cwd(), base_folder()):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    return None


def _unknown(name: str, value: object, known: list[str]) -> str:
    bare = {each.removeprefix(PREFIX): each for each in known}  # what all share makes nothing nearer
    nearest = get_close_matches(name.removeprefix(PREFIX), bare, n=1, cutoff=NEAR)
    then = f"did you mean {bare[nearest[0]]}? Allowed" if nearest else "allowed"
    return f"{name} (with the value {value!r}) is not a setting; {then}: {', '.join(sorted(known))}"


_ALLOWED = {
    "backup_url": "the path of a folder, or a URL such as s3://bucket/prefix",
    "api_trusted_proxies": "IP addresses and networks, with commas between",
    "api_cors_origins": "origins such as https://example.com, with commas between",
    "api_tls_certificate": "the path of a file that exists",
    "api_tls_private_key": "the path of a file that exists",
}


def _refusals(
    error: ValidationError, values: Mapping[str, object], places: Mapping[str, str]
) -> Iterator[str]:
    """Each refused value once, as it was given, in words."""
    if any(not detail["loc"] for detail in error.errors()):
        name, dimension = str(values["embedder"]).strip().lower(), values["vector_dimension"]
        yield (
            f"{places['embedder']} is {values['embedder']!r} and {places['vector_dimension']} is "
            f"{dimension!r}, which contradict each other; allowed: only one of the two, or with {name} "
            f"{DIMENSIONS[cast('EmbedderName', name)]}"
        )
    for name in dict.fromkeys(str(detail["loc"][0]) for detail in error.errors() if detail["loc"]):
        field = ReasoningEngineConfig.model_fields[name]
        given = str(values[name]) if isinstance(values[name], Path) else values[name]
        yield f"{places[name]} is {given!r}; allowed: {_allowed(name, field)}"


def _allowed(name: str, field: FieldInfo) -> str:
    """What a setting may be, in words."""
    default = field.default
    if isinstance(default, bool):
        return "true or false"
    if isinstance(default, int | float):
        limits = {
            side: getattr(item, side)
            for item in field.metadata
            for side in ("ge", "le")
            if hasattr(item, side)
        }
        least, most = limits["ge"], limits.get("le")
        kind = "a whole number" if isinstance(default, int) else "a number"
        return f"{kind} from {least} to {most}" if most is not None else f"{kind} of at least {least}"
    if name == "log_level":
        return ", ".join(get_args(LogLevel))
    if name == "answer_threshold":
        return "a number from 0 to 1"
    if name == "vector_dimension":
        return "256 (the instant embedder), 384 (the default embedder) or 768 (the wide embedder)"
    if name == "embedder":
        return ", ".join(get_args(EmbedderName))
    if name in {"reader", "api_authentication"}:
        return " or ".join(get_args(Switch))
    if name in _ALLOWED:
        return _ALLOWED[name]
    if name in {"model_path", "reader_path"}:
        return "the path of a folder that exists"
    return "a host name or an address" if isinstance(default, str) else "the path of a folder"
