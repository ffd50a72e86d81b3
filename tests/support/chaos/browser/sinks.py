"""The pages and files that show texts: each function opens one kind and checks that the texts are there."""

import csv
import io
import json
from dataclasses import dataclass
from urllib.parse import quote

from analytics_gateway.models import Analysis
from messaging.models import Message
from tests.support.chaos.browser import stored_texts
from tests.support.chaos.browser.page_monitor import PageMonitor
from tests.support.chaos.browser.stored_texts import (
    LOCATION_LENGTH,
    NAME_LENGTH,
    StoredTexts,
    as_stored,
    fits,
    tag,
)
from tickets.models import Ticket, TicketEvent

MISSING = 987654321
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
FORBIDDEN_IN_SVG = """[...document.querySelectorAll("*")]
  .filter((e) => e.matches("script, img, iframe, foreignObject, form, input, [data-ran]")
    || [...e.attributes].some((attribute) => /^on|hx-/.test(attribute.name)))
  .map((e) => e.outerHTML.slice(0, 200))"""


@dataclass
class Visit:
    """What the checks need. few: the payloads for which single pages are opened. repaired: ids of tickets."""

    monitor: PageMonitor
    stored: StoredTexts
    few: list[str]
    repaired: list[int]
    done: Analysis

    def texts(self, *kinds: str) -> list[str]:
        return [text for kind in kinds for text in self.stored.texts[kind]]

    def tickets(self) -> list[Ticket]:
        """Those of the few payloads."""
        found = Ticket.objects.filter(pk__lt=stored_texts.CONVERSATION_ID)
        return [ticket for ticket in found if ticket.description.startswith(tuple(self.few))]


def check_lists(visit: Visit) -> None:
    """Tickets, a hundred per page, also as they are printed."""
    page = visit.monitor.page
    newest = Ticket.objects.order_by("-opened_at", "-id")
    lists = {"list": ("/tickets/", newest.exclude(status="closed")), "queue": ("/desk/", newest)}
    for sink, (path, rows) in lists.items():
        address, tickets = f"{path}?page_size=100", list(rows)
        for start in range(0, len(tickets), 100):
            texts = [text for t in tickets[start : start + 100] for text in (t.summary, t.location)]
            visit.monitor.visit(sink, address, texts)
            page.emulate_media(media="print")
            visit.monitor.read(f"{sink}, printed", texts)
            page.emulate_media(media="screen")
            following = page.locator("a[rel=next]")
            address = following.get_attribute("href") if following.count() else ""
            address = address and page.evaluate("(query) => location.pathname + query", address)


def check_conversation(visit: Visit) -> None:
    texts = visit.texts("message", "author", "note")
    for area in ("/tickets/", "/desk/tickets/"):
        visit.monitor.visit("conversation", f"{area}{stored_texts.CONVERSATION_ID}/?all", texts)


def check_history(visit: Visit) -> None:
    texts = visit.texts("reason", "repairer", "repaired room")
    for pk in visit.repaired:
        own = [text for text in texts if ticket_of(text) == pk]
        visit.monitor.visit("history", f"/desk/tickets/{pk}/", own)


def ticket_of(text: str) -> int:
    """The repaired ticket in whose history the text is, from the number in its tag."""
    number = int(text.rpartition("~")[2].lstrip("repaisonmd "))
    return stored_texts.REPAIRED_ID + number // 90 * 90


