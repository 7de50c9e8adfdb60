"""Documents of JSON: their values, one after the other. JSON Lines belong to the core."""
