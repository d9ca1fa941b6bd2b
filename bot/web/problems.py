"""Errors as RFC 9457 problem documents, and nothing of the inside in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import web
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.conversation.incident import new_incident

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """An error the API documents. `detail` is for the developer of a client."""

    def __init__(self, status: HTTPStatus, detail: str, *, retry_after: int | None = None, **members: object) -> None:
        super().__init__(detail)
        self.status, self.detail, self.retry_after, self.members = status, detail, retry_after, members

    def response(self) -> web.Response:
        """The problem document."""
        body = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            **self.members,
        }
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.status is HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return web.json_response(body, status=self.status, content_type=CONTENT_TYPE, headers=headers)


@web.middleware
async def problem_documents(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns every error into a problem document; an unforeseen one is logged under an incident id."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPRequestEntityTooLarge:
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than 64 KiB.").response()
    except web.HTTPMethodNotAllowed as error:
        response = Problem(HTTPStatus.METHOD_NOT_ALLOWED, f"Use {', '.join(sorted(error.allowed_methods))}.").response()
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return response
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return Problem(HTTPStatus(error.status), "There is nothing here.").response()
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        log.warning("request.database", error=type(error).__name__, method=request.method, route=_route(request))
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer.", retry_after=5).response()
    except Exception:
        incident = new_incident()
        log.exception("request.failed", incident=incident, method=request.method, route=_route(request))
        return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something inside failed.", incident=incident).response()


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "none"
