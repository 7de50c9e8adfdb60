"""Dumps of MediaWiki: pages as documents; links, categories, redirects, infoboxes as associations."""

from sutra_formats.wiki.dump import MediaWikiAdapter

__all__ = ["MediaWikiAdapter"]
