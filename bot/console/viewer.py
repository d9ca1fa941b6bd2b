"""Who looks at a page."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.console.permissions import Need, Role, permits
from bot.store.staff_tables import StaffRow


@dataclass(frozen=True)
class Viewer:
    """Somebody signed in."""

    id: int
    name: str
    role: Role

    def may(self, need: Need) -> bool:
        """Whether their role permits it."""
        return permits(self.role, need)

    @classmethod
    def of(cls, row: StaffRow) -> Viewer:
        """The viewer an account stands for."""
        return cls(row.id, row.name, Role(row.role))


VIEWER = web.RequestKey("VIEWER", Viewer)


def viewer(request: web.Request) -> Viewer:
    """Who asks, on a route that needs somebody signed in.

    Raises:
        LookupError: the route is open to anyone.
    """
    found: Viewer | None = request.get(VIEWER)
    if found is None:
        raise LookupError("nobody is signed in on a route for anyone")
    return found
