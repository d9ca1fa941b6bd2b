"""Starting the assistant on one machine: checks, training when needed, and the supervisor."""