def check_tickets(visit: Visit) -> None:
    """Everything about one ticket: its pages, its form, the admin, both texts of a conflict."""
    monitor = visit.monitor
    for ticket in visit.tickets():
        texts = [ticket.description, ticket.building, ticket.room]
        for area in ("/tickets/", "/desk/tickets/"):
            monitor.visit(
                "ticket", f"{area}{ticket.pk}/", [ticket.description, ticket.summary, ticket.location]
            )
            monitor.visit("edit", f"{area}{ticket.pk}/edit/", texts)
        mine = {"description": f"mine {ticket.description}", "building": ticket.room, "room": ticket.building}
        form = mine | {"version": 77, "category": "it"}
        shown = [*mine.values(), ticket.description, ticket.location]
        monitor.send("conflict", f"/desk/tickets/{ticket.pk}/edit/", form, shown, statuses=(412,))
        monitor.visit("admin", f"/admin/tickets/ticket/{ticket.pk}/change/", texts)
        form = mine | {"category": "it", "status": "open", "reason": "", "version_seen": 1}
        monitor.send(
            "admin, refused",
            f"/admin/tickets/ticket/{ticket.pk}/change/",
            form,
            mine.values(),
            statuses=(200,),
        )
        monitor.visit("admin's history", f"/admin/tickets/ticket/{ticket.pk}/history/", [ticket.summary])


def check_long_texts(visit: Visit) -> None:
    """All payloads at once, wherever a long text is shown, typed, refused or in conflict."""
    monitor, texts = visit.monitor, visit.texts("long text")
    ticket = Ticket.objects.get(pk=stored_texts.LONG_ID)
    text, desk, admin = ticket.description, f"/desk/tickets/{ticket.pk}/", "/admin/tickets/ticket/"
    for address in (f"/tickets/{ticket.pk}/", f"/tickets/{ticket.pk}/edit/", desk, f"{desk}edit/"):
        monitor.visit("ticket", address, texts)
    monitor.send("conflict", f"{desk}edit/", {"description": text, "version": 77}, texts)
    monitor.send(
        "edit, refused", f"{desk}edit/", {"description": text, "version": 2, "room": "x" * 101}, texts
    )
    monitor.send("report, refused", "/tickets/new/", {"description": text, "building": "x" * 101}, texts)
    monitor.send("missing ticket", f"/tickets/{MISSING}/messages/", {"body": text}, texts)
    monitor.send("closed ticket", f"/desk/tickets/{stored_texts.CLOSED_ID}/messages/", {"body": text}, texts)
    monitor.visit("admin", f"{admin}{ticket.pk}/change/", texts)
    form = {"description": text, "category": "it", "status": "open", "reason": "", "version_seen": 2}
    monitor.send("admin, refused", f"{admin}{ticket.pk}/change/", form, texts, statuses=(200,))
    names = [text for text in texts if fits(text, 200)]
    for number in range(0, len(names), 60):
        shown = names[number : number + 60]
        query = "&".join(f"{quote(name)}=1" for name in shown)
        monitor.visit("unknown filter", f"/tickets/?{query}", shown, statuses=(400,))
        monitor.visit("JSON of a refusal", f"/api/v1/tickets/?{query}", [], statuses=(400,))


def check_admin_lists(visit: Visit) -> None:
    monitor = visit.monitor
    by_id = list(Ticket.objects.order_by("-opened_at", "-id"))
    for number in range(0, len(by_id), 50):
        texts = [ticket.summary for ticket in by_id[number : number + 50]]
        monitor.visit("admin's lists", f"/admin/tickets/ticket/?p={number // 50 + 1}", texts)
    events = TicketEvent.objects.filter(verb="repaired").order_by("pgh_id")
    address = "/admin/tickets/ticketevent/?verb=repaired"
    monitor.visit("admin's lists", address, [text for e in events[:100] for text in (e.reason, e.by_name)])
    for message in Message.objects.order_by("pk")[: 2 * len(visit.few)]:
        address = f"/admin/messaging/message/{message.pk}/change/"
        monitor.visit("admin's messages", address, [message.body, message.author_name])


