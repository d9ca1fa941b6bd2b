"""`python -m bot.demo.load`: how long the window takes on a slow line, from the press to the field.

Starts the assistant apart and a page that embeds it, and prints the figures of some first visits (nothing kept from
before). Nothing is judged here.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bot.demo.host import hosted
from bot.evaluate.asking import assistant

VISITS = 5
BYTES_PER_SECOND = 400_000 / 8
LATENCY_MS = 400


def visit(browser: Browser, address: str) -> tuple[float, float]:
    """Seconds until the launcher stands on the page, and from the press until the window is ready."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {
        "offline": False,
        "latency": LATENCY_MS,
        "downloadThroughput": BYTES_PER_SECOND,
        "uploadThroughput": BYTES_PER_SECOND,
    }
    line.send("Network.emulateNetworkConditions", slow)
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    launcher = page.locator("help-for-delegates button")
    launcher.wait_for()
    there = time.perf_counter()
    page.evaluate("helpForDelegates.open()")
    page.frame_locator("help-for-delegates iframe").locator("help-window[data-ready=true]").wait_for()
    ready = time.perf_counter()
    context.close()
    return there - began, ready - there


def main() -> int:
    """Prints the figures."""
    with (
        tempfile.TemporaryDirectory() as data,
        assistant(Path(data)) as running,
        hosted(f"http://127.0.0.1:{running.port}") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=os.environ["BROWSER_PATH"], args=["--no-sandbox"])
        visits = [visit(browser, address) for _ in range(VISITS)]
        browser.close()
    loaders, windows = zip(*visits)
    line = f"{LATENCY_MS} ms latency, {BYTES_PER_SECOND * 8 / 1000:.0f} kbit/s, {VISITS} first visits"
    sys.stdout.write(
        f"{line}\n"
        f"page to launcher: median {statistics.median(loaders):.2f} s, longest {max(loaders):.2f} s\n"
        f"press to ready:   median {statistics.median(windows):.2f} s, longest {max(windows):.2f} s\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
