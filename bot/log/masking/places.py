"""Where somebody lives or gets post: a street with its number, a post office box."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.log.masking.cues import Cues
from bot.log.masking.text import HAN, Finding, Kind, any_of

_HAN_STREET = re.compile(rf"[{HAN}]{{1,8}}(?:路|街|大道|巷|弄) ?\d{{1,5}} ?[号號]")
_HAN_BOX = re.compile(r"\d{3,6}信箱")


class Places:
    """Finds them."""

    def __init__(self, cues: Cues) -> None:
        streets = cues.streets
        small = rf"(?i:{'|'.join(re.escape(particle) for particle in cues.particles)}|l'|d'|sur|y)"
        big = r"(?:(?![a-zà-öø-ÿа-яё])[^\W\d_][\w'-]*\.?)"
        before = rf"(?i:{any_of(word.rstrip('.') for word in streets.before)}\.?)"
        more = rf"(?: (?:{small} )*(?=[A-ZÀ-Þ]){big})*"
        # A year is no number of a house.
        number = (
            rf"(?:,|،)?\s*(?:(?:{any_of(word for word in streets.numbered if word[0].isalpha())}|№|#)\.?\s*)?"
            r"(?!(?:19|20)\d\d(?!\d))\d{1,5}(?:\s*#\s*\d{1,4})?(?:-\d{1,4})?[A-Za-z]?(?![\d.,]\d)"
        )
        behind = any_of(word.title() for word in streets.behind)
        self._patterns = (
            # 12 Kenyatta Avenue
            re.compile(rf"(?<![\w./-])\d{{1,5}}[A-Za-z]?,? (?:{big} ){{1,3}}{behind}"),
            # 15 rue de la République, ١٥ شارع التحرير
            re.compile(rf"(?<![\w./-])\d{{1,4}}(?: ?bis| ?ter)?,? {before} (?:{small}\s?)*{big}{more}"),
            # Calle Mayor 15, ул. Ленина, д. 15
            re.compile(rf"{before} ?(?:{small}\s)*{big}(?: (?:{small} )*{big}){{0,4}}{number}"),
            re.compile(r"(?i:carrera|calle) \d{1,3}[A-Za-z]? ?# ?\d{1,3}[A-Za-z]? ?- ?\d{1,3}"),
            # Бережковская наб., 30
            re.compile(rf"{big} (?i:{any_of(streets.after_name)})\.?,? ?(?:д\. ?)?\d{{1,4}}(?!\d)"),
            re.compile(rf"(?i:{_boxes(cues)})\s*\d[\d-]*"),
            _HAN_STREET,
            _HAN_BOX,
        )
        self._ours = cues.published.streets

    def find(self, text: str) -> Iterator[Finding]:
        """What is found; findings may overlap."""
        for pattern in self._patterns:
            for match in pattern.finditer(text):
                if not any(street in match[0].lower() for street in self._ours):
                    yield Finding(Kind.ADDRESS, *match.span())


def _boxes(cues: Cues) -> str:
    by_length = sorted(cues.boxes, key=len, reverse=True)
    return rf"(?<![^\W_])(?:{'|'.join(re.escape(box) for box in by_length)})"
