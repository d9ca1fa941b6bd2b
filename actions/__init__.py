"""What Rasa calls when it has decided what to do: one action a file, each a few lines over the knowledge base."""
