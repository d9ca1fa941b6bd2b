"""From a question it gets wrong to a better assistant, and back; and what a crash at any step leaves."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.console.permissions import Role
from bot.evaluate.asking import assistant as started
from bot.evaluate.questions import DIALOGUES
from bot.launch.built_models import BuiltModels
from bot.launch.model import model_path, train
from bot.publishing import pointer
from bot.publishing.comparison import Comparison
from bot.publishing.jobs import Jobs
from bot.publishing.pointer import Slot
from bot.publishing.versions import Versions
from bot.settings import Settings
from bot.store.database import Sessions
from bot.store.publishing_tables import JobRow, JobState, VersionRow, VersionState
from knowledge.base import KnowledgeBase
from tests.journeys.browsing import DESKTOP, ChatWindow, Watch, show
from tests.journeys.conftest import Assistant, Delegate, assistant_with
from tests.journeys.staff import StaffMember, with_store

pytestmark = [pytest.mark.journey, pytest.mark.endurance]

Until = Callable[..., None]

ODD = "which desk at your house deals with the virus bundle"
MEANT = "pkg_contact"
OPENING = "What is WIPO's COVID-19 Response Package?"
FOLLOW_UP = "and who can ask for it?"
TRAINED_MS = 1_800_000
ENGINE_MS = 300_000
"""In which a candidate is trained and compared, and an engine started, however busy the machine."""


@contextmanager
def running(data: Path, **settings: object) -> Iterator[Assistant]:
    with started(data, **settings) as one:
        yield Assistant(one)


def processes(assistant: Assistant, *words: str) -> list[psutil.Process]:
    found = []
    for process in psutil.Process(assistant.running.pid).children(recursive=True):
        try:
            if set(words) <= set(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def entry_of(turn: dict[str, Any], base: KnowledgeBase) -> set[str]:
    """The entries whose facts a turn states."""
    facts = {fact for reply in turn["replies"] for fact in reply["facts"]}
    return {name for name, entry in base.entries.items() if entry.facts and set(entry.facts) == facts}


def current(data: Path) -> VersionRow | None:
    return with_store(data, lambda store: Versions(store).current())


def states(data: Path) -> list[str]:
    return [row.state for row in reversed(with_store(data, lambda store: Versions(store).newest()))]


class Talking:
    """Delegates who ask one question after the other while something happens; each must be answered."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant, self._stop = assistant, threading.Event()
        self.outcomes: list[str] = []
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._talk)

    def _talk(self) -> None:
        try:
            delegate = Delegate(self._assistant)
            while not self._stop.is_set():
                self.outcomes.append(delegate.say(OPENING)["outcome"])
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.failure = error

    def __enter__(self) -> Talking:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


class Delegates:
    """Delegates in the window, each in a browser context of their own."""

    def __init__(self, browser: Browser, assistant: Assistant, texts: Mapping[str, str], base: KnowledgeBase) -> None:
        self._browser, self._assistant, self._texts, self._base = browser, assistant, texts, base

    def opened(self) -> ChatWindow:
        """Somebody's window."""
        context = self._browser.new_context(viewport=DESKTOP, reduced_motion="reduce", locale="en")
        return show(context.new_page(), self._assistant.address, "en", self._texts)

    def asked(self, question: str) -> ChatWindow:
        """The window of somebody new who has asked this first."""
        window = self.opened()
        window.ask(question)
        window.answered(2)
        return window

    def is_told(self, window: ChatWindow, entry: str, number: int = 2) -> bool:
        """Whether the reply of this number is the answer of an entry."""
        answer = self._base.entries[entry].answer
        return answer[:60] in " ".join(window.answered(number).inner_text().split())


def find_and_correct(page: Page, address: str, until: Until) -> None:
    """From the queue to a decision, as a reviewer goes; the recorder and the queue take some seconds."""
    line = page.locator("[data-line]").filter(has_text=ODD)

    def is_listed() -> bool:
        page.goto(f"{address}/console/review")
        return line.count() == 1

    until(is_listed, "it is in the queue")
    line.click()
    expect(page.locator(".delegate .said")).to_have_text(ODD)
    page.get_by_label("Search all entries").fill("whom contact package")
    page.locator(f'#entries button[value="entry:{MEANT}"]').click()
    expect(page.get_by_role("status").filter(has_text="Should have been another entry")).to_be_visible()


