"""The pages of a secret link: the ticket, answering, saying whether it is solved, revoking the link."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.guards import post_only
from campus_helpdesk.web.secret_link.guards import link_required
from campus_helpdesk.web.shared.photos import group_by_message
from campus_helpdesk.web.shared.ticket_detail import MAX_ON_REQUEST, read_messages
from common.errors import Hidden, Invalid, Refused
from common.roles import Caller, Role
from messaging.actions import post_message
from messaging.attachments.api import send_photo
from messaging.attachments.models import Attachment
from tickets.access import link_may_answer, link_shows_conversation
from tickets.errors import KeyReused, WrongState
from tickets.following.actions import MAX_COMMENT_LENGTH, give_feedback, mark_seen, revoke_link
from tickets.following.models import Feedback, SecretLink
from tickets.history import find_opener_role
from tickets.models import Ticket

CLOSED = "The ticket was closed in the meantime: it takes no more messages."


def link_holder(link: SecretLink) -> Caller:
    """Who holds the link speaks as the reporter, in a session of its own."""
    return Caller(Role.USER, name=link.ticket.opener_name, session=f"link:{link.digest[:32]}")


@require_safe
@link_required
def show_ticket(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    if (caller := getattr(request, "caller", None)) is not None:
        mark_seen(link.ticket, by=caller)
    return render_ticket(request, link, secret)


def render_ticket(
    request: HttpRequest, link: SecretLink, secret: str, refusal: Refused | None = None
) -> HttpResponse:
    """The ticket as its link shows it, with what was refused."""
    ticket = link.ticket
    shows_conversation = link_shows_conversation(ticket)
    conversation, has_earlier = (
        read_messages([ticket], link_holder(link), MAX_ON_REQUEST) if shows_conversation else ([], False)
    )
    context = {
        "ticket": ticket,
        "secret": secret,
        "opener_role": find_opener_role(ticket),
        "shows_conversation": shows_conversation,
        "may_answer": link_may_answer(ticket),
        "conversation": conversation,
        "photos": group_by_message(Attachment.objects.visible_by_link(ticket) if shows_conversation else []),
        "has_earlier": has_earlier,
        "feedback": Feedback.objects.filter(ticket=ticket).first(),
        "max_comment": MAX_COMMENT_LENGTH,
        "key": uuid4().hex,
        "typed": request.POST.get("body", ""),
        "comment": request.POST.get("comment", ""),
        "errors": refusal.errors if refusal else {},
        "refusal": refusal.detail if refusal else "",
    }
    return render(request, "secret_link/ticket.html", context, status=refusal.status if refusal else 200)


@require_safe
@link_required
def show_photo(request: HttpRequest, link: SecretLink, secret: str, pk: UUID, size: str) -> FileResponse:
    if not link_shows_conversation(link.ticket):
        raise Http404
    return send_photo(get_object_or_404(Attachment.objects.visible_by_link(link.ticket), pk=pk), size)


@post_only
@link_required
def answer(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    body, key = request.POST.get("body", ""), request.POST.get("key", "")
    try:
        message = write_answer(link, body, key)
    except (Invalid, KeyReused, WrongState) as refusal:
        link.ticket = Ticket.objects.get(pk=link.ticket_id)
        return render_ticket(request, link, secret, refusal)
    return redirect(f"/t/{secret}/#message-{message}")


def write_answer(link: SecretLink, body: str, key: str) -> int:
    """The number of the message. Raises Invalid, KeyReused, WrongState."""
    if not link_may_answer(link.ticket):
        raise WrongState(CLOSED)
    try:
        return post_message(link.ticket, by=link_holder(link), body=body, key=key).pk
    except Hidden as closed:  # while it was written
        raise WrongState(CLOSED) from closed


@post_only
@link_required
def tell_whether_solved(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    try:
        give_feedback(
            link, is_solved=request.POST.get("is_solved", ""), comment=request.POST.get("comment", "")
        )
    except Invalid as refusal:
        return render_ticket(request, link, secret, refusal)
    return redirect(f"/t/{secret}/#feedback")


@post_only
@link_required
def revoke(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    revoke_link(link)
    if getattr(request, "caller", None) is not None:
        messages.success(request, f"The secret link of ticket {link.ticket_id} no longer works.")
    return redirect("entrance:choose_role")
