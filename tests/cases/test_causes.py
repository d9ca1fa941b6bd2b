"""Whatever becomes of a letter or comes in, its event has a cause of its own."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from bot.store.case_causes import Became, of_letter, of_mail
from bot.store.case_tables import LetterKind, MailKind

NO_ARRIVAL = (MailKind.ANSWER, MailKind.REFUSED)
"""An answer changes the case's state, and what is refused came as something else."""


@pytest.mark.parametrize(("kind", "became"), list(product(LetterKind, get_args(Became))))
def test_of_every_letter(kind: LetterKind, became: Became) -> None:
    assert of_letter(kind.value, became) == f"{kind}_{became}"


@pytest.mark.parametrize("kind", [kind for kind in MailKind if kind not in NO_ARRIVAL])
def test_of_all_mail_that_is_no_answer(kind: MailKind) -> None:
    assert of_mail(kind.value) == f"{kind}_received"
