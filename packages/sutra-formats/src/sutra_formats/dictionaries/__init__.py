"""Dictionaries: WordNet's database, and databases of the DICT protocol such as GCIDE."""

from sutra_formats.dictionaries.dict_database import DictAdapter
from sutra_formats.dictionaries.wordnet import WordNetAdapter

__all__ = ["DictAdapter", "WordNetAdapter"]
