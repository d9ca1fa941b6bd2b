"""Tables, sessions and migrations; the one place that knows the database."""
