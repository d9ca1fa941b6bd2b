"""The public edge: the chat API, tokens, limits, the relay to the engine, health, metrics and the first page."""
