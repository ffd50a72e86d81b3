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
ROLE_BUTTONS = {"user": "I have a problem", "helpdesk": "I work at the helpdesk"}
TIMEOUT = 15_000  # milliseconds, for a busy machine

Enter = Callable[..., Page]

expect.set_options(timeout=TIMEOUT)


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


class BrowserErrors:
    """What browsers report as errors and warnings. A page that is refused on purpose does not count."""

    def __init__(self) -> None:
        self.reported: list[tuple[str, str]] = []  # address and message
        self.refused: set[str] = set()  # addresses of pages with a 4xx status

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self.record_console)
        context.on("weberror", self.record_error)
        context.on("response", self.record_response)
        context.on("dialog", self.record_dialog)

    def record_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.reported.append((message.location["url"], message.text))

    def record_error(self, error: WebError) -> None:
        self.reported.append((error.page.url if error.page else "", str(error.error)))

    def record_response(self, response: Response) -> None:
        if response.request.is_navigation_request() and 400 <= response.status < 500:
            self.refused.add(response.url)

    def record_dialog(self, dialog: Dialog) -> None:
        self.reported.append((dialog.page.url if dialog.page else "", f"a dialog opened: {dialog.message}"))
        dialog.dismiss()

    def unexpected(self) -> list[tuple[str, str]]:
        return [
            (url, text)
            for url, text in self.reported
            if not (url in self.refused and text.startswith("Failed to load resource: the server responded"))
        ]


@pytest.fixture
def browser_errors() -> Iterator[BrowserErrors]:
    errors = BrowserErrors()
    yield errors
    assert errors.unexpected() == []


@pytest.fixture
def browse(new_context, browser_errors: BrowserErrors) -> Callable[..., Page]:
    """A page of a browser without cookies, at the entrance. Options are those of a browser context."""

    def open_entrance(**options) -> Page:
        context = new_context(**options)
        context.set_default_timeout(TIMEOUT)
        browser_errors.listen(context)
        page = context.new_page()
        page.goto("/")
        return page

    return open_entrance


@pytest.fixture
def enter(browse) -> Enter:
    """A page of a browser that entered with this role."""

    def enter_role(role: str, name: str = "", **options) -> Page:
        page = browse(**options)
        page.get_by_label("Your name").fill(name)
        page.get_by_role("button", name=ROLE_BUTTONS[role]).click()
        expect(page.get_by_role("button", name="Switch role")).to_be_visible()
        return page

    return enter_role
