"""The service: learn, ask, search and explain over HTTP."""
