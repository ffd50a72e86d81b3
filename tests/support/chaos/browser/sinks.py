"""The places that show texts: each function opens one kind of page and says what must be there."""

import csv
import io
import json
from dataclasses import dataclass
from urllib.parse import quote

from analytics_gateway.models import Analysis
from messaging.models import Message
from tests.support.chaos.browser import campus as stage
from tests.support.chaos.browser.campus import NAME, PLACE, Campus, as_stored, fits, tag
from tests.support.chaos.browser.watch import Watch
from tickets.models import Ticket, TicketEvent

MISSING = 987654321
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
FOREIGN_TO_PICTURES = """[...document.querySelectorAll("*")]
  .filter((e) => e.matches("script, img, iframe, foreignObject, form, input, [data-ran]")
    || [...e.attributes].some((attribute) => /^on|hx-/.test(attribute.name)))
  .map((e) => e.outerHTML.slice(0, 200))"""


@dataclass
class Visit:
    """A walk through the campus. few: the payloads that have pages of their own."""

    watch: Watch
    campus: Campus
    few: list[str]
    told: list[int]
    done: Analysis

    def texts(self, *kinds: str) -> list[str]:
        return [text for kind in kinds for text in self.campus.texts[kind]]

    def tickets(self) -> list[Ticket]:
        """Those of the few payloads."""
        found = Ticket.objects.filter(pk__lt=stage.TALK)
        return [ticket for ticket in found if ticket.description.startswith(tuple(self.few))]


def look_at_lists(visit: Visit) -> None:
    """Tickets, a hundred per page, also as they are printed."""
    page = visit.watch.page
    tickets = list(Ticket.objects.order_by("-opened_at", "-id"))
    for sink, address in (("list", "/tickets/?page_size=100"), ("queue", "/desk/?page_size=100")):
        for start in range(0, len(tickets), 100):
            texts = [text for t in tickets[start : start + 100] for text in (t.summary, t.location)]
            visit.watch.visit(sink, address, texts)
            page.emulate_media(media="print")
            visit.watch.read(f"{sink}, printed", texts)
            page.emulate_media(media="screen")
            following = page.locator("a[rel=next]")
            address = following.get_attribute("href") if following.count() else ""
            address = address and page.evaluate("(query) => location.pathname + query", address)


def look_at_talks(visit: Visit) -> None:
    said = [*visit.texts("message", "author"), *visit.texts("note")]
    for area in ("/tickets/", "/desk/tickets/"):
        visit.watch.visit("conversation", f"{area}{stage.TALK}/?all", said)


def look_at_history(visit: Visit) -> None:
    told = visit.texts("reason", "repairer", "repaired room")
    for pk in visit.told:
        own = [
            text for text in told if int(text.rpartition("~")[2].lstrip("repaisonmd ")) // 90 == told_at(pk)
        ]
        visit.watch.visit("history", f"/desk/tickets/{pk}/", own)


def told_at(pk: int) -> int:
    return (pk - stage.TOLD) // 90


def look_at_tickets(visit: Visit) -> None:
    """Everything about one ticket: its pages, its form, the admin, both texts of a conflict."""
    watch = visit.watch
    for ticket in visit.tickets():
        texts = [ticket.description, ticket.building, ticket.room]
        for area in ("/tickets/", "/desk/tickets/"):
            watch.visit(
                "ticket", f"{area}{ticket.pk}/", [ticket.description, ticket.summary, ticket.location]
            )
            watch.visit("edit", f"{area}{ticket.pk}/edit/", texts)
        mine = {"description": f"mine {ticket.description}", "building": ticket.room, "room": ticket.building}
        form = mine | {"version": 77, "category": "it"}
        shown = [*mine.values(), ticket.description, ticket.location]
        watch.send("conflict", f"/desk/tickets/{ticket.pk}/edit/", form, shown, statuses=(412,))
        watch.visit("admin", f"/admin/tickets/ticket/{ticket.pk}/change/", texts)
        form = mine | {"category": "it", "status": "open", "reason": "", "version_seen": 1}
        watch.send(
            "admin, refused",
            f"/admin/tickets/ticket/{ticket.pk}/change/",
            form,
            mine.values(),
            statuses=(200,),
        )
        watch.visit("admin's history", f"/admin/tickets/ticket/{ticket.pk}/history/", [ticket.summary])


