"""Manuals: man(7), mdoc(7) and reStructuredText. No macro is run, and no other file is included."""
