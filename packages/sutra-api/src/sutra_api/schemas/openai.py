"""What clients written for OpenAI's API send and get (its "Chat" and "Embeddings", as of 2025).

Fields that mean nothing here (temperature, tools, …) are taken and ignored, as such clients expect.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sutra_api.schemas.asking import Citation
from sutra_api.schemas.base import Result
from sutra_core.ask.answer import AnswerKind

__all__ = [
    "ChatRequest",
    "Choice",
    "Completion",
    "Embedding",
    "Embeddings",
    "EmbeddingsRequest",
    "Message",
    "Model",
    "Models",
    "Told",
    "Usage",
]

CHAT_MODEL = "sutra"
_CONTENT_MAX = 2000


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)


class Part(_Lenient):
    """A part of a message; only text is read."""

    type: str
    text: Annotated[str, Field(max_length=_CONTENT_MAX)] = ""


class Message(_Lenient):
    """A message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: (
        Annotated[str, Field(max_length=1_000_000)] | Annotated[list[Part], Field(max_length=100)] | None
    ) = None

    @property
    def text(self) -> str:
        """What it says, in words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(_Lenient):
    """What a stream brings besides."""

    include_usage: bool = False


class ChatRequest(_Lenient):
    """A conversation, of which the user's last message is the question."""

    messages: Annotated[
        list[Message],
        Field(
            min_length=1,
            max_length=1000,
            examples=[[{"role": "user", "content": "Where does the Aln rise?"}]],
        ),
    ]
    model: Annotated[str, Field(max_length=200)] = CHAT_MODEL
    stream: bool | None = False
    stream_options: StreamOptions | None = None


class Usage(Result):
    """Words of the question and of the answer; nothing here is made of tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Told(Result):
    """What Sutra says of an answer besides its words: an extension of the format."""

    answer: str
    """The id by which the answer is explained."""
    kind: AnswerKind
    confidence: float
    citations: list[Citation]


class Said(Result):
    """The assistant's message."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(Result):
    """The one answer that there is."""

    index: int = 0
    message: Said
    finish_reason: Literal["stop"] = "stop"


class Completion(Result):
    """The answer to a conversation."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    sutra: Told


class EmbeddingsRequest(_Lenient):
    """Texts to embed."""

    input: (
        Annotated[str, Field(min_length=1, max_length=100_000)]
        | Annotated[
            list[Annotated[str, Field(min_length=1, max_length=100_000)]], Field(min_length=1, max_length=256)
        ]
    ) = Field(examples=["The Aln rises at Alham."])
    model: Annotated[str, Field(max_length=200)] = ""
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int, Field(ge=1)] | None = None
    """The embedder's own, if given."""


class Embedding(Result):
    """The vector of one text, of unit length: numbers, or base64 of little-endian float32."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingsUsage(Result):
    """Words of the texts."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(Result):
    """The vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingsUsage


class Model(Result):
    """What can be asked, or embeds."""

    id: str = Field(examples=[CHAT_MODEL])
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "sutra"


class Models(Result):
    """All of them."""

    object: Literal["list"] = "list"
    data: list[Model]