def look_at_long_texts(visit: Visit) -> None:
    """All payloads at once, wherever a long text is shown, typed, refused or in conflict."""
    watch, texts = visit.watch, visit.texts("long text")
    ticket = Ticket.objects.get(pk=stage.LONG)
    text, desk, admin = ticket.description, f"/desk/tickets/{ticket.pk}/", "/admin/tickets/ticket/"
    for address in (f"/tickets/{ticket.pk}/", f"/tickets/{ticket.pk}/edit/", desk, f"{desk}edit/"):
        watch.visit("ticket", address, texts)
    watch.send("conflict", f"{desk}edit/", {"description": text, "version": 77}, texts)
    watch.send("edit, refused", f"{desk}edit/", {"description": text, "version": 2, "room": "x" * 101}, texts)
    watch.send("report, refused", "/tickets/new/", {"description": text, "building": "x" * 101}, texts)
    watch.send("missing ticket", f"/tickets/{MISSING}/messages/", {"body": text}, texts)
    watch.send("closed ticket", f"/desk/tickets/{stage.CLOSED}/messages/", {"body": text}, texts)
    watch.visit("admin", f"{admin}{ticket.pk}/change/", texts)
    form = {"description": text, "category": "it", "status": "open", "reason": "", "version_seen": 2}
    watch.send("admin, refused", f"{admin}{ticket.pk}/change/", form, texts, statuses=(200,))
    names = [(quote(text), text[1:]) for text in texts if fits(text, 200)]
    for number in range(0, len(names), 60):
        asked = "&".join(f"{name}=1" for name, _ in names[number : number + 60])
        shown = [name for _, name in names[number : number + 60]]
        watch.visit("unknown filter", f"/tickets/?{asked}", shown, statuses=(400,))
        watch.visit("JSON of a refusal", f"/api/v1/tickets/?{asked}", [], statuses=(400,))


def look_at_admin_lists(visit: Visit) -> None:
    watch = visit.watch
    by_id = list(Ticket.objects.order_by("-opened_at", "-id"))
    for number in range(0, len(by_id), 50):
        texts = [ticket.summary for ticket in by_id[number : number + 50]]
        watch.visit("admin's lists", f"/admin/tickets/ticket/?p={number // 50 + 1}", texts)
    events = TicketEvent.objects.filter(verb="repaired").order_by("pgh_id")
    address = "/admin/tickets/ticketevent/?verb=repaired"
    watch.visit("admin's lists", address, [text for e in events[:100] for text in (e.reason, e.by_name)])
    for message in Message.objects.order_by("pk")[: 2 * len(visit.few)]:
        address = f"/admin/messaging/message/{message.pk}/change/"
        watch.visit("admin, to look at", address, [message.body, message.author_name])


def look_at_forms(visit: Visit) -> None:
    """What was typed and refused is shown again."""
    watch = visit.watch
    for number, payload in enumerate(visit.few):
        text = as_stored(tag(payload, "typed", number))
        place = text if fits(text, PLACE) else ""
        form = {"description": "\u200b", "building": place, "room": place, "key": text[:60]}
        watch.send("report, refused", "/tickets/new/", form, [place])
        watch.send("missing ticket", f"/tickets/{MISSING}/messages/", {"body": text}, [text], statuses=(404,))
        closed = f"/desk/tickets/{stage.CLOSED}/messages/"
        watch.send("closed ticket", closed, {"body": text}, [text], statuses=(409,))
        watch.send(
            "category, refused", f"/desk/tickets/{stage.TALK}/category/", {"category": text, "version": 3}, []
        )
        form = {"service": "unresolved", "period": text, "period_unit": "d"}
        watch.send("analytics, refused", "/desk/analytics/", form, [])
        watch.send("analytics, refused", "/desk/analytics/", {"service": text}, [])
        form = {"service": "unresolved", "period": text, "when": text, "hour": text}
        watch.send("reports, refused", "/desk/reports/", form, [])
        watch.send("reports, refused", "/desk/reports/", form | {"service": text}, [])
        watch.send("move, refused", "/desk/move/", {"move": text, "ticket": text, "next": text}, [])
        form = {"version": text, "next": text}
        watch.send("version, refused", "/desk/quality/use/", form, [], statuses=(400, 404))
        watch.send("theme", "/theme/", {"theme": text, "next": text}, [], statuses=(200,))


def look_at_addresses(visit: Visit) -> None:
    """What is in an address and is shown again: chips, fields, error messages, links."""
    watch, good, bad = visit.watch, (200, 400), (400,)
    for number, payload in enumerate(visit.few):
        text = as_stored(tag(payload, "asked", number))
        asked, name = quote(text), [text[1:]] if fits(text, 200) else []
        for area in ("/tickets/", "/desk/"):
            watch.visit(
                "search", f"{area}?q={asked}&building={asked}&building_is={asked}", [text], statuses=good
            )
            watch.visit("unknown filter", f"{area}?{asked}=1", name, statuses=bad)
            watch.visit(
                "bad filter", f"{area}?status={asked}&opened_after={asked}&ordering=x", [], statuses=bad
            )
            watch.visit("bad filter", f"{area}?building_not={asked}", name, statuses=bad)
        watch.visit("door", f"/?next={asked}", [text], statuses=good)
        watch.visit("admin's search", f"/admin/tickets/ticket/?q={asked}", [text], statuses=good)
        watch.visit("admin's filter", f"/admin/tickets/ticket/?status__exact={asked}", [], statuses=good)
        watch.visit("nothing here", f"/nowhere/{quote(text, safe='')}/", [], statuses=(404, 400))
        watch.visit("API's docs", f"/api/docs/?version={asked}&lang={asked}", [], statuses=good)
        watch.visit("JSON of a refusal", f"/api/v1/tickets/?{asked}=1", [], statuses=bad)


