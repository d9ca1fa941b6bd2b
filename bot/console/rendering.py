"""Shows a page in the frame that all of them have: navigation, messages, who is signed in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web
from babel.dates import format_date, format_datetime, format_timedelta

from bot.built import Built
from bot.cases.working_days import SEAT
from bot.console.guard import CSRF_FIELD, CSRF_HEADER
from bot.console.routing import ROUTES
from bot.console.sessions import csrf_token, take_flashes
from bot.console.sheets import Share
from bot.console.texts import Texts
from bot.console.viewer import VIEWER
from bot.settings import ROOT

TEMPLATES = Path(__file__).parent / "templates"
BUILT = ROOT / "bot/console/assets/dist"
_LOCALE = "en_GB"

TEXTS = web.AppKey("TEXTS", Texts)


def set_up(app: web.Application, texts: Texts, built: Built) -> None:
    """Prepares the templates."""
    app[TEXTS] = texts
    environment = aiohttp_jinja2.setup(
        app, loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.globals |= {"t": texts, "assets": built.assets, "csrf_field": CSRF_FIELD, "csrf_header": CSRF_HEADER}
    environment.filters |= {
        "iso": iso,
        "at_seat": at_seat,
        "age": age,
        "number": number,
        "share": share,
        "figure": figure,
    }


def texts_of(request: web.Request) -> Texts:
    """What the pages say."""
    return request.app[TEXTS]


def render(request: web.Request, template: str, status: int = HTTPStatus.OK, **context: Any) -> web.Response:
    """The page of a template, in the frame."""
    who = request.get(VIEWER)
    routes = request.app[ROUTES].values()
    frame = {
        "viewer": who,
        "navigation": [one for one in routes if one.nav and who and who.may(one.needs)],
        "here": request.path,
        "flashes": take_flashes(request),
        "csrf": lambda: csrf_token(request),
    }
    return aiohttp_jinja2.render_template(template, request, {**frame, **context}, status=int(status))


def iso(moment: datetime | date) -> str:
    """A time as machines read it: in UTC, to the second."""
    if isinstance(moment, datetime):
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.isoformat()


def at_seat(moment: datetime | date) -> str:
    """A time as the seat's clocks show it, or a day."""
    if isinstance(moment, datetime):
        return str(format_datetime(moment.astimezone(SEAT), "d MMM y, HH:mm", locale=_LOCALE))
    return str(format_date(moment, "d MMM y", locale=_LOCALE))


def age(time: timedelta) -> str:
    """How long something has lasted, in the largest unit that fits."""
    return str(format_timedelta(time, granularity="minute", threshold=1, locale=_LOCALE))


def number(value: float) -> str:
    """A number with its thousands apart."""
    return f"{value:,.12g}"


def share(value: float) -> str:
    """A share of one, in percent."""
    return f"{value:.0%}"


def figure(value: float | date) -> str:
    """A figure of a table: a day as the date it is, a share in percent."""
    if isinstance(value, date):
        return value.isoformat()
    return share(value) if isinstance(value, Share) else number(value)