def check_forms(visit: Visit) -> None:
    """What was typed and refused is shown again."""
    monitor = visit.monitor
    for number, payload in enumerate(visit.few):
        text = as_stored(tag(payload, "typed", number))
        room = text if fits(text, LOCATION_LENGTH) else ""
        form = {"description": "\u200b", "building": room, "room": room, "key": text[:60]}
        monitor.send("report, refused", "/tickets/new/", form, [room])
        monitor.send(
            "missing ticket", f"/tickets/{MISSING}/messages/", {"body": text}, [text], statuses=(404,)
        )
        closed = f"/desk/tickets/{stored_texts.CLOSED_ID}/messages/"
        monitor.send("closed ticket", closed, {"body": text}, [text], statuses=(409,))
        monitor.send(
            "category, refused",
            f"/desk/tickets/{stored_texts.CONVERSATION_ID}/category/",
            {"category": text, "version": 3},
            [],
        )
        form = {"service": "unresolved", "period": text, "period_unit": "d"}
        monitor.send("analytics, refused", "/desk/analytics/", form, [])
        monitor.send("analytics, refused", "/desk/analytics/", {"service": text}, [])
        form = {"service": "unresolved", "period": text, "when": text, "hour": text}
        monitor.send("reports, refused", "/desk/reports/", form, [])
        monitor.send("reports, refused", "/desk/reports/", form | {"service": text}, [])
        monitor.send("move, refused", "/desk/move/", {"move": text, "ticket": text, "next": text}, [])
        form = {"version": text, "next": text}
        monitor.send("version, refused", "/desk/quality/use/", form, [], statuses=(400, 404))
        monitor.send("theme", "/theme/", {"theme": text, "next": text}, [], statuses=(200,))


def check_addresses(visit: Visit) -> None:
    """What is in an address and is shown again: chips, fields, error messages, links."""
    monitor, good, bad = visit.monitor, (200, 400), (400,)
    for number, payload in enumerate(visit.few):
        text = as_stored(tag(payload, "query", number))
        query, is_short = quote(text), fits(text, 200)
        name, value = ([text], [text[1:]]) if is_short else ([], [])
        for area in ("/tickets/", "/desk/"):
            monitor.visit(
                "search", f"{area}?q={query}&building={query}&building_is={query}", [text], statuses=good
            )
            monitor.visit("unknown filter", f"{area}?{query}=1", name, statuses=bad)
            monitor.visit(
                "bad filter", f"{area}?status={query}&opened_after={query}&ordering=x", [], statuses=bad
            )
            monitor.visit("bad filter", f"{area}?building_not={query}", value, statuses=bad)
        monitor.visit("entrance", f"/?next={query}", [text], statuses=good)
        monitor.visit("admin's search", f"/admin/tickets/ticket/?q={query}", [text], statuses=good)
        monitor.visit("admin's filter", f"/admin/tickets/ticket/?status__exact={query}", [], statuses=good)
        monitor.visit("nothing here", f"/nowhere/{quote(text, safe='')}/", [], statuses=(404, 400))
        monitor.visit("API's docs", f"/api/docs/?version={query}&lang={query}", [], statuses=good)
        monitor.visit("JSON of a refusal", f"/api/v1/tickets/?{query}=1", [], statuses=bad)


def check_entrance(visit: Visit) -> None:
    """The name at the entrance: refused, then beside the role. Last, because it starts a session."""
    monitor = visit.monitor
    for number, payload in enumerate(visit.few):
        name = " ".join(tag(payload, "name", number).split())
        if fits(name, NAME_LENGTH):
            monitor.send("entrance, refused", "/enter/", {"role": name, "name": name, "next": name}, [name])
            monitor.send("role", "/enter/", {"role": "helpdesk", "name": name}, [name[:20]], statuses=(200,))


def check_analyses(visit: Visit) -> None:
    monitor = visit.monitor
    kinds = ("result's title", "column", "cell", "result's note", "headline")
    monitor.visit(
        "result",
        f"/desk/analytics/{visit.done.pk}/",
        [*visit.texts(*kinds), *visit.texts("result's alt_text")],
    )
    monitor.visit("pinned results", "/desk/pinned/", visit.texts("headline", "result's alt_text"))
    monitor.visit("analyses", "/desk/analytics/", visit.texts("requester"))
    monitor.visit("reports", "/desk/reports/", visit.texts("requester"))
    monitor.visit("quality", "/desk/quality/", visit.texts("version", "refusal"))
    for failed in stored_texts.list_failures():
        monitor.visit("failure", f"/desk/analytics/{failed.pk}/", [failed.reason])


