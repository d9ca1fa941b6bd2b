"""Handoff to a person by e-mail: cases, letters out, replies in, and the process that carries both."""
