"""The monitor: measures a live service from outside, remembers, and tells when a figure is out of bounds.

Never learns, never writes into a store, and knows the service through its client alone.
"""
