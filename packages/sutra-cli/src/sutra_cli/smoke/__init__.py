"""`sutra smoke`: whether a service that was just deployed does what it is there for."""
