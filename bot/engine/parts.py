"""Several questions in one message: where one ends and the next begins."""

from __future__ import annotations

import itertools
import re

_ASKING = (
    # English, French, Spanish, Russian: what a question that is joined to another begins with.
    r"who|whom|whose|what|when|where|which|why|how|is there|are there|is it|can|could|may|does|do we|do i"
    r"|qui|que|quoi|quand|où|ou se|quel(?:le)?s?|combien|comment|pourquoi|est-ce|y a-t-il|peut-on|à qui|a qui"
    r"|quién(?:es)?|quien(?:es)?|qué|cuándo|cuando|dónde|donde|cuál(?:es)?|cual(?:es)?|cuánt[oa]s?|cuant[oa]s?|cómo"
    r"|como|por qué|hay|se puede|a quién"
    r"|кто|кому|кого|что|когда|где|как(?:ой|ая|ие|ую|ово)?|куда|сколько|почему|зачем|можно ли|есть ли"
)
_ARABIC = r"(?:من|ما|متى|أين|اين|كيف|كم|هل|لماذا|ماذا|أي|بكم|لمن)"
_CHINESE = r"(?:谁|什么|何时|哪|怎么|怎样|如何|多少|几|是否|能否|可以|有没有|要不要|誰|什麼|怎麼)"
_JOINED = re.compile(
    rf"(?:\s*[,;]\s*|\s+)(?:and|or|also|plus|et|ou|y|o|и|а|also,?)\s+(?:also\s+|aussi\s+|también\s+|ещё\s+|еще\s+)?"
    rf"(?=(?:{_ASKING})\b)"
    rf"|[،,؛]?\s+و(?=\s?{_ARABIC}\b)"
    rf"|[，,；;](?:以及|还有|還有|另外|和|并且)?(?=[^，。？]*{_CHINESE})",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[?؟？])\s*|(?<=[.!。！;；])\s+|\s*\n+\s*")
_MARK = re.compile(r"[?؟？]\W*$")
_BEGINS = re.compile(rf"^\W*(?:and |et |y |и |а )?(?:{_ASKING})\b|^\W*و?{_ARABIC}\b", re.IGNORECASE)
_ASKS_IN_CHINESE = re.compile(_CHINESE)
_LEAST = 2
"""Words, or twice as many characters where words are not spaced, of a question that stands for itself."""
MOST = 4
"""Questions of one message that are taken apart."""


def questions(text: str) -> list[tuple[str, str]]:
    """The questions in a text, each with what stands before it; empty when there are fewer than two.

    Args:
        text: as typed, because lines and marks count.
    """
    found: list[tuple[str, str]] = []
    for start, sentence in _sentences(text):
        if not _asks(sentence):
            continue
        joints = list(_JOINED.finditer(sentence))
        begins = [0, *(joint.end() for joint in joints)]
        ends = [*(joint.start() for joint in joints), len(sentence)]
        pieces = [(begin, sentence[begin:end].strip()) for begin, end in zip(begins, ends)]
        if all(_stands(piece) for _, piece in pieces):
            found += [(piece, text[: start + begin].strip()) for begin, piece in pieces]
        else:
            found.append((sentence.strip(), text[:start].strip()))
    return found if 1 < len(found) <= MOST else []


def beside_questions(text: str) -> list[str]:
    """The sentences of a text that stand beside its questions and ask nothing; none where it has no question."""
    sentences = [sentence.strip() for _, sentence in _sentences(text)]
    stated = [sentence for sentence in sentences if not _asks(sentence)]
    return stated if len(stated) < len(sentences) else []


def _asks(sentence: str) -> bool:
    return any(sign.search(sentence) for sign in (_MARK, _BEGINS, _ASKS_IN_CHINESE))


def _sentences(text: str) -> list[tuple[int, str]]:
    ends = [match.end() for match in _SENTENCE.finditer(text) if match.end() > 0]
    cuts = [0, *ends, len(text)]
    return [(begin, text[begin:end]) for begin, end in itertools.pairwise(cuts) if text[begin:end].strip()]


def _stands(piece: str) -> bool:
    return len(piece.split()) >= _LEAST or len(re.findall(r"[\u3400-\u9fff]", piece)) >= 2 * _LEAST
