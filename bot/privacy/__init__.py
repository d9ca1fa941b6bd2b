"""Export and erasure of what belongs to one conversation or one person, and what is kept of anybody."""
