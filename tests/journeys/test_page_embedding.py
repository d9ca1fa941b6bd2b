"""The window on somebody else's page, and against somebody else's text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from bot.demo.host import hosted
from tests.journeys.browsing import ChatWindow, Watch, show
from tests.journeys.conftest import Assistant

pytestmark = pytest.mark.journey

Texts = dict[str, dict[str, str]]


@pytest.fixture
def foreign(assistant: Assistant) -> Iterator[str]:
    with hosted(assistant.address) as address:
        yield address


def test_a_page_of_another_origin_under_a_strict_policy_and_trusted_types(
    page: Page, assistant: Assistant, foreign: str, texts: Texts
) -> None:
    watch = Watch(page, assistant.address, foreign)
    page.goto(foreign)
    window = ChatWindow(page, texts["en"])
    expect(window.launcher).to_have_text("Help for delegates")
    expect(window.launcher).to_have_css("background-color", "rgb(11, 79, 138)")
    assert [frame.url for frame in page.frames][1:] in ([], ["about:blank"]), "nothing is loaded before it is asked for"
    window.launcher.click()
    window.is_ready()
    expect(window.field).to_be_focused()
    window.ask("What is a TISC?")
    window.answered(2)
    page.reload()
    window.launcher.click()
    expect(window.replies).to_have_count(2)
    assert page.context.cookies() == []
    watch.saw_only()


def test_a_script_of_the_page_opens_it_with_a_question_that_the_delegate_sends(
    page: Page, assistant: Assistant, foreign: str, texts: Texts
) -> None:
    page.goto(foreign)
    window = ChatWindow(page, texts["en"])
    expect(window.launcher).to_be_visible()
    page.evaluate("helpForDelegates.open('What is a TISC?')")
    expect(window.field).to_have_value("What is a TISC?")
    expect(window.asked).to_have_count(0)
    window.field.press("Enter")
    window.answered(2)
    page.evaluate("helpForDelegates.close()")
    expect(window.element).to_be_hidden()


def test_language_position_colour_and_opening_come_from_the_tag(page: Page, assistant: Assistant, texts: Texts) -> None:
    with hosted(assistant.address, language="ar", position="start", color="#f5c400", open="") as address:
        page.goto(address)
        window = ChatWindow(page, texts["ar"]).is_ready()
        expect(window.launcher).to_have_text(texts["ar"]["title"])
        expect(window.launcher).to_have_css("color", "rgb(0, 0, 0)")
        expect(window.inside.locator("header")).to_have_css("background-color", "rgb(245, 196, 0)")
        box = window.launcher.bounding_box()
        assert box
        assert box["x"] > 640, "lines start on the right in Arabic"
        assert page.evaluate("document.activeElement === document.body"), "it takes no focus by itself"


def test_a_message_of_another_window_is_not_heard(page: Page, foreign: str, texts: Texts) -> None:
    page.goto(foreign)
    window = ChatWindow(page, texts["en"])
    window.launcher.click()
    window.is_ready()
    window.frame().evaluate("postMessage({ type: 'opened', question: 'forged' }, '*')")
    page.evaluate("postMessage({ type: 'close' }, '*')")
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(window.field).to_have_value("")
    expect(window.element).to_be_visible()


HOSTILE = (
    "<script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">"
    " \u202eesrever \u2066isolated [link](javascript:alert(1)) javascript:alert(1)\n" + "x" * 5000
)


def hostile(route: Route) -> None:
    reply = {
        "id": "11111111-1111-4111-8111-111111111111",
        "text": HOSTILE,
        "language": "en",
        "direction": "ltr",
        "outcome": "answer",
        "area": None,
        "facts": [],
        "sources": [{"title": "<b>x</b>\u202e", "url": "javascript:document.title='broken'", "date": "<i>"}],
        "contact": {"id": "x", "name": "<u>name</u>", "title": "x" * 500},
        "buttons": [{"title": "<button onclick=alert(1)>" + "x" * 200, "payload": "person"}],
    }
    route.fulfill(json={"outcome": "answer", "replies": [reply]})


def test_a_hostile_reply_stays_text_and_within_the_window(window: ChatWindow, watch: Watch, page: Page) -> None:
    page.route("**/messages", hostile, times=1)
    window.ask("What is a TISC?")
    answer = window.answered(2)
    expect(answer).to_contain_text("<script>document.title='broken'</script>")
    expect(answer.locator("script, img, b, i, u, p a")).to_have_count(0)
    answer.locator("summary").click()
    expect(answer.get_by_role("link")).to_have_count(0)
    assert window.frame().title() == "Help for delegates"
    list_ = window.inside.locator("#scroll")
    assert list_.evaluate("list => list.scrollWidth <= list.clientWidth"), "nothing sticks out sideways"
    assert window.inside.locator("html").evaluate("html => html.scrollHeight <= innerHeight"), "nor below"
    watch.saw_only()


SPACED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
        p { margin-block-end: 2em !important }`);
    document.adoptedStyleSheets = [sheet];
}"""


@pytest.mark.parametrize("language", ["en", "ar", "ru"])
def test_the_window_fits_a_narrow_screen_text_enlarged_four_times_and_spaced_text(
    page: Page, assistant: Assistant, texts: Texts, language: str
) -> None:
    narrow: ViewportSize = {"width": 320, "height": 568}
    enlarged: ViewportSize = {"width": 320, "height": 256}
    for size in (narrow, enlarged):
        page.set_viewport_size(size)
        window = show(page, assistant.address, language, texts[language])
        root, list_ = window.inside.locator("html"), window.inside.locator("#scroll")
        window.frame().evaluate(SPACED)
        assert root.evaluate("html => html.scrollWidth <= innerWidth && innerWidth === 320")
        assert list_.evaluate("list => list.scrollWidth <= list.clientWidth")
        window.field.scroll_into_view_if_needed()
        expect(window.field).to_be_in_viewport(ratio=1)
