"""Proper codes and the names of people in a text, and whether another language's text names the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from knowledge.base import KnowledgeBase
from knowledge.records import Language

Forms = Mapping[Language, tuple[str, ...]]
"""What a name is called in each language, where it is not called as in English."""

EN, FR, ES, AR, ZH, RU = Language

_FORMS: Mapping[str, Forms] = {
    "WIPO": {FR: ("OMPI",), ES: ("OMPI",), AR: ("ويبو",), ZH: ("产权组织",), RU: ("ВОИС",)},
    "IP": {
        FR: ("propriété intellectuelle", "PI"),
        ES: ("propiedad intelectual", "PI"),
        AR: ("ملكية الفكرية",),
        ZH: ("知识产权",),
        RU: ("интеллектуальная собственность", "ИС"),
    },
    "COVID-19": {AR: ("كوفيد-19",), ZH: ("2019冠状病毒病",)},
    "COVID": {AR: ("كوفيد",), ZH: ("冠状病毒病",)},
    "UN": {FR: ("ONU",), ES: ("ONU", "Naciones Unidas"), AR: ("أمم المتحدة",), ZH: ("联合国",), RU: ("ООН",)},
    "US": {FR: ("États-Unis",), ES: ("EE. UU.",), AR: ("أمريكي",), ZH: ("美元", "美国"), RU: ("США",)},
    "NGO": {FR: ("ONG",), ES: ("ONG",), AR: ("غير الحكومية",), ZH: ("非政府组织",), RU: ("НПО",)},
    "LDC": {
        FR: ("PMA", "pays les moins avancés"),
        ES: ("PMA", "países menos adelantados"),
        AR: ("أقل نموا",),
        ZH: ("最不发达国家",),
        RU: ("НРС", "наименее развитая страна"),
    },
    "ASEAN": {AR: ("آسيان",), ZH: ("东盟",), RU: ("АСЕАН",)},
}
"""What the gazetteer does not tell: organizations and notions that are no service, or its names in other languages.

An Arabic form stands without the article, which a preposition may swallow.
"""

_COMMON_NOUNS = frozenset({"FAQ", "IT"})
"""Written in capitals in English, and an ordinary word in other languages."""

_LETTER = "[A-Za-zÀ-ɏА-яЁё0-9]"
"""Of the alphabets that put a space between words."""

_WORD = re.compile(rf"(?<!{_LETTER})[A-Za-z][A-Za-z0-9]*(?:[-/:][A-Za-z0-9]+)*")
_CODE = re.compile(r"[A-Z].*[A-Z]|[A-Za-z]\d")

_PEOPLE: tuple[Mapping[Language, str], ...] = (
    {EN: "Daren Tang", FR: "Daren Tang", ES: "Daren Tang", AR: "دارين تانغ", ZH: "邓鸿森", RU: "Дарен Танг"},
)
"""People whom answers name and who are no contact."""

_COURTESY = re.compile(r"^(?:Mr\.|Ms\.|M\.|Mme|Sr\.|Sra\.|السيدة|السيد|г-н|г-жа)\s+|先生$|女士$")


@cache
def codes(text: str) -> tuple[str, ...]:
    """The acronyms and proper codes in a text, in Latin letters: words with two capitals or a digit, each once.

    Acronyms joined by hyphens, as in WHO-WIPO-WTO, are several; an English plural, as in TISCs, is its singular.
    """
    found: dict[str, None] = {}
    for word in _WORD.findall(text):
        parts = word.split("-")
        for code in parts if all(part.isalpha() and part.isupper() for part in parts) else [word]:
            singular = code[:-1] if code[:-1].isupper() and code.endswith("s") else code
            if singular not in _COMMON_NOUNS and any(map(_CODE.search, singular.split("-"))):
                found[singular] = None
    return tuple(found)


def forms_of_code(base: KnowledgeBase, code: str, language: Language) -> tuple[str, ...]:
    """By which names a text in this language may call what the English calls `code`."""
    services = (
        name
        for service in base.services.values()
        if code.casefold() in {name.casefold() for name in (service.id, *service.names)}
        for name in service.names
    )
    return (code, *_FORMS.get(code, {}).get(language, ()), *services)


def people(base: KnowledgeBase) -> list[Mapping[Language, str]]:
    """The family names, by language, of the people whom answers may name."""
    contacts = [contact.name for contact in base.contacts.values() if _COURTESY.match(contact.name.get(EN, ""))]
    return [{language: _family(name) for language, name in names.items()} for names in (*contacts, *_PEOPLE)]


def _family(name: str) -> str:
    """What follows the given name; the whole name where nothing tells the two apart."""
    return re.split("[ ·]", _COURTESY.sub("", name).strip(), maxsplit=1)[-1]


def occurs(form: str, text: str, language: Language) -> bool:
    """Whether the text holds this name as a word, in Russian with any ending.

    An Arabic or Chinese name is one wherever it stands: these languages write other words onto it.
    """
    return _pattern(form, language).search(text) is not None


@cache
def _pattern(form: str, language: Language) -> re.Pattern[str]:
    words = form.split()
    if language is RU:
        words = [re.escape(re.sub("[аеёиоуыэюяйь]+$", "", word)) + "[а-яё]*" for word in words]
    else:
        words = [re.escape(word) for word in words]
    pattern = r"\s+".join(words)
    if re.match(_LETTER, form):
        pattern = rf"(?<!{_LETTER}){pattern}(?!{_LETTER})"
    return re.compile(pattern, re.NOFLAG if form.isupper() else re.IGNORECASE)
