"""How many cases may be handed in, and by whose count."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from bot.cases.desk import MailDesk
from bot.cases.limits import CaseLimits
from bot.cases.request import TooMany
from bot.conversation.mail_account import account
from tests.cases.conftest import ASKED, DELEGATE, House
from tests.cases.post_office import PostOffice


@pytest.mark.parametrize(
    ("address", "same_as"),
    [
        ("amina.otieno+1@example.org", "amina.otieno@example.org"),
        ("AMINA.Otieno+Kenya+2@Example.ORG", "amina.otieno@example.org"),
        ("a.mina.otieno+x@gmail.com", "aminaotieno@googlemail.com"),
    ],
)
def test_addresses_of_one_account_are_one(address: str, same_as: str) -> None:
    assert account(address) == account(same_as)


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("amina.otieno@example.org", "aminaotieno@example.org"),
        ("amina-otieno@example.org", "amina@example.org"),
        ("amina@example.org", "amina@example.net"),
        ("+1@example.org", "+2@example.org"),
    ],
)
def test_addresses_that_may_be_two_people_s_are_two(address: str, other: str) -> None:
    assert account(address) != account(other)


async def test_cases_in_one_conversation_are_limited(house: House) -> None:
    house = house.with_settings(limit_cases_conversation="2/hour")
    for _ in range(2):
        await house.ask(conversation_id="one")
    with pytest.raises(TooMany, match="conversation"):
        await house.ask(conversation_id="one")
    await house.ask(conversation_id="another")


async def test_cases_for_one_account_are_limited(house: House) -> None:
    house = house.with_settings(limit_cases_address="2/day")
    await house.ask(email="victim@example.net")
    await house.ask(email="Victim+1@example.net")
    with pytest.raises(TooMany, match="address"):
        await house.ask(email="victim+2@EXAMPLE.net")
    await house.ask(email=DELEGATE)


async def test_cases_of_one_client_are_limited_whatever_conversations_it_opens(house: House) -> None:
    settings = house.with_settings(limit_cases_client="2/hour").settings
    limits = CaseLimits(settings)
    house.desk = MailDesk(settings, house.store, house.base, house.clock, limits)
    for number in range(3):
        limits.seen(str(number), "192.0.2.7")
    limits.seen("elsewhere", "192.0.2.8")
    await house.ask(conversation_id="0")
    await house.ask(conversation_id="1")
    with pytest.raises(TooMany, match="client"):
        await house.ask(conversation_id="2")
    await house.ask(conversation_id="elsewhere")


async def test_cases_altogether_are_limited_also_at_one_moment(house: House) -> None:
    house = house.with_settings(limit_cases="3/hour")
    asked = [house.ask(conversation_id=str(number), email=f"{number}@example.org") for number in range(8)]
    taken = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, TooMany) for one in taken) == 5
    assert len(await house.cases.newest()) == 3


async def test_a_case_that_is_refused_stays_a_draft_and_can_be_handed_in_later(house: House) -> None:
    key = str(uuid.uuid4())
    strict = house.with_settings(limit_cases="1/hour")
    await strict.ask()
    await strict.desk.begin(key, ASKED.conversation_id, ASKED.language, ASKED.area)
    with pytest.raises(TooMany):
        await strict.desk.submit(key, ASKED)
    case = await house.cases.by_key(key)
    assert case is not None
    assert case.state == "draft"
    first = await house.desk.submit(key, ASKED)
    assert await strict.desk.submit(key, ASKED) == first, "what was taken is no further case"


async def test_confirmations_are_counted_by_account(house: House, office: PostOffice) -> None:
    house = house.with_settings(confirmations_a_day=2)
    for number in range(4):
        await house.ask(email=f"victim+{number}@example.net")
    await house.carry()
    assert sum("received" in message["Subject"] for message in office.messages) == 2
