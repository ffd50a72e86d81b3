"""Taking up and closing tickets, one or many at once, and the notices about it.

If two people press the same button, both get what they want: the second one is told who was first. The API
answers the second request with 409.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst

from campus_helpdesk.entrance.guards import helpdesk_required, post_only
from campus_helpdesk.web.desk.queue import next_url
from campus_helpdesk.web.shared import ticket_detail
from campus_helpdesk.web.shared.last_changes import describe_last_moves
from common.digits import parse_digits
from common.errors import Invalid
from common.roles import Caller
from django_common.requests import CallerRequest
from tickets.bulk_moves import ACTIONS, MoveResults, move_tickets
from tickets.errors import WrongState
from tickets.lifecycle import Status
from tickets.models import Ticket

TARGETS = {verb: status for status, (verb, _) in ACTIONS.items()}


@helpdesk_required
@post_only
def activate(request: CallerRequest, pk: int) -> HttpResponse:
    return move_single(request, pk, Status.ACTIVE)


@helpdesk_required
@post_only
def close(request: CallerRequest, pk: int) -> HttpResponse:
    return move_single(request, pk, Status.CLOSED)


def move_single(request: CallerRequest, pk: int, to: Status) -> HttpResponse:
    ticket = ticket_detail.find_ticket(request, pk)
    _, move = ACTIONS[to]
    try:
        move(ticket, by=request.caller)
    except WrongState:
        (sentence,) = describe_last_moves([ticket], request.caller)
        if ticket.status != to:
            fact, reason = explain_no_move(ticket, sentence)
            raise WrongState(f"{capfirst(reason)}.", title=f"Ticket {fact}") from None
        messages.info(request, f"Ticket {ticket.pk} is already {ticket.status}: {sentence}.")
    else:
        messages.success(request, f"Ticket {ticket.pk} is now {ticket.status}.")
    return redirect(ticket_detail.ticket_links(request, ticket, "desk")["ticket"])


@helpdesk_required
@post_only
def move_many(request: CallerRequest) -> HttpResponse:
    """The selected tickets, in one transaction; each one that did not move is named with the reason."""
    verb = request.POST.get("move", "")
    if verb not in TARGETS:
        raise Invalid({"move": ["Choose activate or close."]})
    moves = move_tickets(read_selection(request), to=TARGETS[verb], by=request.caller)
    notify_moves(request, moves, TARGETS[verb])
    return redirect(next_url(request))


def read_selection(request: CallerRequest) -> list[int]:
    raw = request.POST.getlist("ticket")
    numbers = [number for pk in raw if (number := parse_digits(pk, 18)) is not None]
    if len(numbers) < len(raw):
        raise Invalid({"ticket": ["Ticket numbers must be whole numbers."]})
    return numbers


def notify_moves(request: CallerRequest, moves: MoveResults, to: Status) -> None:
    if moves.moved:
        numbers = ", ".join(str(ticket.pk) for ticket in moves.moved)
        are = "Ticket {} is" if len(moves.moved) == 1 else "Tickets {} are"
        messages.success(request, f"{are.format(numbers)} now {to}.")
    if moves.already_there:
        sentences = describe_last_moves(moves.already_there, request.caller)
        moved_before = [
            f"{ticket.pk}, {words}" for ticket, words in zip(moves.already_there, sentences, strict=True)
        ]
        messages.info(request, f"Already {to}: {'; '.join(moved_before)}.")
    if unmoved := describe_unmoved(moves, request.caller):
        messages.warning(request, f"{'; '.join(unmoved)}.")


def describe_unmoved(moves: MoveResults, caller: Caller) -> list[str]:
    sentences = describe_last_moves(moves.wrong_status, caller)
    wrong_status = [
        ": ".join(explain_no_move(*pair)) for pair in zip(moves.wrong_status, sentences, strict=True)
    ]
    busy = [f"{pk} is being changed by someone else: try again" for pk in moves.locked_by_others]
    return [*wrong_status, *busy, *(f"{pk} does not exist" for pk in moves.missing)]


def explain_no_move(ticket: Ticket, sentence: str) -> tuple[str, str]:
    """What was not done as requested, and why or what to do."""
    if ticket.status == Status.OPEN:
        return f"{ticket.pk} was not closed", "take it up first"
    return f"{ticket.pk} is already {ticket.status}", sentence
