"""`sutra models`: the embedder's model on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sutra_cli.output import Json, console, notices, print_json

if TYPE_CHECKING:
    from sutra_core.embed import Profile

__all__ = ["app"]

app = typer.Typer(help="Look after the embedder's model.", no_args_is_help=True)


@app.command()
def fetch(
    profile: Annotated[
        str | None, typer.Argument(help="One that `sutra models list` names. Default: as configured.")
    ] = None,
    json: Json = False,
) -> None:
    """Find the model by its hash, check it, and build the encoder; says what was tried."""
    from sutra_core import ReasoningEngineConfig
    from sutra_core.embed import fetch_model, profile_for_dimension, profile_named

    config = ReasoningEngineConfig.from_environment()
    if profile is not None:
        chosen = profile_named(profile)
    elif config.vector_dimension is not None:
        chosen = profile_for_dimension(config.vector_dimension)
    else:
        chosen = profile_named("default")
    fetch_model(
        chosen,
        model_path=config.model_path,
        report=lambda line: notices.print(line, style="dim", soft_wrap=True),
    )
    if json:
        print_json(_as_json(chosen))
        return
    console.print(f"{chosen.model} is ready ({chosen.dimension} dimensions)")


@app.command("list")
def list_profiles(json: Json = False) -> None:
    """List the profiles."""
    from sutra_core.embed import PROFILES

    if json:
        print_json([_as_json(profile) for profile in PROFILES.values()])
        return
    for name, profile in PROFILES.items():
        console.print(f"{name:10} {profile.model}, {profile.dimension} dimensions")


def _as_json(profile: Profile) -> dict[str, str | int]:
    return {"profile": profile.name, "model": profile.model, "dimension": profile.dimension}
