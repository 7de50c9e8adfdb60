"""Formats of files beside those that `sutra_core` reads itself, each an adapter of its own.

Every adapter is registered under the entry point group `sutra.adapters` and read in a process of its own,
under limits. Importing a module here is cheap: the library that parses a format is imported when the first
file of it is read. Nothing here writes a file, follows an address, or knows of sentences and stores.
"""
