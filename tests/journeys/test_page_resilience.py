"""The window through bad connections: what is asked arrives once and in order, and the delegate knows how it stands."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.journeys.browsing import ANSWER_MS, ChatWindow, Watch, show
from tests.journeys.conftest import Assistant

pytestmark = pytest.mark.journey

OFFLINE = "ERR_INTERNET_DISCONNECTED"


def questions_of(window: ChatWindow, assistant: Assistant) -> list[str]:
    """What the service has been asked, in its order."""
    session = window.session()
    path = f"/api/v1/conversations/{session['id']}/messages"
    _, history, _ = assistant.call("GET", path, token=session["token"])
    return [said["text"] for said in history["messages"] if said["role"] == "delegate"]


def test_thirty_seconds_offline_in_the_middle_of_a_message_lose_and_double_nothing(
    page: Page, watch: Watch, assistant: Assistant, texts: dict[str, dict[str, str]]
) -> None:
    page.clock.install()
    window = show(page, assistant.address, "en", texts["en"])
    arrived: list[str] = []

    def lose_the_answer(route: Route) -> None:
        """The service gets the message; its answer never comes back, for the line is cut."""
        arrived.append(route.request.post_data or "")
        route.fetch()
        page.context.set_offline(True)
        route.abort("internetdisconnected")

    page.route("**/messages", lose_the_answer, times=1)
    window.ask("What is a TISC?")
    expect(window.status).to_have_text(texts["en"]["offline_kept"], timeout=ANSWER_MS)
    window.ask("and who hosts it?")
    window.ask("How many of them are there by now?")
    page.clock.fast_forward(30_000)
    expect(window.status).to_have_text(texts["en"]["offline_kept"])
    expect(window.button("retry")).to_be_visible()
    page.context.set_offline(False)
    page.clock.fast_forward(1_000)
    window.answered(4)
    expect(window.asked).to_contain_text(["What is a TISC?", "and who hosts it?", "How many of them"])
    assert len(arrived) == 1
    assert questions_of(window, assistant) == [
        "What is a TISC?",
        "and who hosts it?",
        "How many of them are there by now?",
    ]
    watch.saw_only(OFFLINE)


def test_a_question_asked_offline_survives_a_closed_tab(
    window: ChatWindow, page: Page, assistant: Assistant, texts: dict[str, dict[str, str]]
) -> None:
    context = page.context
    context.set_offline(True)
    window.ask("What is a TISC?")
    expect(window.asked.last).to_contain_text(texts["en"]["not_sent"])
    page.close()
    context.set_offline(False)
    again = show(context.new_page(), assistant.address, "en", texts["en"])
    again.answered(2)
    assert questions_of(again, assistant) == ["What is a TISC?"]


def test_a_service_that_fails_is_not_taken_for_one_that_does_not_know(
    window: ChatWindow, page: Page, texts: dict[str, dict[str, str]]
) -> None:
    page.route("**/messages*", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    window.ask("What is a TISC?")
    expect(window.status).to_have_text(texts["en"]["unreachable_kept"])
    expect(window.replies).to_have_count(1)
    page.unroute("**/messages*")
    window.button("retry").click()
    window.answered(2)
    expect(window.button("retry")).to_have_count(0)


def test_a_page_of_the_network_in_between_is_not_the_service(
    page: Page, assistant: Assistant, texts: dict[str, dict[str, str]]
) -> None:
    portal = "<html><body>Welcome to the hotel's Wi-Fi</body></html>"
    page.route("**/conversations", lambda route: route.fulfill(status=200, content_type="text/html", body=portal))
    page.goto(assistant.address)
    window = ChatWindow(page, texts["en"])
    expect(window.status).to_have_text(texts["en"]["unreachable"])
    page.unroute("**/conversations")
    window.button("retry").click()
    window.is_ready()


def test_a_message_that_the_service_keeps_is_shown_as_received_and_answered_later(
    window: ChatWindow, page: Page, texts: dict[str, dict[str, str]]
) -> None:
    def kept(route: Route) -> None:
        route.fulfill(status=503, headers={"Retry-After": "3"}, json={"status": 503, "state": "waiting"})

    page.route("**/messages", kept, times=1)
    window.ask("What is a TISC?")
    expect(window.status).to_have_text(texts["en"]["kept"])
    expect(window.asked.last).to_contain_text(texts["en"]["received"])


def test_a_conversation_that_has_expired_is_said_in_plain_words_and_the_question_goes_into_the_next(
    window: ChatWindow, assistant: Assistant, texts: dict[str, dict[str, str]]
) -> None:
    session = window.session()
    status, _, _ = assistant.call("DELETE", f"/api/v1/conversations/{session['id']}", token=session["token"])
    assert status == 204
    expect(window.status).to_have_text(texts["en"]["ended"])
    window.button("new_conversation").click()
    window.is_ready()
    assert window.session()["id"] != session["id"]


def test_a_browser_that_closes_its_storage_to_frames_still_has_a_conversation(
    page: Page, watch: Watch, assistant: Assistant, texts: dict[str, dict[str, str]]
) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    window = show(page, assistant.address, "en", texts["en"])
    window.ask("What is a TISC?")
    window.answered(2)
    watch.saw_only()


def test_no_cookie_is_set_and_nobody_else_is_called(window: ChatWindow, watch: Watch, page: Page) -> None:
    window.ask("What is a TISC?")
    window.answered(2)
    assert page.context.cookies() == []
    watch.saw_only()


def test_the_first_page_without_javascript_leads_to_a_form_that_answers(page: Page, assistant: Assistant) -> None:
    browser = page.context.browser
    assert browser
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(assistant.address)
    plain.get_by_role("link", name="Ask without JavaScript").click()
    plain.get_by_label("Your question").fill("What is a TISC?")
    plain.get_by_role("button", name="Send").click()
    expect(plain.locator("#last")).to_contain_text("TISC")
    context.close()
