"""What was said, as the record that staff read (docs/record.md)."""
