"""OpenID Connect: the authorization code flow with PKCE, at the provider that the settings name."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote_plus

import aiohttp
import jwt
from aiohttp import ClientError, ClientTimeout
from jwt import PyJWK, PyJWKSet
from yarl import URL

from bot.settings import ConsoleSettings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that are believed: none that a client's secret could make."""
LEEWAY = 60
"""Seconds by which the provider's clock may be wrong."""


class NotVouchedFor(Exception):
    """The provider does not vouch for this person, or what came is not from it; the message is for the log."""


@dataclass(frozen=True)
class Pending:
    """What a sign-in that went to the provider must come back with."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Pending:
        """Random ones."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    def kept(self) -> dict[str, str]:
        """As the session keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class Person:
    """Whom the provider vouches for."""

    subject: str
    """Issuer and subject."""
    name: str
    """What the account must be called."""


class OpenId:
    """The provider, which is asked for its addresses and keys when they are first needed."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._issuer, self._client = settings.oidc_issuer or "", settings.oidc_client_id or ""
        self._secret, self._claim = settings.oidc_client_secret, settings.oidc_claim
        self._patience = ClientTimeout(total=settings.oidc_seconds)
        self._addresses: Mapping[str, Any] | None = None
        self._keys: PyJWKSet | None = None

    async def address(self, pending: Pending, redirect: str) -> URL:
        """Where the browser goes to sign in.

        Raises:
            NotVouchedFor: the provider does not answer, or with nonsense.
        """
        challenge = base64.urlsafe_b64encode(hashlib.sha256(pending.verifier.encode()).digest()).rstrip(b"=").decode()
        return URL(await self._address_of("authorization_endpoint")).update_query(
            response_type="code",
            client_id=self._client,
            redirect_uri=redirect,
            scope="openid email profile",
            state=pending.state,
            nonce=pending.nonce,
            code_challenge=challenge,
            code_challenge_method="S256",
        )

    async def person(self, came: Mapping[str, str], kept: Mapping[str, str], redirect: str) -> Person:
        """Who came back.

        Raises:
            NotVouchedFor: another browser or nobody began this sign-in, the provider refuses, or its word is not good.
        """
        if not kept or not secrets.compare_digest(came.get("state", "").encode(), kept["state"].encode()):
            raise NotVouchedFor("the state is not the one this browser was sent with")
        if came.get("iss", self._issuer) != self._issuer:
            raise NotVouchedFor("the answer names another issuer")
        if "code" not in came:
            raise NotVouchedFor(f"the provider refuses: {came.get('error', 'no code')}")
        claims = await self._claims(await self._id_token(came["code"], kept["verifier"], redirect))
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), kept["nonce"].encode()):
            raise NotVouchedFor("the nonce is not the one this browser was sent with")
        name = claims.get(self._claim)
        if not isinstance(name, str) or not name:
            raise NotVouchedFor(f"the ID token has no claim {self._claim}")
        if self._claim == "email" and claims.get("email_verified") is not True:
            raise NotVouchedFor("the provider has not verified the e-mail address")
        return Person(f"{self._issuer} {claims['sub']}", name)

    async def _id_token(self, code: str, verifier: str, redirect: str) -> str:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        headers = {}
        if self._secret is None:
            form["client_id"] = self._client
        else:
            # Encoded before they are joined, as RFC 6749 (2.3.1) wants it.
            client, secret = quote_plus(self._client), quote_plus(self._secret.get_secret_value())
            headers["Authorization"] = aiohttp.encode_basic_auth(client, secret)
        answer = await self._ask("POST", await self._address_of("token_endpoint"), data=form, headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotVouchedFor("the provider's answer has no ID token")
        return token

    async def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            key = await self._key(jwt.get_unverified_header(token))
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._client,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise NotVouchedFor(f"the ID token is not good: {error}") from None
        if claims.get("azp", self._client) != self._client:
            raise NotVouchedFor("the ID token was made for another client")
        return claims

    async def _key(self, header: Mapping[str, Any]) -> PyJWK:
        """The key that a token says it is signed with; providers change theirs, so they are asked once more."""
        for keys in (self._keys, None):
            found = keys or PyJWKSet.from_dict(dict(await self._ask("GET", await self._address_of("jwks_uri"))))
            self._keys = found
            for key in found.keys:
                if key.key_id == header.get("kid") and key.public_key_use in (None, "sig"):
                    return key
        raise NotVouchedFor("the ID token is signed with a key that the provider does not have")

    async def _address_of(self, endpoint: str) -> str:
        if self._addresses is None:
            found = await self._ask("GET", f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:
                raise NotVouchedFor(f"the provider calls itself {found.get('issuer')!r}, OIDC_ISSUER {self._issuer!r}")
            self._addresses = found
        address = self._addresses.get(endpoint)
        if not isinstance(address, str):
            raise NotVouchedFor(f"the provider's configuration has no {endpoint}")
        return address

    async def _ask(self, method: str, address: str, **options: Any) -> Mapping[str, Any]:
        try:
            async with (
                aiohttp.ClientSession(timeout=self._patience) as client,
                client.request(method, address, allow_redirects=False, **options) as response,
            ):
                answer = await response.json(content_type=None)
                status = response.status
        except (ClientError, TimeoutError, ValueError) as error:
            raise NotVouchedFor(f"the provider does not answer: {error!r}") from None
        if status >= 400 or not isinstance(answer, dict):
            raise NotVouchedFor(f"the provider answers {status}")
        return answer
