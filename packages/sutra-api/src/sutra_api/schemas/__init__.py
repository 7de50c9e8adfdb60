"""The JSON of the service: what comes in is checked to the letter, what goes out says what it is."""
