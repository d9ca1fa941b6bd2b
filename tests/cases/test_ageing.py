"""Working days of the seat, the reminder, and the end of what nobody takes further; on any day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.cases.ageing import is_overdue
from bot.cases.working_days import WorkingDays
from knowledge.records import Language
from tests.cases.conftest import FOCAL_POINT, House
from tests.cases.post_office import PostOffice
from tests.cases.test_letters import plain
from tests.cases.test_replies import reply


@pytest.mark.parametrize(
    ("asked", "days", "expected"),
    [
        ("2026-03-02T09:00+00:00", 1, date(2026, 3, 3)),  # Monday
        ("2026-03-06T09:00+00:00", 1, date(2026, 3, 9)),  # over a weekend
        ("2026-03-07T09:00+00:00", 1, date(2026, 3, 9)),  # asked on a Saturday
        ("2026-04-02T09:00+00:00", 1, date(2026, 4, 7)),  # over Easter, from Good Friday to Monday
        ("2026-09-09T09:00+00:00", 1, date(2026, 9, 11)),  # the Genevan fast
        ("2026-12-30T09:00+00:00", 1, date(2027, 1, 4)),  # Restoration of the Republic, New Year, a weekend
        ("2026-03-02T23:30+00:00", 1, date(2026, 3, 4)),  # it is Tuesday at the seat already
    ],
)
def test_days_are_counted_at_the_seat(asked: str, days: int, expected: date) -> None:
    assert WorkingDays().after(datetime.fromisoformat(asked), days) == expected


def test_further_days_on_which_the_seat_is_closed_do_not_count() -> None:
    closed = WorkingDays([date(2026, 3, 3), date(2026, 3, 4)])
    assert closed.after(datetime(2026, 3, 2, 9, tzinfo=UTC), 1) == date(2026, 3, 5)


def test_whole_working_days_have_passed() -> None:
    before = WorkingDays().before(datetime(2026, 3, 6, 9, tzinfo=UTC), 3)
    assert before == datetime(2026, 3, 2, 23, tzinfo=UTC)


async def test_the_contact_is_reminded_once_after_the_working_days(house: House, office: PostOffice) -> None:
    receipt = await house.ask()  # a Monday
    await house.carry()
    reminded = []
    for _ in range(20):
        await house.post.ageing.pass_by(house.clock())
        if await house.carry():
            reminded.append(house.clock().date())
        house.clock.forward(days=1)
    assert reminded == [date(2026, 3, 6)]
    question, reminder = office.to(FOCAL_POINT)
    assert reminder["Subject"] == f"[{receipt.reference}] Still unanswered: Amina Otieno (Kenya)"
    assert reminder["In-Reply-To"] == question["Message-ID"]
    assert "Could our office receive a TISC trainer" in plain(reminder)
    assert (await house.causes(receipt)).count("reminded") == 1
    assert is_overdue(await house.case(receipt), house.clock())


async def test_a_reminder_can_be_answered(house: House, office: PostOffice) -> None:
    receipt = await house.ask()
    await house.carry()
    house.clock.forward(days=7)
    await house.post.ageing.pass_by(house.clock())
    await house.carry()
    await house.post.intake.take(reply(office.to(FOCAL_POINT)[-1]).as_bytes())
    assert await house.state(receipt) == "answered"


async def test_an_answered_case_is_not_reminded_of_and_is_closed_in_time(house: House, office: PostOffice) -> None:
    receipt = await house.ask()
    await house.carry()
    await house.post.intake.take(reply(office.to(FOCAL_POINT)[0]).as_bytes())
    await house.carry()
    house.clock.forward(days=29)
    await house.post.ageing.pass_by(house.clock())
    assert await house.state(receipt) == "answered"
    house.clock.forward(days=2)
    await house.post.ageing.pass_by(house.clock())
    assert await house.state(receipt) == "closed"
    assert await house.carry() == 0


async def test_a_case_that_nobody_answers_expires_and_a_very_late_answer_is_taken(
    house: House, office: PostOffice
) -> None:
    receipt = await house.ask()
    await house.carry()
    house.clock.forward(days=181)
    await house.post.ageing.pass_by(house.clock())
    assert await house.state(receipt) == "expired"
    await house.post.intake.take(reply(office.to(FOCAL_POINT)[0]).as_bytes())
    assert await house.state(receipt) == "answered"


async def test_a_form_that_nobody_submits_expires_and_may_still_be_submitted(house: House) -> None:
    key = "44444444-4444-4444-8444-444444444444"
    await house.desk.begin(key, "none", Language.EN, "response_package")
    house.clock.forward(hours=25)
    await house.post.ageing.pass_by(house.clock())
    case = await house.cases.by_key(key)
    assert case is not None
    assert case.state == "expired"


async def test_a_clock_that_jumps_reminds_nobody_twice(house: House, office: PostOffice) -> None:
    receipt = await house.ask()
    await house.carry()
    for days in (400, -390, 60, -70, 30):
        house.clock.forward(days=days)
        await house.post.ageing.pass_by(house.clock())
        await house.carry()
    assert (await house.causes(receipt)).count("reminded") <= 1


async def test_what_waited_for_a_setting_is_reminded_of_and_expires_by_when_it_was_sent(
    house: House, office: PostOffice
) -> None:
    receipt = await house.with_settings(address_focal_point=None).ask()
    house.clock.forward(days=200)  # to Friday, 18 September
    await house.post.ageing.pass_by(house.clock())
    await house.carry()
    await house.post.ageing.pass_by(house.clock())
    assert await house.state(receipt) == "sent"
    assert await house.carry() == 0, "nobody is reminded of what came just now"
    house.clock.forward(days=6)
    await house.post.ageing.pass_by(house.clock())
    assert (await house.causes(receipt))[-1] == "reminded"
    house.clock.forward(days=175)
    await house.post.ageing.pass_by(house.clock())
    assert await house.state(receipt) == "expired"


async def test_what_failed_late_leaves_staff_the_whole_time_to_send_it_again(house: House, office: PostOffice) -> None:
    receipt = await house.with_settings(address_focal_point=None).ask()
    house.clock.forward(days=200)
    office.refuses["RCPT"] = "550 never"
    await house.carry()
    house.clock.forward(days=179)
    await house.post.ageing.pass_by(house.clock())
    assert await house.state(receipt) == "failed"
    house.clock.forward(days=2)
    await house.post.ageing.pass_by(house.clock())
    assert await house.state(receipt) == "expired"


async def test_a_question_sent_again_is_reminded_of_by_the_second_time(house: House, office: PostOffice) -> None:
    receipt = await house.ask()  # a Monday
    await house.carry()
    house.clock.forward(days=2)
    await house.staff.resend(receipt.reference)
    await house.carry()
    house.clock.forward(days=2)
    await house.post.ageing.pass_by(house.clock())
    assert "reminded" not in await house.causes(receipt)
    house.clock.forward(days=5)
    await house.post.ageing.pass_by(house.clock())
    assert "reminded" in await house.causes(receipt)
