"""What a turn is: a question, its outcome, and the reply. Pure: no web, no database, no Rasa."""
