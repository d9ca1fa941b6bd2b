"""The random sample, and what it says of how often we are right.

Every other way into the queue looks for trouble, so that only what was drawn at random may speak for all. What is not
judged yet may be either right or wrong: the interval covers both, and narrows as the sample is judged.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from bot.store.record_tables import time_of

DAYS = 28
"""Up to today, that the estimate is of."""
_Z = 1.959963984540054
"""The standard normal quantile of 97.5 %."""


def is_drawn(turn_id: int, share: float) -> bool:
    """Whether the turn is in the sample of its day: the same each time it is asked, and blind to what the turn says."""
    seed = time_of(turn_id).date().isoformat()
    digest = hashlib.blake2b(f"{seed}/{turn_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) < share * 2**64


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, after E. B. Wilson, Probable inference, JASA 22 (1927); 0 to 1 of nothing."""
    if not of:
        return 0.0, 1.0
    share, square = right / of, _Z**2 / of
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Estimate:
    """How often we are right, as the sample of the last days tells."""

    drawn: int
    judged: int
    right: int

    @property
    def open(self) -> int:
        """Drawn and not judged."""
        return self.drawn - self.judged

    @property
    def share(self) -> float | None:
        """Of those judged; nothing without any."""
        return self.right / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Of all turns, with 95 % confidence, whatever will be found of those that are not judged."""
        return wilson(self.right, self.drawn)[0], wilson(self.right + self.open, self.drawn)[1]
