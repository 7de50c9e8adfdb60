"""The verbs of a client as steps, one file for each kind; none sends or sleeps."""