def check_charts(visit: Visit) -> None:
    """Charts with hostile names: drawn, shown, and harmless even if opened as a page."""
    page, buildings = visit.monitor.page, visit.texts("building")
    for number in range(0, len(buildings), 20)[: len(visit.few) // 3]:
        names = buildings[number : number + 20]
        drawn = stored_texts.draw_buildings(names)
        visit.monitor.visit("chart and table", f"/desk/analytics/{drawn.pk}/", names)
        assert page.evaluate("document.querySelector('.chart img').decode().then(() => true)")
        blank = page.context.browser.new_page()  # no policy applies there
        blank.set_content(drawn.chart.svg)
        visit.monitor.ran += [("chart", found) for found in blank.evaluate(FORBIDDEN_IN_SVG)]
        blank.close()


def check_guesses(visit: Visit) -> None:
    """The words that decide the category of a text while it is typed; nothing is stored."""
    page = visit.monitor.page
    for number, payload in enumerate(visit.few[::3]):
        visit.monitor.visit("report", "/tickets/new/", [])
        with page.expect_response("**/new/category/"):
            page.get_by_label("The problem").fill(f"{payload} WIFI {payload} laptop {number}")
        page.locator("#guess .words").wait_for()
        visit.monitor.read("guess", [])


def check_json(visit: Visit) -> None:
    """JSON in a browser window: as text, with its own type, and equal to what is stored."""
    done, conversation = visit.done.pk, stored_texts.CONVERSATION_ID
    addresses = {
        f"tickets/{visit.tickets()[0].pk}/": [visit.tickets()[0].description],
        f"tickets/{conversation}/messages/?page_size=100": visit.texts("message")[:50],
        f"tickets/{visit.repaired[0]}/history/?page_size=100": visit.texts("reason")[:90],
        f"analyses/{done}/": visit.texts("cell", "result's note"),
    }
    for address, texts in addresses.items():
        answer = visit.monitor.page.goto(f"/api/v1/{address}")
        kind, sniff = (answer.headers.get(name) for name in ("content-type", "x-content-type-options"))
        assert (kind, sniff) == ("application/json", "nosniff"), address
        known = set(strings_of(json.loads(answer.text())))
        visit.monitor.missing += [("JSON", text) for text in texts if text not in known]
        visit.monitor.read("JSON", [])
        visit.monitor.count("JSON", len(texts))


def strings_of(value: object) -> list[str]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value] if isinstance(value, str) else [text for part in parts for text in strings_of(part)]


def check_downloads(visit: Visit) -> None:
    """Files are saved and never opened; a spreadsheet evaluates no cell."""
    page = visit.monitor.page
    for name, ending in (("table.csv", ".csv"), ("chart.svg", ".svg"), ("chart.png", ".png")):
        with page.expect_download() as waiting:
            page.evaluate(
                "(address) => { location.href = address }", f"/api/v1/analyses/{visit.done.pk}/{name}"
            )
        saved = waiting.value
        assert saved.suggested_filename.endswith(ending)
        if ending == ".csv":
            text = saved.path().read_bytes().decode("utf-8-sig")
            rows = list(csv.reader(io.StringIO(text, newline="")))
            cells = [cell for row in rows for cell in row]
            visit.monitor.ran += [("CSV", cell) for cell in cells if cell.lstrip().startswith(FORMULA)]
            visit.monitor.missing += [
                ("CSV", text) for text in visit.texts("cell") if not contains_cell(text, cells)
            ]
            visit.monitor.count("CSV", len(visit.texts("cell")))


def contains_cell(text: str, cells: list[str]) -> bool:
    return text in cells or f"'{text}" in cells


SINKS = [
    check_lists,
    check_conversation,
    check_history,
    check_tickets,
    check_long_texts,
    check_admin_lists,
    check_forms,
    check_addresses,
    check_analyses,
    check_charts,
    check_guesses,
    check_json,
    check_downloads,
    check_entrance,
]
