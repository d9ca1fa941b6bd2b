"""Who calls: the client's address as far as it can be believed."""

from __future__ import annotations

from aiohttp import web


def client_address(request: web.Request, trusted_proxies: int) -> str:
    """The client's address; of X-Forwarded-For only what our own proxies added is believed."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if trusted_proxies and len(hops) >= trusted_proxies:
        return hops[-trusted_proxies]
    return request.remote or "unknown"
