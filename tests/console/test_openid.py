"""Signing in at an OpenID provider: whom it lets in, and every word of the provider's that is not good."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from bot.console.permissions import Role
from bot.settings import ConsoleSettings
from bot.store.staff import Way
from tests.console.conftest import Browser, Console, Page, Start, now
from tests.console.provider import CLIENT, SECRET, Claims, Provider, open_provider

NOT_VOUCHED_FOR = "did not work"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with open_provider() as running:
        yield running


@pytest.fixture
async def console(start: Start, provider: Provider) -> Console:
    return await started(start, provider)


async def started(start: Start, provider: Provider, **options: Any) -> Console:
    settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, **options}
    console = await start(**settings)
    await console.staff.add("amina@example.org", Role.EDITOR, Way.OPENID, None, "a test", now())
    return console


async def come(console: Console, browser: Browser | None = None) -> Page:
    browser = browser or await console.visitor()
    page = await browser.get("/console/sign-in")
    assert "Sign in with your organisation's account" in page.said()
    return await browser.get("/console/sign-in/openid?next=")


async def test_whom_the_provider_vouches_for_is_let_in(console: Console) -> None:
    browser = await console.visitor()
    before = (await browser.get("/console/sign-in")) and browser.cookie()
    page = await come(console, browser)
    assert (page.path, "amina@example.org, Editor" in page.said()) == ("/console/", True)
    assert browser.cookie() != before


async def test_the_page_that_was_wanted_is_shown(console: Console) -> None:
    browser = await console.visitor()
    page = await browser.get("/console/sign-in/openid?next=/console/?x=1")
    assert str(page.response.url).endswith("/console/?x=1")


async def test_a_client_without_a_secret_proves_itself_by_pkce(start: Start, provider: Provider) -> None:
    provider.wants_secret = False
    console = await started(start, provider, oidc_client_secret=None)
    assert (await come(console)).path == "/console/"


async def test_once_bound_the_person_counts_and_not_the_name(console: Console, provider: Provider) -> None:
    await come(console)
    provider.claims["email"] = "renamed@example.org"
    assert "amina@example.org" in (await come(console)).said()
    provider.claims = {"sub": "another", "email": "amina@example.org", "email_verified": True}
    assert "there is no account here for you" in (await come(console)).said()


async def test_an_account_with_a_password_is_never_taken_over(console: Console, provider: Provider) -> None:
    await console.account("root@example.org", Role.ADMINISTRATOR)
    provider.claims["email"] = "root@example.org"
    assert "there is no account here for you" in (await come(console)).said()


async def test_a_disabled_account_stays_out(console: Console) -> None:
    await come(console)
    await console.staff.disable("amina@example.org", "a test", now())
    assert "there is no account here for you" in (await come(console)).said()


async def test_a_new_key_of_the_provider_is_fetched(console: Console, provider: Provider) -> None:
    await come(console)
    provider.rotate()
    assert (await come(console)).path == "/console/"


def with_(**changes: Any) -> Callable[[Claims], Claims]:
    return lambda claims: {name: value for name, value in {**claims, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    "spoil",
    [
        with_(nonce="another"),
        with_(nonce=None),
        with_(aud="somebody else"),
        with_(aud=[CLIENT, "somebody else"], azp="somebody else"),
        with_(iss="https://example.net"),
        with_(exp=int(time.time()) - 3600),
        with_(exp=None),
        with_(iat=int(time.time()) + 3600),
        with_(sub=None),
        with_(email=None),
        with_(email=["amina@example.org"]),
        with_(email_verified=False),
        with_(email_verified=None),
        with_(email_verified="true"),
    ],
)
async def test_claims_that_are_not_good_let_nobody_in(
    console: Console, provider: Provider, spoil: Callable[[Claims], Claims]
) -> None:
    provider.spoil = spoil
    page = await come(console)
    assert (page.path, NOT_VOUCHED_FOR in page.said()) == ("/console/sign-in", True)


async def test_signatures_that_are_not_the_providers_let_nobody_in(console: Console, provider: Provider) -> None:
    stranger = rsa.generate_private_key(65537, 2048)
    for sign in (
        lambda claims: jwt.encode(claims, stranger, "RS256", headers={"kid": provider.key_id}),
        lambda claims: jwt.encode(claims, stranger, "RS256", headers={"kid": "unknown"}),
        lambda claims: jwt.encode(claims, "", "none", headers={"kid": provider.key_id}),
        lambda claims: jwt.encode(claims, SECRET * 2, "HS256", headers={"kid": provider.key_id}),
        lambda claims: "nonsense",
    ):
        provider.sign = sign
        assert NOT_VOUCHED_FOR in (await come(console)).said()


async def back_of(browser: Browser, provider: Provider) -> str:
    """Where the provider sends a browser that begins."""
    first = await browser.get("/console/sign-in/openid", allow_redirects=False)
    second = await browser.client.session.get(first.response.headers["Location"], allow_redirects=False)
    return second.headers["Location"].partition(browser.origin)[2]


async def test_an_answer_serves_only_the_browser_that_asked_and_only_once(console: Console, provider: Provider) -> None:
    browser, other = await console.visitor(), await console.visitor()
    back = await back_of(browser, provider)
    assert NOT_VOUCHED_FOR in (await other.get(back)).said()
    await back_of(other, provider)
    assert NOT_VOUCHED_FOR in (await other.get(back)).said()
    assert (await browser.get(back)).path == "/console/"
    signed_out = await browser.send(await browser.get("/console/"), "/console/sign-out")
    assert signed_out.path == "/console/sign-in"
    assert NOT_VOUCHED_FOR in (await browser.get(back)).said()


async def test_an_answer_of_another_issuer_or_a_refusal_lets_nobody_in(console: Console, provider: Provider) -> None:
    browser = await console.visitor()
    back = await back_of(browser, provider)
    assert NOT_VOUCHED_FOR in (await browser.get(f"{back.partition('&iss=')[0]}&iss=https://example.net")).said()
    back = await back_of(browser, provider)
    state = back.partition("state=")[2].partition("&")[0]
    assert (
        NOT_VOUCHED_FOR in (await browser.get(f"/console/sign-in/openid/back?error=access_denied&state={state}")).said()
    )


async def test_a_provider_that_is_away_or_calls_itself_otherwise_lets_nobody_in(
    start: Start, provider: Provider
) -> None:
    console = await started(start, provider)
    provider.issuer = "https://example.net"
    assert NOT_VOUCHED_FOR in (await come(console)).said()
    away = await start(oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT)
    assert NOT_VOUCHED_FOR in (await come(away)).said()


async def test_without_a_provider_its_ways_lead_nowhere(start: Start) -> None:
    browser = await (await start()).visitor()
    for path in ("/console/sign-in/openid", "/console/sign-in/openid/back"):
        assert (await browser.get(path)).status == 404


@pytest.mark.parametrize("issuer", ["http://login.example.org", "http://localhost.example.org", "login.example.org"])
def test_a_provider_elsewhere_is_reached_by_https_only(issuer: str) -> None:
    with pytest.raises(ValidationError, match="oidc_issuer"):
        ConsoleSettings(oidc_issuer=issuer)
