"""The chat window in a browser: from the press on its launcher to the first answer that stands there."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Mapping, Sequence

from playwright.async_api import Browser, async_playwright

from bot.bench.subjects import Address
from bot.demo.host import hosted

VISITS = 5
FLAGS = ("--no-sandbox",)


async def first_answer(address: Address, says: Sequence[str], _: object) -> Mapping[tuple[str, str], float]:
    """Seconds, the middle of some first visits; the stock project has no window to measure.

    Raises:
        RuntimeError: BROWSER_PATH names no browser.
    """
    if address.name != "ours":
        return {}
    path = os.environ.get("BROWSER_PATH")
    if not path:
        raise RuntimeError("BROWSER_PATH is not set to a Chromium; start with `make bench`, which finds one")
    with hosted(address.url) as page:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            taken = [await _visit(browser, page, says[0]) for _ in range(VISITS)]
            await browser.close()
    ready, answered = zip(*taken)
    return {
        ("window: press to ready", "s"): statistics.median(ready),
        ("window: press to first answer", "s"): statistics.median(answered),
    }


async def _visit(browser: Browser, address: str, question: str) -> tuple[float, float]:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(address)
    await page.locator("help-for-delegates button").wait_for()
    begun = time.perf_counter()
    await page.evaluate("helpForDelegates.open()")
    inside = page.frame_locator("help-for-delegates iframe")
    await inside.locator("help-window[data-ready=true]").wait_for()
    ready = time.perf_counter() - begun
    field = inside.locator("textarea")
    await field.fill(question)
    await field.press("Enter")
    # The first message of the assistant is its welcome.
    await inside.locator("[role=log] .assistant").nth(1).wait_for()
    answered = time.perf_counter() - begun
    await context.close()
    return ready, answered
