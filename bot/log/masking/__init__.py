"""Finds personal data in what delegates write, in six languages, and puts what it is in its place."""
