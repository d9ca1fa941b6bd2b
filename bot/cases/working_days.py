"""The working days of the seat: neither weekends nor the public holidays of Geneva."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

SEAT = ZoneInfo("Europe/Zurich")
_DAY = timedelta(days=1)


def today(now: datetime) -> date:
    """The day that it is at the seat."""
    return now.astimezone(SEAT).date()


class WorkingDays:
    """Counts them. `closed_on` are further days on which the seat is closed."""

    def __init__(self, closed_on: Collection[date] = ()) -> None:
        self._holidays = holidays.country_holidays("CH", subdiv="GE")
        self._closed_on = frozenset(closed_on)

    def is_one(self, day: date) -> bool:
        """Whether the seat works on this day."""
        return day.weekday() < 5 and day not in self._holidays and day not in self._closed_on

    def after(self, moment: datetime, days: int) -> date:
        """The working day that is `days` working days after the day of `moment` at the seat."""
        day = moment.astimezone(SEAT).date()
        while days > 0:
            day += _DAY
            days -= self.is_one(day)
        return day

    def before(self, moment: datetime, days: int) -> datetime:
        """What came earlier has had `days` whole working days by `moment`: the start of a day at the seat, in UTC.

        Something of Monday has had three working days on Friday morning, when Tuesday to Thursday are over.
        """
        day = moment.astimezone(SEAT).date()
        while days > 0:
            day -= _DAY
            days -= self.is_one(day)
        return datetime(day.year, day.month, day.day, tzinfo=SEAT).astimezone(UTC)
