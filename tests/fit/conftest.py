"""A tokeniser that needs no model: words and marks, each word cut into its letters."""

from __future__ import annotations

import pytest
from fit.reader.pieces import Pool
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import WordPiece

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:?!'\"-"


@pytest.fixture(scope="session")
def tokeniser() -> Tokenizer:
    """One piece a letter, those inside a word marked as BERT marks them."""
    pieces = ["[UNK]", *LETTERS, *(f"##{letter}" for letter in LETTERS), "the", "##ing"]
    made = Tokenizer(WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


@pytest.fixture
def pool(tokeniser: Tokenizer) -> Pool:
    """An empty pool."""
    return Pool(tokeniser)
