"""`sutra`: the command line. It speaks to `sutra_core.ReasoningEngine` and adds nothing to it."""

__all__: list[str] = []
