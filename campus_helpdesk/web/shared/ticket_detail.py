"""A ticket's page: its conversation, facts, history, and writing a message."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django_htmx.http import HttpResponseStopPolling, reswap

from campus_helpdesk.entrance.unsent import unsent_fields
from campus_helpdesk.web.shared.closing_notice import find_closed, make_page_token
from campus_helpdesk.web.shared.last_changes import describe_last_moves
from campus_helpdesk.web.shared.list_context import carry_list, read_list
from campus_helpdesk.web.shared.mail_news import describe_mail
from campus_helpdesk.web.shared.photos import (
    Photos,
    describe_states,
    describe_strip,
    find_photos,
    is_preparing,
    receive_photos,
    wants_removal,
)
from common.errors import Hidden, Invalid, Refused
from common.roles import Caller
from django_common.requests import CallerRequest
from incoming_mail.desk import find_mails
from messaging.actions import post_message
from messaging.attachments.actions import rename_key
from messaging.models import Message
from tickets.access import can_see, may
from tickets.bulk_moves import ACTIONS
from tickets.categories import Category
from tickets.duplicates.merging import find_duplicates, has_duplicates
from tickets.errors import KeyReused, WrongState
from tickets.following.actions import mark_seen
from tickets.following.queries import find_followed
from tickets.history import HistoryRow, find_opener_role, history_rows, visible_events
from tickets.lifecycle import Status, next_move
from tickets.models import Ticket
from tickets.second_opinions import find_second_opinion

LIST_VIEWS = {"portal": "portal:list", "desk": "desk:queue"}
LINKS = ("ticket", "messages", "edit", "category", "next", "previous")
AREA_LINKS = {
    "portal": ["follow", "unfollow", "sent"],
    "desk": [*(verb for verb, _ in ACTIONS.values()), "merge", "unmerge", "proposals"],
}
POLL_SECONDS, PREPARING_SECONDS = 15, 3
MAX_SHOWN, MAX_ON_REQUEST = 100, 1000  # messages on the page; all of them are in the API
MOVE_LABELS = {Status.ACTIVE: "Take up", Status.CLOSED: "Close"}


def find_ticket(request: CallerRequest, pk: int) -> Ticket:
    """Hidden equals missing: both are 404."""
    return get_object_or_404(visible_tickets(request), pk=pk)


def visible_tickets(request: CallerRequest) -> QuerySet[Ticket]:
    """With their second opinion and feedback and whether duplicates were merged into them, for which the page
    then needs no statement of its own."""
    tickets = Ticket.objects.visible_to(request.caller.role).annotate(has_duplicates=has_duplicates())
    return tickets.select_related("embedding", "feedback").defer("embedding__vector")


def read_duplicates(ticket: Ticket, caller: Caller) -> list[Ticket]:
    """What was merged into a ticket of `visible_tickets`, as far as the caller may know."""
    return list(find_duplicates(ticket, by=caller)) if getattr(ticket, "has_duplicates", True) else []


def ticket_links(request: CallerRequest, ticket: Ticket, area: str) -> dict[str, str]:
    """The addresses of a ticket in one area, "portal" or "desk"; all carry the list from which one came."""
    query = read_list(request)
    paths = {name: reverse(f"{area}:{name}", args=[ticket.pk]) for name in (*LINKS, *AREA_LINKS[area])}
    links = {name: carry_list(path, query) for name, path in paths.items()}
    links["whole"] = carry_list(paths["ticket"], query, all="") + "#conversation"
    links["list"] = f"{reverse(LIST_VIEWS[area])}{f'?{query}' if query else ''}#ticket-{ticket.pk}"
    return links


def poll_link(request: CallerRequest, ticket: Ticket, area: str, state: str) -> str:
    """Where a page that shows this state polls."""
    whole = {"all": ""} if "all" in request.GET else {}
    path, token = reverse(f"{area}:messages", args=[ticket.pk]), make_page_token(request.caller, ticket.pk)
    return carry_list(path, read_list(request), since=state, page=token, **whole)


def describe_ticket(request: CallerRequest, ticket: Ticket, area: str) -> dict[str, Any]:
    """The context of a ticket's page."""
    caller = request.caller
    mark_seen(ticket, by=caller)
    limit = MAX_ON_REQUEST if "all" in request.GET else MAX_SHOWN
    merged = read_duplicates(ticket, caller)
    messages, has_earlier = read_messages([ticket, *merged], caller, limit)
    photos = find_photos([ticket, *merged], caller)
    state = page_state(ticket, messages[-1] if messages else None, photos)
    return {
        "ticket": ticket,
        "area": area,
        "links": ticket_links(request, ticket, area),
        "follower": find_followed([ticket], by=caller).get(ticket.pk),
        "opener_role": find_opener_role(ticket),
        "conversation": messages,
        "merged_tickets": merged,
        "has_earlier": has_earlier,
        "may_show_more": limit < MAX_ON_REQUEST,
        "state": state,
        "poll": poll_link(request, ticket, area, state),
        "history": read_history(ticket, caller),
        "second_opinion": find_second_opinion(ticket),
        "is_waiting": is_waiting(ticket, caller),
        "may_correct": not ticket.is_closed and may(caller, "correct", ticket),
        "categories": Category.choices,
        "move": next_move_button(caller, ticket),
        "key": uuid4().hex,
        "photos": photos,
        "mails": find_mails([ticket, *merged]) if area == "desk" else {},
        "poll_seconds": PREPARING_SECONDS if is_preparing(photos) else POLL_SECONDS,
        **describe_strip(caller, ""),  # a new form has no photos
        **describe_mail(ticket, caller, area),
    }


