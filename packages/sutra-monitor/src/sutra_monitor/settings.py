"""The monitor's settings: the rules and channels of a TOML file over those of the package.

Refuses what it does not know, and says what is wrong, where, and what is allowed. Reads no secret: files that
hold one are read when they are needed.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import httpx2
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from sutra_core.errors import ConfigError
from sutra_monitor.figures import NAMES
from sutra_monitor.rules import Rule, parsed

__all__ = ["CommandSettings", "EmailSettings", "Settings", "WebhookSettings", "load_settings"]

Seconds = Annotated[float, Field(ge=0.1, le=60)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Address = Annotated[str, Field(pattern=r"^[^\s@<>,\"]+@[^\s@<>,\"]+$", max_length=320)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=True)


class WebhookSettings(_Model):
    """An alert is posted as JSON to a URL."""

    url: Text
    bearer_token_file: Text | None = None
    allow_private: bool = False
    timeout: Seconds = 10.0

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        try:
            parsed_url = httpx2.URL(url)
        except httpx2.InvalidURL:
            parsed_url = httpx2.URL("")
        if parsed_url.scheme not in {"http", "https"} or not parsed_url.host:
            raise ValueError("allowed: an address that begins with http:// or https://")
        if parsed_url.userinfo:
            raise ValueError("allowed: an address without a name or a password; use bearer_token_file")
        return url


class EmailSettings(_Model):
    """An alert is sent as an e-mail."""

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    sender: Address = Field(alias="from")
    to: Annotated[list[Address], Field(min_length=1, max_length=100)]
    starttls: bool = True
    user: Text | None = None
    password_file: Text | None = None
    allow_private: bool = False
    timeout: Seconds = 10.0

    @model_validator(mode="after")
    def _is_whole(self) -> EmailSettings:
        if (self.user is None) != (self.password_file is None):
            raise ValueError("user and password_file belong together; allowed: both or neither")
        if self.user is not None and not self.starttls:
            raise ValueError("a password would be sent for all to read; allowed: starttls = true with a user")
        return self


class CommandSettings(_Model):
    """An alert is given to a program, as JSON on its standard input."""

    argv: Annotated[list[Text], Field(min_length=1, max_length=100)]
    timeout: Seconds = 10.0


class _File(_Model):
    """What a file may say."""

    repeat_hours: Annotated[float, Field(gt=0, le=8760)] | None = None
    window_hours: Annotated[float, Field(gt=0, le=720)] | None = None
    critical: dict[str, str] = Field(default_factory=dict)
    warning: dict[str, str] = Field(default_factory=dict)
    webhook: list[WebhookSettings] = Field(default_factory=list[WebhookSettings])
    email: list[EmailSettings] = Field(default_factory=list[EmailSettings])
    command: list[CommandSettings] = Field(default_factory=list[CommandSettings])


class Settings(_Model):
    """When the monitor alarms, and whom it tells."""

    repeat_hours: float
    window_hours: float
    rules: tuple[Rule, ...]
    webhook: tuple[WebhookSettings, ...]
    email: tuple[EmailSettings, ...]
    command: tuple[CommandSettings, ...]


def load_settings(path: Path | None = None) -> Settings:
    """The settings of the package, replaced rule by rule by those of a file. Raises `ConfigError`."""
    shipped = files("sutra_monitor") / "thresholds.toml"
    base, base_rules = _read("thresholds.toml of the package", shipped.read_text(encoding="utf-8"))
    own, own_rules = base, {}
    if path is not None:
        try:
            text = path.expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"the thresholds in {path} cannot be read: {error}") from None
        own, own_rules = _read(str(path), text)
    rules = {**base_rules, **own_rules}
    assert base.repeat_hours and base.window_hours, "the package sets both"
    return Settings(
        repeat_hours=own.repeat_hours or base.repeat_hours,
        window_hours=own.window_hours or base.window_hours,
        rules=tuple(rule for rule in rules.values() if rule),
        webhook=tuple(own.webhook),
        email=tuple(own.email),
        command=tuple(own.command),
    )


def _read(place: str, text: str) -> tuple[_File, dict[tuple[str, str], Rule | None]]:
    """What a file says, and its rules by level and figure; None for one that is off."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the thresholds in {place} are not TOML: {error}") from None
    try:
        told = _File.model_validate(values)
    except ValidationError as error:
        raise ConfigError("\n".join(_refusal(place, cast("Any", each)) for each in error.errors())) from None
    wrong: list[str] = []
    rules: dict[tuple[str, str], Rule | None] = {}
    tables: tuple[tuple[Literal["critical", "warning"], dict[str, str]], ...] = (
        ("critical", told.critical),
        ("warning", told.warning),
    )
    for level, table in tables:
        for figure, rule in table.items():
            where = f"{level}.{figure} in {place}"
            if figure not in NAMES:
                wrong.append(f"{where} is no figure; allowed: {', '.join(NAMES)}")
                continue
            try:
                rules[level, figure] = None if rule.strip() == "off" else parsed(figure, level, rule)
            except ValueError as error:
                wrong.append(f"{where}: {error}")
    if wrong:
        raise ConfigError("\n".join(wrong))
    return told, rules


_ALLOWED: dict[tuple[object, ...], type[BaseModel]] = {
    (): _File,
    ("webhook",): WebhookSettings,
    ("email",): EmailSettings,
    ("command",): CommandSettings,
}


def _refusal(place: str, wrong: dict[str, Any]) -> str:
    """One thing that is wrong, in words; what was given is not repeated, as it may be secret."""
    parts: tuple[object, ...] = wrong["loc"]
    where = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in parts)
    if wrong["type"] == "extra_forbidden":
        model = _ALLOWED.get(tuple(part for part in parts[:-1] if isinstance(part, str)), _File)
        names = (field.alias or name for name, field in model.model_fields.items())
        return f"{where} in {place} is not a setting; allowed: {', '.join(sorted(names))}"
    reason = str(wrong["msg"]).removeprefix("Value error, ")
    if wrong["type"] == "missing":
        reason = "it has to be there"
    return f"{where} in {place} is not allowed: {reason[:1].lower()}{reason[1:]}"
