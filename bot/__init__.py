"""The help assistant for delegates. Each room says in its own docstring what it is for (docs/architecture.md)."""
