"""Shows the chat window: a host page of another origin, its states as screenshots, its time on a slow line."""