def is_waiting(ticket: Ticket, caller: Caller) -> bool:
    """Whether the caller reported it and has had no answer yet."""
    is_mine = bool(caller.session) and caller.session == ticket.opener
    return is_mine and ticket.status == Status.OPEN and ticket.first_answered_at is None


def newest_messages(tickets: Sequence[Ticket], caller: Caller) -> QuerySet[Message]:
    """The messages under a ticket and what was merged into it that the caller may see, newest first."""
    return Message.objects.visible_to(caller.role).filter(ticket__in=tickets).order_by("-sent_at", "-id")


def read_messages(tickets: Sequence[Ticket], caller: Caller, limit: int) -> tuple[list[Message], bool]:
    """The newest messages, oldest of them first, and whether there are earlier ones."""
    found = list(newest_messages(tickets, caller)[: limit + 1])
    return found[:limit][::-1], len(found) > limit


def read_history(ticket: Ticket, caller: Caller) -> list[HistoryRow]:
    """The newest history rows, oldest first."""
    newest = visible_events(ticket, caller.role).order_by("-pgh_id")[:MAX_SHOWN]
    return list(history_rows(reversed(newest), caller.role))


def page_state(ticket: Ticket, last: Message | None, photos: Photos) -> str:
    """Equal as long as the page would look the same; a poll sends it back."""
    return f"{ticket.version}-{last.pk if last else 0}-{describe_states(photos)}-{ticket.status}"


def next_move_button(caller: Caller, ticket: Ticket) -> tuple[str, str] | None:
    """The verb and the label of the one legal move, None if there is none for this caller."""
    to = next_move(ticket.status)
    if to is None:
        return None
    verb, _ = ACTIONS[to]
    return (verb, MOVE_LABELS[to]) if may(caller, verb, ticket) else None


def show_ticket(
    request: CallerRequest, ticket: Ticket, area: str, *, status: int = 200, **extra: Any
) -> HttpResponse:
    unsent = unsent_fields(request, reverse(f"{area}:messages", args=[ticket.pk]))
    typed: dict[str, Any] = {"typed": unsent.get("body", ""), "is_note": bool(unsent.get("is_internal"))}
    if key := unsent.get("key", ""):
        typed |= {"key": key, **describe_strip(request.caller, key)}
    context = describe_ticket(request, ticket, area) | typed | extra
    return render(request, "ticket.html", context, status=status)


def poll_conversation(request: CallerRequest, pk: int, area: str) -> HttpResponse:
    """What is new under a ticket: 204 if nothing is, else conversation and details; if it was moved, also the
    buttons, and who did it."""
    ticket = visible_tickets(request).filter(pk=pk).first()
    if ticket is None:
        return notify_closing(request, pk)
    if not request.htmx:
        return redirect(ticket_links(request, ticket, area)["ticket"])
    since = request.GET.get("since", "")
    conversation = [ticket, *read_duplicates(ticket, request.caller)]
    last = newest_messages(conversation, request.caller).first()
    if since == page_state(ticket, last, find_photos(conversation, request.caller)):
        return HttpResponse(status=204)
    context = describe_ticket(request, ticket, area)
    if not since.endswith(f"-{ticket.status}"):
        (sentence,) = describe_last_moves([ticket], request.caller)
        context["moved"] = capfirst(sentence)
    return render(request, "components/_conversation_news.html", context)


def notify_closing(request: CallerRequest, pk: int) -> HttpResponse:
    """Tells a page that has shown the ticket that it was closed, and when. Raises Hidden for all others."""
    ticket = find_closed(request.caller, pk, request.GET.get("page", "")) if request.htmx else None
    if ticket is None:
        raise Hidden
    page = render(request, "components/_closing_notice.html", {"ticket": ticket})
    return reswap(HttpResponseStopPolling(page.content), "none")


def write_message(request: CallerRequest, ticket: Ticket, area: str) -> HttpResponse:
    """Posts a message. A refused one is shown again together with the reason."""
    body, is_internal = request.POST.get("body", ""), bool(request.POST.get("is_internal"))
    if wants_removal(request, by=request.caller):
        return show_composer(request, ticket, area, request.POST.get("key", ""))
    key, refused = receive_photos(request, request.POST.get("key", ""), by=request.caller)
    if refused:
        return show_composer(request, ticket, area, key, refused=refused, status=400)
    try:
        message = post_message(ticket, by=request.caller, body=body, is_internal=is_internal, key=key)
    except (Invalid, KeyReused, WrongState) as refusal:
        return refuse_message(request, ticket, area, refusal, key)
    return redirect(f"{ticket_links(request, ticket, area)['ticket']}#message-{message.pk}")


def show_composer(
    request: CallerRequest,
    ticket: Ticket,
    area: str,
    key: str,
    *,
    refused: Sequence[str] = (),
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    """The page with what was typed and the photos of the message. refused: sentences about photos."""
    typed = {"typed": request.POST.get("body", ""), "is_note": bool(request.POST.get("is_internal"))}
    strip = {"key": key, **describe_strip(request.caller, key, refused)}
    return show_ticket(request, ticket, area, status=status, **typed, **strip, **extra)


def refuse_message(
    request: CallerRequest, ticket: Ticket, area: str, refusal: Refused, key: str
) -> HttpResponse:
    ticket.refresh_from_db()
    if not can_see(request.caller, ticket):  # closed since it was found
        raise Hidden
    if isinstance(refusal, KeyReused):
        key, used = uuid4().hex, key
        rename_key(by=request.caller, old=used, new=key)
    return show_composer(
        request,
        ticket,
        area,
        key or uuid4().hex,
        status=refusal.status,
        errors=refusal.errors,
        refusal=refusal.detail,
    )
