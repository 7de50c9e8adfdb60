"""Plain text in sections: titles underlined, numbered, in capitals, or at the margin of an indented text."""

from sutra_formats.sections.adapter import SectionedTextAdapter

__all__ = ["SectionedTextAdapter"]
