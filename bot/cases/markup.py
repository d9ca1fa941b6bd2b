"""The text of an HTML message, with none of its markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {
        "address",
        "article",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "section",
        "table",
    }
    | {"h1", "h2", "h3", "h4", "h5", "h6", "tr", "ul"}
)
_UNSEEN = frozenset({"head", "noscript", "script", "style", "template", "title"})


def as_text(markup: str) -> str:
    """What a reader sees: a line for each block, and quotations after `> `."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = []
    for depth, text in reader.lines:
        shown = re.sub(r"[ \t\u00a0]+", " ", text).strip()
        lines.append(f"{'> ' * depth}{shown}".rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[int, str]] = [(0, "")]
        self._quotes = 0
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag == "blockquote":
            self._quotes += 1
        if tag in _BLOCKS:
            self._new_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        if tag in _BLOCKS:
            self._new_line()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            depth, text = self.lines[-1]
            self.lines[-1] = (depth, text + re.sub(r"\s+", " ", data))

    def _new_line(self) -> None:
        if self.lines[-1][1].strip():
            self.lines.append((self._quotes, ""))
        else:
            self.lines[-1] = (self._quotes, "")
