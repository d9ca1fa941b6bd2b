"""A small OpenID provider on loopback, as strict as a real one, whose word a test can spoil."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote_plus

import jwt
from aiohttp import BasicAuth, web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from yarl import URL

CLIENT, SECRET = "help for delegates", "a secret: with/odd+characters"
Claims = dict[str, Any]


class Provider:
    """Signs in whoever comes as `claims` say. `spoil` changes the claims, `sign` makes the token."""

    def __init__(self) -> None:
        self.claims: Claims = {"sub": "4711", "email": "amina@example.org", "email_verified": True}
        self.spoil: Callable[[Claims], Claims] = dict
        self.sign: Callable[[Claims], str] = self.signed
        self.rotate()
        self.issuer = self.redirect = ""
        self.wants_secret = True
        self._codes: dict[str, dict[str, str]] = {}

    def rotate(self) -> None:
        """Takes a new key, as providers do."""
        self.key, self.key_id = rsa.generate_private_key(65537, 2048), secrets.token_hex(4)

    def signed(self, claims: Claims, **header: Any) -> str:
        """An ID token."""
        return jwt.encode(claims, self.key, "RS256", headers={"kid": self.key_id, **header})

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._configuration)
        app.router.add_get("/keys", self._keys)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        return app

    async def _configuration(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def _keys(self, _: web.Request) -> web.Response:
        key = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return web.json_response({"keys": [{**key, "kid": self.key_id, "use": "sig"}]})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        back = URL(asked["redirect_uri"]).with_query(code=code, state=asked["state"], iss=self.issuer)
        return web.Response(status=302, headers={"Location": str(back)})

    async def _token(self, request: web.Request) -> web.Response:
        sent = await request.post()
        asked = self._codes.pop(str(sent.get("code")), None)
        if asked is None or not self._is_client(request, sent.get("client_id")):
            return web.json_response({"error": "invalid_grant"}, status=400)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(sent["code_verifier"]).encode()).digest())
        if challenge.rstrip(b"=").decode() != asked["code_challenge"] or sent["redirect_uri"] != asked["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        return web.json_response({"id_token": self.sign(self.spoil({**claims, **self.claims})), "token_type": "Bearer"})

    def _is_client(self, request: web.Request, named: object) -> bool:
        if not self.wants_secret:
            return named == CLIENT
        given = BasicAuth.decode(request.headers.get("Authorization", ""))
        return (unquote_plus(given.login), unquote_plus(given.password)) == (CLIENT, SECRET)


@asynccontextmanager
async def open_provider() -> AsyncIterator[Provider]:
    """A running provider."""
    provider = Provider()
    async with TestServer(provider.app()) as server:
        provider.issuer = str(server.make_url("")).rstrip("/")
        yield provider
