"""A file of thresholds: what it replaces, and what of it is refused and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from sutra_core.errors import ConfigError
from sutra_monitor.settings import Settings, load_settings


def loaded(folder: Path, text: str) -> Settings:
    path = folder / "thresholds.toml"
    path.write_text(text)
    return load_settings(path)


def rules(settings: Settings) -> dict[tuple[str, str], str]:
    return {(rule.level, rule.figure): str(rule) for rule in settings.rules}


def test_a_file_replaces_rule_by_rule(folder: Path) -> None:
    shipped = rules(load_settings())
    settings = loaded(
        folder,
        """
        repeat_hours = 1
        [critical]
        query_latency_p95 = ">= 250"
        cpu_usage_percent = "> 95"
        [warning]
        storage_file_size_mb = "off"
        """,
    )
    expected = shipped | {
        ("critical", "query_latency_p95"): ">= 250",
        ("critical", "cpu_usage_percent"): "> 95",
    }
    del expected["warning", "storage_file_size_mb"]
    assert rules(settings) == expected
    assert (settings.repeat_hours, settings.window_hours) == (1, 24)
    assert rules(loaded(folder, "")) == shipped


def test_the_channels_of_a_file(folder: Path) -> None:
    settings = loaded(
        folder,
        """
        [[webhook]]
        url = "https://alerts.example.org/a"
        [[webhook]]
        url = "http://localhost/b"
        allow_private = true
        bearer_token_file = "token"
        timeout = 3
        [[email]]
        host = "mail.example.org"
        from = "sutra@example.org"
        to = ["a@example.org", "b@example.org"]
        [[command]]
        argv = ["page", "me"]
        """,
    )
    assert [(each.url, each.allow_private, each.timeout) for each in settings.webhook] == [
        ("https://alerts.example.org/a", False, 10),
        ("http://localhost/b", True, 3),
    ]
    assert [(each.sender, each.to, each.starttls, each.port) for each in settings.email] == [
        ("sutra@example.org", ["a@example.org", "b@example.org"], True, 25)
    ]
    assert [each.argv for each in settings.command] == [["page", "me"]]


MAIL = 'host = "h"\nfrom = "a@b.org"\nto = ["a@b.org"]\n'
WRONG: dict[str, tuple[str, str]] = {
    "no TOML": ("[critical", "are not TOML"),
    "unknown key": (
        "repeat = 1",
        "repeat in .* is not a setting; allowed: command, critical, email",
    ),
    "unknown figure": (
        '[warning]\nlatency = "> 1"',
        "warning.latency in .* is no figure; allowed: .*query_latency",
    ),
    "bad operator": (
        '[critical]\ncpu_usage_percent = "=> 1"',
        "critical.cpu_usage_percent in .*'=> 1'.* allowed: one of",
    ),
    "no number": ('[critical]\ncpu_usage_percent = "> much"', "is no rule; allowed"),
    "a rule that is a number": (
        "[critical]\ncpu_usage_percent = 95",
        "critical.cpu_usage_percent in .* not allowed",
    ),
    "no hours": ("repeat_hours = 0", "repeat_hours in .*greater than 0"),
    "hours that are no number": ('window_hours = "a day"', "window_hours in .*valid number"),
    "no such scheme": ('[[webhook]]\nurl = "ftp://a"', "webhook.1.url in .* allowed: an address that begins"),
    "no address at all": ('[[webhook]]\nurl = "https://"', "webhook.1.url in .* allowed: an address"),
    "a password in a URL": ('[[webhook]]\nurl = "https://me:secret@a/"', "use bearer_token_file"),
    "no url": ("[[webhook]]\ntimeout = 1", "webhook.1.url in .*: it has to be there"),
    "unknown key of a webhook": (
        '[[webhook]]\nurl = "http://a"\ntoken = "secret"',
        "webhook.1.token in .* is not a setting; allowed: allow_private, bearer_token_file, timeout, url",
    ),
    "unknown key of an email": (f"[[email]]\n{MAIL}tls = true", "email.1.tls .* allowed: .*from.*starttls"),
    "no receiver": ('[[email]]\nhost = "h"\nfrom = "a@b.org"\nto = []', "email.1.to in"),
    "two receivers in one": ("[[email]]\n" + MAIL.replace('to = ["', 'to = ["c@d.org, '), "email.1.to.1 in"),
    "no port": (f"[[email]]\n{MAIL}port = 0", "email.1.port in"),
    "a name without a password": (f'[[email]]\n{MAIL}user = "me"', "user and password_file belong together"),
    "a password for all to read": (
        f'[[email]]\n{MAIL}user = "me"\npassword_file = "f"\nstarttls = false',
        "starttls = true with a user",
    ),
    "a shell's line": ('[[command]]\nargv = "page me"', "command.1.argv in"),
    "no program": ("[[command]]\nargv = []", "command.1.argv in"),
    "for ever": (
        '[[command]]\nargv = ["a"]\ntimeout = 3600',
        "command.1.timeout in .*less than or equal to 60",
    ),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_place_and_no_secret(folder: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        loaded(folder, text)
    assert str(folder / "thresholds.toml") in str(caught.value)
    assert "secret" not in str(caught.value)


def test_everything_that_is_wrong_is_told_at_once(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, '[critical]\nno = "> 1"\ncpu_usage_percent = "x"\n[warning]\nnor = "> 1"')
    assert len(str(caught.value).splitlines()) == 3


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read"):
        load_settings(folder / "nowhere.toml")
