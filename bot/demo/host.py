"""`python -m bot.demo.host ASSISTANT PORT`: somebody else's page, under a strict policy, with the chat window on it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape

from aiohttp import web

from bot.launch.preflight import free_loopback_port

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A mission's page</title>
</head>
<body>
<main>
<h1>A mission's page</h1>
<p>This page is not the assistant's. Its policy allows one script and one frame, both of the assistant's origin.</p>
<p><a href="#more">A link</a> and <button type="button" id="more">a button</button> of its own.</p>
</main>
<script src="{assistant}/widget.js"{attributes} async></script>
<noscript><p><a href="{assistant}/plain">Help for delegates</a></p></noscript>
</body>
</html>
"""


def host(assistant: str, attributes: Mapping[str, str] | None = None) -> web.Application:
    """The page, with these `data-` attributes on its tag."""
    written = "".join(f' data-{name}="{escape(value)}"' for name, value in (attributes or {}).items())
    policy = (
        f"default-src 'none'; script-src {assistant}; frame-src {assistant}; base-uri 'none'; form-action 'none';"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    )

    async def show(_: web.Request) -> web.Response:
        return web.Response(
            text=PAGE.format(assistant=escape(assistant), attributes=written),
            content_type="text/html",
            headers={"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"},
        )

    app = web.Application()
    app.router.add_get("/", show)
    return app


@contextmanager
def hosted(assistant: str, **attributes: str) -> Iterator[str]:
    """The page's address, while a thread of its own serves it on loopback."""
    port, loop, started = free_loopback_port(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> web.AppRunner:
        runner = web.AppRunner(host(assistant, attributes))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner

    def run() -> None:
        runner = loop.run_until_complete(serve())
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def main() -> None:
    """Serves the page on loopback."""
    assistant, port = sys.argv[1].rstrip("/"), int(sys.argv[2])
    web.run_app(host(assistant), host="127.0.0.1", port=port)


if __name__ == "__main__":
    main()
