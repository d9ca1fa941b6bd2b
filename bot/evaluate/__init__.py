"""Measures how well the whole assistant understands, on questions that nobody may train on."""
