"""What deserves a person's eyes first, and what reviewers decide of it (docs/console.md)."""
