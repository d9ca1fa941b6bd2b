"""The form that takes down a question to a person: what it holds, what a message in it means, what it says."""