def train_and_compare(page: Page, address: str) -> None:
    """From what is staged to how old and new compare."""
    page.goto(f"{address}/console/changes")
    expect(page.locator("tbody").first).to_contain_text(ODD)
    page.get_by_role("button", name="Train and compare").click()
    expect(page.get_by_role("heading", name=re.compile("Training"))).to_be_visible()
    status = page.locator("#training [role=status]")
    expect(status).not_to_contain_text("running", timeout=TRAINED_MS)
    expect(status).to_have_text("complete")


def publish_candidate(page: Page) -> bool:
    """Publishes the candidate that the page shows, and waits until it runs; whether that took a tick."""
    tick = page.get_by_role("checkbox")
    if needs_tick := tick.count() > 0:
        tick.check()
    page.get_by_role("button", name="Publish").click()
    runs(page)
    return needs_tick


def runs(page: Page) -> None:
    """Waits until what is on its way runs."""
    expect(page.get_by_role("heading", name="Versions")).to_be_visible()
    expect(page.locator("#versions [role=status]")).to_contain_text("runs", timeout=ENGINE_MS)


def test_a_question_it_gets_wrong_is_put_right_and_taken_back(
    tmp_path_factory: pytest.TempPathFactory,
    base: KnowledgeBase,
    browser: Browser,
    texts: dict[str, dict[str, str]],
    until: Until,
) -> None:
    data = tmp_path_factory.mktemp("data")
    with running(data) as assistant:
        delegates = Delegates(browser, assistant, texts["en"], base)
        earlier, wrong = delegates.asked(OPENING), delegates.asked(ODD)
        assert not delegates.is_told(wrong, MEANT)

        editor = StaffMember(data, assistant.port, Role.EDITOR)
        context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce", locale="en")
        editor.let_in(context)
        page = context.new_page()
        watch = Watch(page, assistant.address)
        find_and_correct(page, assistant.address, until)
        corrected = time.monotonic()
        train_and_compare(page, assistant.address)
        compared = time.monotonic()
        with Talking(assistant) as talking:
            ticked = publish_candidate(page)
            published = time.monotonic()
            until(lambda: len(processes(assistant, "bot.engine.serve")) == 1, "the first engine ends", 120)
        job = with_store(data, lambda store: Jobs(store).newest(1))[0]
        result = Comparison.model_validate(job.result)
        print(f"from the correction to published: {published - corrected:.0f} s")
        print(f"of which trained and compared: {compared - corrected:.0f} s (by its own clock {result.seconds:.0f} s)")
        print(f"{len(result.better)} better, {len(result.worse)} worse")
        for row in result.rows:
            print(f"{row.among} {row.set} {row.language}: {row.old.right} -> {row.new.right} of {row.questions}")
        assert [one.new.right for one in result.staged] == [True]
        assert {row.set for row in result.rows} > {DIALOGUES}
        assert result.worse_in_development == 0, [one.text for one in result.worse]
        assert not ticked

        assert talking.failure is None
        assert set(talking.outcomes) == {"answer"}
        assert delegates.is_told(delegates.asked(ODD), MEANT)
        wrong.ask(ODD)
        assert delegates.is_told(wrong, MEANT, 3)
        # Whoever was in a conversation goes on with it.
        expect(earlier.asked).to_contain_text([OPENING])
        earlier.ask(FOLLOW_UP)
        assert delegates.is_told(earlier, "pkg_who_may", 3)

        page.get_by_role("button", name="Roll back").click()
        runs(page)
        until(lambda: (one := current(data)) is not None and one.restores is not None, "it is taken back", 600)
        assert not delegates.is_told(delegates.asked(ODD), MEANT)
        page.goto(f"{assistant.address}/console/changes")
        expect(page.locator("tbody").first).to_contain_text(ODD)
        watch.saw_only()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model that fits, and with what the tests put there."""
    folder, model = tmp_path_factory.mktemp("models"), model_path(Settings().models)
    shutil.copyfile(model if model.exists() else train(Settings().models), folder / model.name)
    BuiltModels(folder).add(folder / model.name)
    return folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Assistant]:
    with assistant_with(tmp_path_factory, models_dir=models) as assistant:
        yield assistant


def candidate(assistant: Assistant, name: str) -> int:
    """A training that has ended: its candidate is the present model under another name."""
    data = assistant.data
    model = Path((data / "run" / f"engine-{slot(assistant)}.model").read_text())
    shutil.copyfile(model, model.with_name(name))
    BuiltModels(model.parent).add(model.with_name(name))

    async def begin(store: Sessions) -> JobRow:
        jobs, now = Jobs(store), datetime.now(UTC)
        row = await jobs.begin([], model.name, None, "a test", now)
        result = Comparison.of([], 1.0).model_dump(mode="json")
        await jobs.end(row.id, JobState.DONE, now, model=name, result=result)
        return row

    return with_store(data, begin).id


def slot(assistant: Assistant) -> Slot:
    published = pointer.read(assistant.data)
    return published.slot if published else Slot.BLUE


@pytest.fixture
def editor(prepared: Assistant) -> StaffMember:
    return StaffMember(prepared.data, prepared.port, Role.EDITOR)


@pytest.fixture
def publish(prepared: Assistant, editor: StaffMember) -> Callable[[], int]:
    def begin() -> int:
        job = candidate(prepared, f"test-{time.monotonic_ns()}.tar.gz")
        editor.post(f"/console/compare/{job}/publish", confirmed="yes")
        return job

    return begin


def is_settled(assistant: Assistant) -> bool:
    if len(processes(assistant, "bot.engine.serve")) != 1 or VersionState.PREPARING in states(assistant.data):
        return False
    try:
        return assistant.call("GET", "/readyz")[0] == HTTPStatus.OK
    except OSError:
        return False


def test_the_desk_is_killed_while_the_second_engine_starts(
    prepared: Assistant, publish: Callable[[], int], until: Until
) -> None:
    before = pointer.read(prepared.data)
    publish()
    until(lambda: len(processes(prepared, "bot.engine.serve")) == 2, "the second engine starts")
    (desk,) = processes(prepared, "bot.desk")
    desk.kill()
    until(lambda: not psutil.pid_exists(desk.pid) or len(processes(prepared, "bot.desk")) == 1, "it comes back")
    until(lambda: is_settled(prepared), "one engine is left", 180)
    assert states(prepared.data)[-1] == VersionState.FAILED
    assert pointer.read(prepared.data) == before
    assert Delegate(prepared).say(OPENING)["outcome"] == "answer"


def test_the_second_engine_is_killed_while_it_starts(
    prepared: Assistant, publish: Callable[[], int], until: Until
) -> None:
    serving = {process.pid for process in processes(prepared, "bot.engine.serve")}
    job = publish()
    until(lambda: len(processes(prepared, "bot.engine.serve")) == 2, "the second engine starts")
    for process in processes(prepared, "bot.engine.serve"):
        if process.pid not in serving:
            process.kill()
    assert Delegate(prepared).say(OPENING)["outcome"] == "answer"
    until(lambda: (one := current(prepared.data)) is not None and one.job == job, "it is published all the same", 300)
    until(lambda: is_settled(prepared), "one engine is left", 180)
    assert Delegate(prepared).say(OPENING)["outcome"] == "answer"


def test_the_desk_is_killed_as_soon_as_the_pointer_is_written(
    prepared: Assistant, publish: Callable[[], int], until: Until
) -> None:
    earlier, before = Delegate(prepared), slot(prepared)
    earlier.say(OPENING)
    job = publish()
    (desk,) = processes(prepared, "bot.desk")
    deadline = time.monotonic() + 300
    while slot(prepared) is before and time.monotonic() < deadline:
        time.sleep(0.002)
    desk.kill()
    until(lambda: is_settled(prepared), "one engine is left", 180)
    published, now = pointer.read(prepared.data), current(prepared.data)
    assert published is not None
    assert now is not None
    assert (published.slot, published.version, now.job) == (before.other, now.id, job)
    assert earlier.say(FOLLOW_UP)["outcome"] == "answer"


def test_everything_is_killed_after_the_pointer_is_written(
    prepared: Assistant, publish: Callable[[], int], models: Path
) -> None:
    before = slot(prepared)
    earlier = Delegate(prepared)
    earlier.say(OPENING)
    publish()
    deadline = time.monotonic() + 300
    while slot(prepared) is before and time.monotonic() < deadline:
        time.sleep(0.002)
    # The supervisor first, so that nothing is started again.
    for process in [*processes(prepared, "--configuration"), *processes(prepared)]:
        process.kill()
    psutil.Process(prepared.running.pid).wait(30)
    shutil.rmtree(prepared.data / "run")
    with running(prepared.data, models_dir=models) as again:
        earlier.assistant = again
        assert earlier.say(FOLLOW_UP)["outcome"] == "answer"
        published = json.loads((prepared.data / "published.json").read_text())
        assert states(prepared.data)[-1] == VersionState.PUBLISHED
        assert (one := current(prepared.data)) is not None
        assert published["version"] == one.id
        runs_on = (prepared.data / "run" / f"engine-{published['slot']}.model").read_text(encoding="utf-8")
        assert (Path(runs_on).name, published["model"]) == (one.model, one.model)
