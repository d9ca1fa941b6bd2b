"""The staff's pages in a browser: for everybody, on a narrow screen, and with hostile text in every field.

A new page is one line in PAGES.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from knowledge.base import KnowledgeBase
from tests.console.content import HOSTILE
from tests.console.publications import begin_training
from tests.journeys.axe import violations
from tests.journeys.browsing import Watch
from tests.journeys.console import Colleague, RunningConsole, running_console
from tests.journeys.staff import with_store

pytestmark = pytest.mark.journey

PAGES = {
    "home": "/console/",
    "cases": "/console/cases",
    "cases, none": "/console/cases?state=closed",
    "case": "/console/cases/{answered}",
    "case, waiting": "/console/cases/{waiting}",
    "cases, undelivered": "/console/cases?undelivered=1",
    "case, letters astray": "/console/cases/{astray}",
    "letter": "/console/cases/{answered}/letters/{letter}",
    "mail": "/console/cases/{answered}/mail/1",
    "mail set aside": "/console/mail",
    "mail set aside, none": "/console/mail?refused=1",
    "accepting": "/console/mail/2/accept",
    "accepting, no case": "/console/mail/3/accept?case={mistyped}",
    "overview": "/console/overview",
    "overview, none": "/console/overview?since=2001-01-01&until=2001-01-31",
    "record": "/console/record",
    "record, filtered": "/console/record?language=fr&confidence_from=0.1&feedback=none",
    "record, none": "/console/record?text=unheard",
    "conversation": "/console/record/conversations/{ordinary}",
    "conversation, hostile": "/console/record/conversations/{hostile}",
    "conversation, to be revealed": "/console/record/conversations/{kept}",
    "review": "/console/review",
    "changes": "/console/changes",
    "changes, diff": "/console/changes/diff",
    "draft": "/console/drafts/{draft}",
    "compare": "/console/compare/{compared}",
    "compare, failed": "/console/compare/{failed}",
    "compare, running": "/console/compare/{running}",
    "content": "/console/content",
    "content, none": "/console/content?q=%3Cimg%20src=x%20onerror=window.hacked=1%3E",
    "entry": "/console/content/mtg_overview",
    "versions": "/console/versions",
    "staff": "/console/staff",
    "trail": "/console/trail",
    "trail, filtered": "/console/trail?who=nobody&since=2026-03-01",
    "not there": "/console/nowhere",
}
"""Every page, seen by an administrator."""

EXPECTED = {"not there": ("404",), "accepting, no case": ("422",)}
"""What a page's errors are, where it shows one."""

PATIENCE_MS = 180_000
"""For a page that makes the whole content anew, as the diff does, however busy the machine."""
NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, base: KnowledgeBase) -> Iterator[RunningConsole]:
    with running_console(tmp_path_factory.mktemp("console"), base) as running:
        yield running


@pytest.fixture(scope="module")
def training(console: RunningConsole) -> int:
    """One that runs; a start would have found it interrupted."""
    return with_store(console.folder, lambda store: begin_training(store, datetime.now(UTC)))


@pytest.fixture(scope="module")
def administrator(browser: Browser, console: RunningConsole) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce", locale="en")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    Colleague(page, console, "root", "administrator").sign_in()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    yield page
    context.close()


def address(console: RunningConsole, path: str, training: int = 0) -> str:
    named = {"answered": console.cases.answered, "waiting": console.cases.waiting, "letter": "3"}
    named |= {"astray": console.cases.astray, "mistyped": "7KQ4-M2XP-99"}
    named |= {"running": str(training)}
    named |= vars(console.turns) | vars(console.publications)
    return console.address + path.format(**named)


