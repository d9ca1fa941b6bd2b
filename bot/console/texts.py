"""What the staff's pages say, by key; the texts stand in locale/en.yml."""

from __future__ import annotations

from pathlib import Path

from knowledge.phrases import Phrases, read_phrases

LOCALE = Path(__file__).parent / "locale/en.yml"


class Texts:
    """`texts("cases.title")`, `texts.of("case_state", "sent")`.

    Write keys out where they are used: a test looks for them there.
    """

    def __init__(self, phrases: Phrases | None = None) -> None:
        self.phrases = phrases or read_phrases(LOCALE)

    def __call__(self, key: str, **values: object) -> str:
        """The text with its placeholders filled.

        Raises:
            KeyError: there is no such text, or a placeholder was given no value.
        """
        return self.phrases(key, **values)

    def of(self, group: str, name: str, **values: object) -> str:
        """The text of one of a group, whose name comes from elsewhere.

        Raises:
            KeyError: there is no such text, or a placeholder was given no value.
        """
        return self.phrases(f"{group}.{name}", **values)

    def named(self, group: str, name: str) -> str:
        """As `of`; a name that has no text, as old records may hold one, stands for itself."""
        key = f"{group}.{name}"
        return self.phrases(key) if key in self.phrases else name.replace("_", " ")
