"""`sutra models`: the embedder's model and the reader on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sutra_cli.output import Json, console, notices, print_json

if TYPE_CHECKING:
    from sutra_core.embed import Profile

__all__ = ["app"]

READER = "reader"
"""What the reader is called beside the profiles."""

app = typer.Typer(help="Look after the embedder's model and the reader.", no_args_is_help=True)


@app.command()
def fetch(
    profile: Annotated[
        str | None,
        typer.Argument(help="One that `sutra models list` names. Default: as configured, and the reader."),
    ] = None,
    json: Json = False,
) -> None:
    """Find the model by its hash, check it, and build what runs; says what was tried."""
    from sutra_core import ReasoningEngineConfig
    from sutra_core.embed import fetch_model, own_profile, profile_named
    from sutra_core.reader import fetch_reader
    from sutra_core.store import chosen_profile

    def report(line: str) -> None:
        notices.print(line, style="dim", soft_wrap=True)

    config = ReasoningEngineConfig.from_environment()
    if profile == READER:
        fetch_reader(model_path=config.model_path, report=report)
        if json:
            print_json(_reader_as_json(built=True))
        else:
            console.print("the reader is ready")
        return
    if profile is not None:
        chosen = profile_named(profile)
    else:
        own = own_profile(config.model_path) if config.model_path else None
        chosen = chosen_profile(config) or own or profile_named("default")
    fetch_model(chosen, model_path=config.model_path, report=report)
    reads = profile is None and config.reader == "on" and config.reader_path is None
    if not json:
        console.print(f"{chosen.model} is ready ({chosen.dimension} dimensions)")
    if reads:
        fetch_reader(model_path=config.model_path, report=report)
        if not json:
            console.print("the reader is ready")
    if json:
        print_json(_as_json(chosen) | ({READER: _reader_as_json(built=True)} if reads else {}))


@app.command("list")
def list_profiles(json: Json = False) -> None:
    """List the embedder's profiles, and the reader."""
    from sutra_core.embed import PROFILES
    from sutra_core.reader import SHIPPED, is_built

    built = is_built()
    if json:
        print_json([*map(_as_json, PROFILES.values()), _reader_as_json(built=built)])
        return
    for name, profile in PROFILES.items():
        made = f", made of {profile.base}" if profile.base else ""
        console.print(f"{name:10} {profile.model}, {profile.dimension} dimensions{made}", soft_wrap=True)
    state = "built" if built else "not built: `sutra models fetch reader`"
    console.print(f"{READER:10} {SHIPPED.name}, SHA-256 {SHIPPED.sha256}, {state}", soft_wrap=True)


def _reader_as_json(*, built: bool) -> dict[str, str | bool]:
    from sutra_core.reader import SHIPPED

    return {"profile": READER, "model": SHIPPED.name, "sha256": SHIPPED.sha256, "built": built}


def _as_json(profile: Profile) -> dict[str, object]:
    return {"profile": profile.name, "model": profile.model, "dimension": profile.dimension}
