"""The knowledge base: what may be said, where it comes from, and whom to ask beyond it.

The content is in YAML files beside this code: facts and their sources, entries (one for each thing a delegate may
want to know), areas, contacts, the names the assistant recognises, and every other sentence it says. This package
loads, checks and looks it up; it knows nothing of the web, the database or Rasa.
"""