def look(page: Page) -> list[str]:
    """What axe finds, in light and in dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {one}" for one in violations(page)]
    return found


def width_needed(page: Page) -> int:
    needed: int = page.evaluate("document.documentElement.scrollWidth")
    return needed


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_and_keeps_text_text(
    administrator: Page, console: RunningConsole, training: int, name: str
) -> None:
    page, watch = administrator, Watch(administrator, console.address)
    page.set_viewport_size(WIDE)
    page.goto(address(console, PAGES[name], training))
    assert look(page) == []
    page.set_viewport_size(NARROW)
    assert width_needed(page) <= NARROW["width"]
    assert look(page) == []
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x], main script, main a[href^=javascript]").count() == 0
    watch.saw_only(*EXPECTED.get(name, ()))


def test_hostile_text_is_shown_as_it_was_written(administrator: Page, console: RunningConsole) -> None:
    shown_in = ("case", "case, letters astray", "mail", "mail set aside", "accepting", "trail")
    for name in (*shown_in, "changes", "changes, diff", "compare", "compare, failed", "versions"):
        administrator.goto(address(console, PAGES[name]))
        shown = " ".join(administrator.locator("main").inner_text().split())
        assert " ".join(HOSTILE.split()) in shown, name


def test_the_way_in_is_for_everybody(page: Page, watch_console: Watch, console: RunningConsole) -> None:
    colleague = Colleague(page, console, "amina", "reader")
    page.set_viewport_size(NARROW)
    found: dict[str, list[str]] = {}

    def seen(state: str) -> None:
        found[state] = look(page)
        assert width_needed(page) <= NARROW["width"], state

    page.goto(colleague.link)
    seen("choosing a password")
    colleague.choose_password()
    seen("sign-in")
    page.get_by_label("Name").fill("amina")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(has_text="do not fit together")).to_be_visible()
    seen("refused")
    colleague.give_password()
    expect(page.get_by_role("img")).to_be_visible()
    assert page.get_by_role("img").evaluate("image => image.decode().then(() => image.naturalWidth > 100)")
    seen("enrolling")
    colleague.enrol()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    colleague.give_password()
    expect(page.get_by_label("Six digits")).to_be_visible()
    seen("code")
    page.goto(f"{console.address}/console/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert len(found) == 5
    assert {state: bad for state, bad in found.items() if bad} == {}
    watch_console.saw_only("422")


@pytest.fixture
def watch_console(page: Page, console: RunningConsole) -> Watch:
    return Watch(page, console.address)


def test_by_keyboard_alone_past_the_navigation_and_by_single_keys(administrator: Page, console: RunningConsole) -> None:
    page = administrator
    page.set_viewport_size(WIDE)
    page.goto(address(console, PAGES["case, waiting"]))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    switch = page.get_by_role("button", name="Keyboard shortcuts")
    expect(switch).to_have_text("Keyboard shortcuts: on")
    switch.click()
    page.keyboard.press("r")
    expect(page.get_by_text("queued to be sent.")).to_have_count(0)
    switch.click()
    page.keyboard.press("r")
    expect(page.get_by_text("queued to be sent.")).to_be_visible()


def test_a_filter_changes_the_list_and_the_address_without_loading_the_page(
    administrator: Page, console: RunningConsole
) -> None:
    page, watch = administrator, Watch(administrator, console.address)
    page.goto(address(console, PAGES["cases"]))
    expect(page.get_by_role("link", name=console.cases.answered)).to_be_visible()
    page.evaluate("window.same = true")
    page.get_by_label("Only overdue ones").check()
    expect(page.get_by_role("link", name=console.cases.answered)).to_have_count(0)
    expect(page.get_by_role("link", name=console.cases.waiting)).to_be_visible()
    assert "overdue=1" in page.url
    assert page.evaluate("window.same")
    page.go_back()
    expect(page.get_by_role("link", name=console.cases.answered)).to_be_visible()
    watch.saw_only()


REFUSED = """(attempt) => new Promise((refused) => {
    for (const event of ["securitypolicyviolation", "htmx:evalDisallowedError"])
        document.addEventListener(event, () => refused(event));
    setTimeout(() => refused("nothing refused it"), 10000);
    try { %s } catch (error) { refused(error.name) }
})"""


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        ("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=1>')", "securitypolicyviolation"),
        ("document.createElement('script').text = 'window.hacked=1'", "TypeError"),
        ("document.createElement('script').src = 'data:,window.hacked=1'", "TypeError"),
        (
            "document.body.append(document.createElement('style').appendChild(new Text('x')).parentNode)",
            "securitypolicyviolation",
        ),
        (
            "const b = document.createElement('button'); b.setAttribute('hx-on:click', '1'); document.body.append(b);"
            " htmx.process(b); b.click()",
            "htmx:evalDisallowedError",
        ),
    ],
)
def test_script_and_style_that_are_put_into_a_page_are_refused(
    administrator: Page, console: RunningConsole, attempt: str, refusal: str
) -> None:
    administrator.goto(address(console, PAGES["home"]))
    assert administrator.evaluate(REFUSED % attempt) == refusal
