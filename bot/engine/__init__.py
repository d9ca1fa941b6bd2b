"""What Rasa loads of ours: the components that understand a message. Runs on Python 3.10 in Rasa's environment.

Imports nothing else of `bot` and nothing of `knowledge`: all it knows comes from Rasa's training data.
"""
