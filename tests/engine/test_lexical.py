"""Words count whatever their endings; letters still match when a word is misspelled."""

from __future__ import annotations

import numpy as np

from bot.engine.lexical import Bm25, letters, stems
from bot.engine.text import LONGEST, normal, words

DOCUMENTS = [
    [words("mediation and arbitration"), words("of disputes")],
    [words("scholarships for a master's degree")],
    [],
    [words("patent databases")],
]


def test_text_comes_to_one_normal_form() -> None:
    assert normal("\u2060/restart  ") == "/restart"
    assert normal("𝕎𝕀ℙ𝕆\u200b  and\n\tWTO") == "WIPO and WTO"
    assert words(normal("L\u2019OMPI, c'est quoi?")) == ["l", "ompi", "c", "est", "quoi"]
    assert len(normal("start " + "middle " * 1000 + "end")) <= LONGEST + 1
    assert normal("start " + "middle " * 1000 + "end").endswith("end")


def test_endings_do_not_matter_and_chinese_needs_no_spaces() -> None:
    assert stems(words("mediations mediating")) == ["mediat", "mediat"]
    assert stems(words("知识产权")) == ["知识", "识产", "产权"]


def test_the_class_whose_words_are_asked_for_scores_highest() -> None:
    index = Bm25.fit(DOCUMENTS, "stems")
    assert int(np.argmax(index.scores(words("Who gets a scholarship?")))) == 1
    assert index.scores(words("nothing known here")).tolist() == [0, 0, 0, 0]


def test_a_misspelled_word_still_matches_by_letters() -> None:
    index = Bm25.fit(DOCUMENTS, "letters")
    assert int(np.argmax(index.scores(words("arbitrtion")))) == 0
    assert letters(words("")) == ["  "]


def test_an_index_is_restored_as_it_was() -> None:
    index = Bm25.fit(DOCUMENTS, "stems")
    again = Bm25.restore("stems", *index.state())
    for text in ("a degree", "patent disputes", "知识"):
        assert np.array_equal(index.scores(words(text)), again.scores(words(text)))


def test_classes_without_any_words_do_no_harm() -> None:
    assert Bm25.fit([[], []], "stems").scores(words("anything")).tolist() == [0, 0]
