"""Monitors pages: what they show, and whether a script ran, a mark was left or text was reordered."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request

LISTEN = """
window.calls = []; window.violations = [];
window.ran = () => { window.calls.push("ran"); return ""; };
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
READ = (Path(__file__).parent / "read_page.js").read_text()
SUBMIT = r"""([action, fields]) => {
  const form = document.createElement("form");
  Object.assign(form, {method: "post", action});
  fields.csrfmiddlewaretoken = document.cookie.match(/csrftoken=(\w+)/)[1];
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
  document.body.append(form);
  form.submit();
}"""
REFUSED = (400, 404, 409, 412)


class PageMonitor:
    """A browser page, and what was found at all addresses that it visited."""

    def __init__(self, page: Page, origin: str):
        self.page, self.origin = page, origin
        self.pages = self.checked = 0
        self.sinks: Counter[str] = Counter()
        self.missing: list[tuple[str, str]] = []
        self.ran: list[tuple[str, Any]] = []
        self.violations: list[tuple[str, Any]] = []
        self.backwards: list[tuple[str, Any]] = []
        page.context.add_init_script(LISTEN)
        page.context.on("request", self.on_request)
        page.context.on("page", lambda opened: self.ran.append(("a new window", opened.url)))

    def on_request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:image/svg+xml")):
            self.ran.append(("a request", request.url))

    def visit(self, sink: str, address: str, texts: Iterable[str], *, statuses=(200,)) -> int:
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status in statuses, (sink, answer.status, address)
        self.read(sink, texts if answer.status == statuses[0] else [])
        return answer.status

    def send(self, sink: str, address: str, form: dict[str, Any], texts: Iterable[str], *, statuses=REFUSED):
        """Submits a form as the open page would."""
        with self.page.expect_navigation() as navigation:
            self.page.evaluate(SUBMIT, [address, form])
        assert navigation.value.status in statuses, (sink, navigation.value.status, form)
        self.read(sink, texts)

    def read(self, sink: str, texts: Iterable[str]) -> None:
        """Checks that the page contains each text exactly, and nothing that a payload has added."""
        seen = self.page.evaluate(READ)
        wanted = [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts if text]
        self.pages += 1
        self.count(sink, len(wanted))
        self.missing += [(sink, text) for text in wanted if text not in seen["shown"]]
        self.ran += [(sink, found) for found in seen["calls"] + seen["marked"]]
        self.violations += [(sink, found) for found in seen["violations"]]
        self.backwards += [(sink, found) for found in seen["backwards"]]

    def count(self, sink: str, texts: int) -> None:
        self.checked += texts
        self.sinks[sink] += texts
