"""From a decision to a better assistant: staged changes, the working copy, comparing, publishing, going back."""
