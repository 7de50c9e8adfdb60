"""EPUB: the chapters of a book, and what it says of itself. Nothing that a chapter names is fetched."""