def look_at_door(visit: Visit) -> None:
    """The name at the entrance: in the refused form, then beside the role. Last, because it enters anew."""
    watch = visit.watch
    for number, payload in enumerate(visit.few):
        name = " ".join(tag(payload, "name", number).split())
        if fits(name, NAME):
            watch.send("door, refused", "/enter/", {"role": name, "name": name, "next": name}, [name])
            watch.send("role", "/enter/", {"role": "helpdesk", "name": name}, [name[:20]], statuses=(200,))


def look_at_analyses(visit: Visit) -> None:
    watch = visit.watch
    kinds = ("result's title", "column", "cell", "result's note", "headline")
    watch.visit(
        "result",
        f"/desk/analytics/{visit.done.pk}/",
        [*visit.texts(*kinds), *visit.texts("result's alt_text")],
    )
    watch.visit("pinned results", "/desk/pinned/", visit.texts("headline", "result's alt_text"))
    watch.visit("analyses", "/desk/analytics/", visit.texts("asker"))
    watch.visit("reports", "/desk/reports/", visit.texts("asker"))
    watch.visit("quality", "/desk/quality/", visit.texts("version", "refusal"))
    for failed in stage.list_failures():
        watch.visit("failure", f"/desk/analytics/{failed.pk}/", [failed.reason])


def look_at_charts(visit: Visit) -> None:
    """Pictures with hostile names: drawn, shown, and harmless also if opened as a page."""
    page, places = visit.watch.page, visit.texts("building")
    for number in range(0, len(places), 20)[: len(visit.few) // 3]:
        drawn = stage.draw_places(places[number : number + 20])
        visit.watch.visit("chart and table", f"/desk/analytics/{drawn.pk}/", places[number : number + 20])
        assert page.evaluate("document.querySelector('.chart img').decode().then(() => true)")
        blank = page.context.browser.new_page()  # no policy applies there
        blank.set_content(drawn.chart.svg)
        visit.watch.ran += [("chart", found) for found in blank.evaluate(FOREIGN_TO_PICTURES)]
        blank.close()


def look_at_guesses(visit: Visit) -> None:
    """The words that decided, found while somebody types; nothing of it is stored."""
    page = visit.watch.page
    for number, payload in enumerate(visit.few[::3]):
        visit.watch.visit("report", "/tickets/new/", [])
        with page.expect_response("**/new/category/"):
            page.get_by_label("The problem").fill(f"{payload} WIFI {payload} laptop {number}")
        page.locator("#guess .words").wait_for()
        visit.watch.read("guess", [])


def look_at_json(visit: Visit) -> None:
    """JSON in a browser window: as text, with its own type, and equal to what is stored."""
    done, talk = visit.done.pk, stage.TALK
    addresses = {
        f"tickets/{visit.tickets()[0].pk}/": [visit.tickets()[0].description],
        f"tickets/{talk}/messages/?page_size=100": visit.texts("message")[:50],
        f"tickets/{visit.told[0]}/history/?page_size=100": visit.texts("reason")[:90],
        f"analyses/{done}/": visit.texts("cell", "result's note"),
    }
    for address, texts in addresses.items():
        answer = visit.watch.page.goto(f"/api/v1/{address}")
        kind, sniff = (answer.headers.get(name) for name in ("content-type", "x-content-type-options"))
        assert (kind, sniff) == ("application/json", "nosniff"), address
        known = set(strings_of(json.loads(answer.text())))
        visit.watch.missing += [("JSON", text) for text in texts if text not in known]
        visit.watch.read("JSON", [])
        visit.watch.count("JSON", len(texts))


def strings_of(value: object) -> list[str]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value] if isinstance(value, str) else [text for part in parts for text in strings_of(part)]


def look_at_downloads(visit: Visit) -> None:
    """Files are saved and never opened; a spreadsheet evaluates no cell."""
    page = visit.watch.page
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
            visit.watch.ran += [("CSV", cell) for cell in cells if cell.lstrip().startswith(FORMULA)]
            visit.watch.missing += [("CSV", text) for text in visit.texts("cell") if not told_in(text, cells)]
            visit.watch.count("CSV", len(visit.texts("cell")))


def told_in(text: str, cells: list[str]) -> bool:
    return text in cells or f"'{text}" in cells


SINKS = [
    look_at_lists,
    look_at_talks,
    look_at_history,
    look_at_tickets,
    look_at_long_texts,
    look_at_admin_lists,
    look_at_forms,
    look_at_addresses,
    look_at_analyses,
    look_at_charts,
    look_at_guesses,
    look_at_json,
    look_at_downloads,
    look_at_door,
]
