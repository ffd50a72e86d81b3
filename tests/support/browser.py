"""A real browser on the running site: one chromium for all tests, fresh cookies and rows for each.

Every page is monitored: a script error, a console error or a violation of the content policy fails the test,
wherever it happens.
"""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Response, WebError, expect

CHROMIUM = shutil.which("chromium")
MISSING = "The browser tests need chromium: apt-get install chromium"
WAYS_IN = {"user": "I have a problem", "helpdesk": "I work at the helpdesk"}
PATIENCE = 15_000  # milliseconds, for a busy machine

Enter = Callable[..., Page]

expect.set_options(timeout=PATIENCE)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if CHROMIUM:
        return
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(MISSING, pytrace=False)
    pytest.skip(MISSING)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": flags}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict, live_server) -> dict:
    """Animations are off, so that no colour is measured half-way."""
    return browser_context_args | {"base_url": live_server.url, "reduced_motion": "reduce"}


@pytest.fixture(autouse=True)
def site(live_server, transactional_db) -> str:
    """The site's address; its rows are gone after each test."""
    return live_server.url


class Ear:
    """What browsers complained about. A page that is refused on purpose does not count."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.refused: set[str] = set()

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self.hear_console)
        context.on("weberror", self.hear_error)
        context.on("response", self.hear_answer)
        context.on("dialog", self.hear_dialog)

    def hear_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.said.append((message.location["url"], message.text))

    def hear_error(self, error: WebError) -> None:
        self.said.append((error.page.url if error.page else "", str(error.error)))

    def hear_answer(self, response: Response) -> None:
        if response.request.is_navigation_request() and 400 <= response.status < 500:
            self.refused.add(response.url)

    def hear_dialog(self, dialog: Dialog) -> None:
        self.said.append((dialog.page.url if dialog.page else "", f"a dialog opened: {dialog.message}"))
        dialog.dismiss()

    def complaints(self) -> list[tuple[str, str]]:
        return [
            (url, text)
            for url, text in self.said
            if not (url in self.refused and text.startswith("Failed to load resource: the server responded"))
        ]


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    assert ear.complaints() == []


@pytest.fixture
def browse(new_context, ear: Ear) -> Callable[..., Page]:
    """A page of a browser without cookies, at the entrance. Options are those of a browser context."""

    def open_door(**options) -> Page:
        context = new_context(**options)
        context.set_default_timeout(PATIENCE)
        ear.listen(context)
        page = context.new_page()
        page.goto("/")
        return page

    return open_door


@pytest.fixture
def enter(browse) -> Enter:
    """A page of a browser that entered with this role."""

    def come_in(role: str, name: str = "", **options) -> Page:
        page = browse(**options)
        page.get_by_label("Your name").fill(name)
        page.get_by_role("button", name=WAYS_IN[role]).click()
        expect(page.get_by_role("button", name="Switch role")).to_be_visible()
        return page

    return come_in
