"""Accounts for every message and every case once all is quiet: lost, handled twice, out of order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.faults.delegates import Delegate
from tests.faults.records import Message, Records


@dataclass(frozen=True)
class Account:
    """What became of what was accepted. All but the first two and the last two must be nothing."""

    messages: int
    cases: int
    lost: int = 0
    """Messages without an answer, without a turn in the record or unknown to Rasa, and cases without their letters."""
    twice: int = 0
    """Messages with two turns, told to Rasa twice or answered twice, and conversations with a second case."""
    disordered: int = 0
    """Conversations that are not in the order they were said: as shown, as recorded, or as Rasa has them."""
    unheard: int = 0
    """Conversations in which who listened did not hear exactly what is shown."""
    failed: int = 0
    """Messages answered with an apology for a fault inside."""
    untold: int = 0
    """Turns of the record that do not know why they ended as they did: Rasa's events were lost."""
    letters_again: int = 0
    """Letters that came again, under the same Message-ID."""
    why: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Nothing lost, nothing twice, no order broken."""
        return not (self.lost or self.twice or self.disordered or self.unheard)

    def figures(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class Accounting:
    """Of these delegates, whose `shown` histories were asked for after the last answer."""

    def __init__(
        self,
        delegates: Sequence[Delegate],
        shown: Mapping[str, list[dict[str, Any]]],
        records: Records,
        letters: Counter[str],
        subjects: Iterable[str],
    ) -> None:
        """`letters` are the Message-IDs that the mail server took, `subjects` those of the letters to contacts."""
        self._delegates = [one for one in delegates if one.id]
        self._shown, self._letters = shown, letters
        self._subjects = "\n".join(subjects)
        ours = {one.id for one in self._delegates}
        self._by_client = {m.client_id: m for m in records.messages() if m.conversation in ours}
        numbers = {m.id for m in self._by_client.values()}
        self._replies = [one for one in records.replies() if one[0] in numbers]
        self._recorded = [one for one in records.recorded() if one[0] in ours]
        self._understood = [one for one in records.understood() if one[0] in ours]
        self._cases = [one for one in records.cases() if one.conversation in ours]
        self._why: list[str] = []

    def account(self, untold: int = 0) -> Account:
        """The sums, and up to twenty reasons."""
        said = [one for delegate in self._delegates for one in delegate.said]
        problems = [one.problem for one in self._delegates if one.problem]
        self._why += problems
        return Account(
            messages=len(said),
            cases=len(self._cases),
            lost=len(self._lost()) + len(self._cases_lost()) + len(problems),
            twice=len(self._twice()),
            disordered=len(self._disordered()),
            unheard=len(self._unheard()),
            failed=sum(one.outcome == "error" for one in self._by_client.values()),
            untold=untold,
            letters_again=sum(self._letters.values()) - len(self._letters),
            why=tuple(self._why[:20]),
        )

    def _lost(self) -> set[str]:
        answered = {number for number, _ in self._replies}
        recorded = {number for _, number in self._recorded}
        understood = {number for _, number in self._understood}
        lost = set()
        for delegate in self._delegates:
            shown = {one["in_reply_to"] for one in self._shown.get(delegate.id, []) if one.get("in_reply_to")}
            for one in delegate.said:
                message = self._by_client.get(one.id)
                missing = [
                    place
                    for place, is_there in {
                        "accepted": message is not None,
                        "answered": message is not None and message.id in answered and message.outcome is not None,
                        "shown": one.id in shown,
                        "recorded": message is not None and message.id in recorded,
                        "understood": message is not None and (message.outcome == "error" or message.id in understood),
                    }.items()
                    if not is_there
                ]
                if missing:
                    lost.add(one.id)
                    self._why.append(f"lost: {message or one.text}: not {', '.join(missing)}")
        return lost

    def _twice(self) -> set[str]:
        found: dict[str, list[int] | list[str] | list[tuple[int, int]] | list[tuple[str, int]]] = {
            "answered": [number for number, count in Counter(self._replies).items() if count > 1],
            "recorded": [number for number, count in Counter(self._recorded).items() if count > 1],
            "understood": [number for number, count in Counter(self._understood).items() if count > 1],
            "handed in": [c for c, count in Counter(case.conversation for case in self._cases).items() if count > 1],
        }
        self._why += [f"twice {how}: {which}" for how, several in found.items() for which in several]
        return {f"{which}" for several in found.values() for which in several}

    def _disordered(self) -> set[str]:
        recorded, understood = _by_conversation(self._recorded), _by_conversation(self._understood)
        broken = set()
        for delegate in self._delegates:
            shown = self._shown.get(delegate.id, [])
            said = [one.id for one in delegate.said]
            numbers = [self._by_client[one].id for one in said if one in self._by_client]
            orders: dict[str, tuple[Sequence[Any], Sequence[Any]]] = {
                "shown": ([one["cursor"] for one in shown if one["role"] == "delegate"], said),
                "answers": (_once(one["in_reply_to"] for one in shown if one.get("in_reply_to")), said),
                "before its question": (_answered_early(shown), []),
                "accepted": (numbers, sorted(numbers)),
                "recorded": (recorded[delegate.id], sorted(recorded[delegate.id])),
                "understood": (_once(understood[delegate.id]), sorted(set(understood[delegate.id]))),
            }
            for place, (found, wanted) in orders.items():
                if list(found) != [one for one in wanted if one in set(found)]:
                    broken.add(delegate.id)
                    self._why.append(f"order of {delegate.id}, {place}: {found} for {wanted}")
        return broken

    def _unheard(self) -> set[str]:
        """Who left before the end has heard a part, which must be the beginning."""
        wrong = set()
        for delegate in self._delegates:
            shown = [one["cursor"] for one in self._shown.get(delegate.id, [])]
            heard = [one["cursor"] for one in delegate.heard]
            if heard != shown[: len(heard)]:
                wrong.add(delegate.id)
                self._why.append(f"heard in {delegate.id}: {heard} for {shown}")
        return wrong

    def _cases_lost(self) -> set[str]:
        handed_in = {case.conversation: case for case in self._cases}
        lost = set()
        for delegate in self._delegates:
            case = handed_in.get(delegate.id)
            if delegate.case and case is None:
                outcomes = [self._outcome(self._by_client.get(one.id)) for one in delegate.said]
                if "error" not in outcomes:
                    lost.add(delegate.id)
                    self._why.append(f"no case of {delegate.id}: {outcomes}")
        for case in self._cases:
            if case.letters_waiting or f"[{case.reference}]" not in self._subjects:
                lost.add(case.reference)
                self._why.append(f"letters of {case.reference}: {case.letters_waiting} wait")
        return lost

    @staticmethod
    def _outcome(message: Message | None) -> str | None:
        return message.outcome if message else None


def _by_conversation(pairs: Iterable[tuple[str, int]]) -> defaultdict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for conversation, number in pairs:
        found[conversation].append(number)
    return found


def _once(several: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(several))


def _answered_early(shown: Sequence[dict[str, Any]]) -> list[str]:
    """The questions that are shown below their answers."""
    asked: set[str] = set()
    early = []
    for one in shown:
        if one["role"] == "delegate":
            asked.add(one["cursor"])
        elif one.get("in_reply_to") and one["in_reply_to"] not in asked:
            early.append(one["in_reply_to"])
    return early
