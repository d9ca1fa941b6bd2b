"""Where somebody lives or gets post: a street with its number, a post office box."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.log.masking.cues import Cues
from bot.log.masking.text import HAN, Finding, Kind, any_of, has_digits

_H = rf"(?:(?![到寄住址在是为收])[{HAN}])"
_HAN_STREET = re.compile(
    rf"(?:{_H}{{2,8}}?(?:省|自治区))?(?:{_H}{{1,7}}?[市州盟])?(?:{_H}{{1,7}}?[区县旗])?(?:{_H}{{1,7}}?[镇乡])?"
    rf"{_H}{{1,8}}?(?:路|街|大道|巷|弄|胡同|村|里|道) ?\d{{1,5}}(?:-\d{{1,4}})? ?[号號弄]"
    rf"(?:院|楼|之[一二三四五六七八九十\d])?(?: ?\d{{1,4}} ?[号幢栋座楼单元室层]{{1,2}}){{0,4}}"
)
_MORE = re.compile(
    r"(?:,? (?i:apt|apartment|flat|unit|suite|app|appt|bât|escalier|piso|dpto|of|oficina|int|puerta"
    r"|кв|квартира|оф|офис|корп|к|стр)"
    r"\b\.? ?[\w.º°-]{1,6}|,? ?\d{1,2}\.?[ºª°] ?(?:izda|dcha|[A-Z])?\.?"
    r"|,? \d{4,6},? (?:[A-ZÀ-ÞА-Я][\w'-]+)(?: [A-ZÀ-Þ][\w'-]+){0,2}|, (?:[A-ZÀ-ÞА-Я][\w'-]+ ){1,2}\d{4,6}\b"
    r"|, (?:[A-ZÀ-ÞА-Я][\w'-]+ ){1,2}[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}\b|[,،] (?:[A-ZÀ-ÞА-Я][\w'-]{2,})(?=$|[.,;)\n])"
    r"|[,،] [\u0621-\u064a]{3,}(?=$|[.,،;)\n]| لعناية))"
)
"""What follows the street up to the town."""
_TOWN_BEFORE = re.compile(r"(?:г|гор|город)\.? ?[А-ЯЁ][\w-]+,? $")
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
        if not has_digits(text):
            return
        for pattern in self._patterns:
            for match in pattern.finditer(text):
                if not any(street in match[0].lower() for street in self._ours):
                    yield Finding(Kind.ADDRESS, *_whole(text, *match.span()))


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """With what belongs to the address before and behind it."""
    while more := _MORE.match(text, end):
        end = more.end()
    before = _TOWN_BEFORE.search(text[:start])
    return (before.start() if before else start), end


def _boxes(cues: Cues) -> str:
    by_length = sorted(cues.boxes, key=len, reverse=True)
    return rf"(?<![^\W_])(?:{'|'.join(re.escape(box) for box in by_length)})"
