"""The token that opens a conversation; the id alone opens nothing."""

from __future__ import annotations

import hashlib
import secrets
from http import HTTPStatus

from aiohttp import hdrs, web

from bot.store.conversations import Conversations
from bot.store.tables import ConversationRow
from bot.web.problems import Problem


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is stored of a token. A plain hash will do: a random token cannot be guessed from it.

    What is no UTF-8 in a header is no token of ours, and comes here all the same.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


async def authorized(request: web.Request, conversations: Conversations) -> ConversationRow:
    """The conversation of the path, when the request's token is its token.

    Raises:
        Problem: 401 without a valid token; 403 with another conversation's, whether or not the id exists.
    """
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    conversation = await conversations.by_token(hash_of(token.strip())) if scheme.lower() == "bearer" else None
    if conversation is None:
        raise Problem(HTTPStatus.UNAUTHORIZED, "Send the conversation's token as 'Authorization: Bearer <token>'.")
    if conversation.id != request.match_info["conversation"]:
        raise Problem(HTTPStatus.FORBIDDEN, "This token does not open this conversation.")
    return conversation
