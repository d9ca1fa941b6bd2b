"""Who calls: the client's address as far as it can be believed, and as limits count it."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from aiohttp import web

_ONE_SITE = 64
"""Bits of an IPv6 address that one site has in common: who has one such address has as many as they like."""


def client_address(request: web.Request, trusted_proxies: int) -> str:
    """The client's address; of X-Forwarded-For only what our own proxies added is believed.

    An IPv6 address stands for its site, as `2001:db8:1:2::/64`.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if trusted_proxies and len(hops) >= trusted_proxies:
        return network_of(hops[-trusted_proxies])
    return network_of(request.remote or "unknown")


def network_of(address: str) -> str:
    """The address as it is counted: IPv4 as it is, also where it is written as IPv6, and IPv6 by its site."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ip_network((known.packed, _ONE_SITE), strict=False))
