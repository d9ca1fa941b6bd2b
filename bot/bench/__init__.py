"""Measures the assistant beside the project that `rasa init` makes, both in turn in one run."""
