"""The pages of a secret link: the ticket, answering, saying whether it is solved, revoking the link."""

from collections.abc import Sequence
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.guards import post_only
from campus_helpdesk.web.secret_link.guards import link_holder, link_required
from campus_helpdesk.web.secret_link.photos import CLOSED, refuse_closed
from campus_helpdesk.web.shared.mail_news import describe_confirmation
from campus_helpdesk.web.shared.photos import (
    describe_strip,
    group_by_message,
    receive_photos,
    wants_removal,
)
from campus_helpdesk.web.shared.ticket_detail import MAX_ON_REQUEST, read_messages
from common.errors import Hidden, Invalid, Refused
from common.roles import Caller
from messaging.actions import post_message
from messaging.attachments.actions import rename_key
from messaging.attachments.models import Attachment
from notifications.subscriptions import subscribe_holder
from tickets.access import link_may_answer, link_shows_conversation
from tickets.errors import KeyReused, WrongState
from tickets.following.actions import MAX_COMMENT_LENGTH, give_feedback, mark_seen, revoke_link
from tickets.following.models import Feedback, SecretLink
from tickets.history import find_opener_role
from tickets.models import Ticket


@require_safe
@link_required
def show_ticket(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    if (caller := getattr(request, "caller", None)) is not None:
        mark_seen(link.ticket, by=caller)
    return render_ticket(request, link, secret)


def render_ticket(
    request: HttpRequest,
    link: SecretLink,
    secret: str,
    refusal: Refused | None = None,
    *,
    key: str = "",
    refused: Sequence[str] = (),
) -> HttpResponse:
    """The ticket as its link shows it, with what was refused. key: of an answer that is being written.
    refused: a sentence for each photo that was not taken."""
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
        "may_judge": link.is_reporters,
        "conversation": conversation,
        "photos": group_by_message(Attachment.objects.visible_by_link(ticket) if shows_conversation else []),
        "has_earlier": has_earlier,
        "feedback": Feedback.objects.filter(ticket=ticket).first(),
        "max_comment": MAX_COMMENT_LENGTH,
        "key": key or uuid4().hex,
        "typed": request.POST.get("body", ""),
        "comment": request.POST.get("comment", ""),
        "typed_email": request.POST.get("email", ""),
        "mail_notice": describe_confirmation() if request.GET.get("mail") == "asked" else "",
        "errors": refusal.errors if refusal else {},
        "refusal": refusal.detail if refusal else "",
        **describe_strip(link_holder(link), key, refused),
    }
    status = refusal.status if refusal else 400 if refused else 200
    return render(request, "secret_link/ticket.html", context, status=status)


@post_only
@link_required
def answer(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    key, holder = request.POST.get("key", ""), link_holder(link)
    if wants_removal(request, by=holder):
        return render_ticket(request, link, secret, key=key)
    try:
        refuse_closed(link)
        key, refused = receive_photos(request, key, by=holder)
        if refused:
            return render_ticket(request, link, secret, key=key, refused=refused)
        message = write_answer(link, request.POST.get("body", ""), key)
    except (Invalid, KeyReused, WrongState) as refusal:
        link.ticket = Ticket.objects.get(pk=link.ticket_id)
        return render_ticket(request, link, secret, refusal, key=next_key(refusal, key, by=holder))
    return redirect(f"/t/{secret}/#message-{message}")


def write_answer(link: SecretLink, body: str, key: str) -> int:
    """The number of the message. Raises Invalid, KeyReused, WrongState."""
    try:
        return post_message(link.ticket, by=link_holder(link), body=body, key=key).pk
    except Hidden as closed:  # while it was written
        raise WrongState(CLOSED) from closed


def next_key(refusal: Refused, key: str, *, by: Caller) -> str:
    """The key of a refused form when it is shown again, with its photos."""
    if not isinstance(refusal, KeyReused):
        return key
    new = uuid4().hex
    rename_key(by=by, old=key, new=new)
    return new


@post_only
@link_required
def tell_whether_solved(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    if not link.is_reporters:
        raise Http404
    try:
        give_feedback(
            link, is_solved=request.POST.get("is_solved", ""), comment=request.POST.get("comment", "")
        )
    except Invalid as refusal:
        return render_ticket(request, link, secret, refusal)
    return redirect(f"/t/{secret}/#feedback")


@post_only
@link_required
def ask_for_mail(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    try:
        refuse_closed(link)
        subscribe_holder(link, by=link_holder(link), address=request.POST.get("email", ""))
    except (Invalid, WrongState) as refusal:
        return render_ticket(request, link, secret, refusal)
    return redirect(f"/t/{secret}/?mail=asked")


@post_only
@link_required
def revoke(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    revoke_link(link)
    if getattr(request, "caller", None) is not None:
        messages.success(request, f"The secret link of ticket {link.ticket_id} no longer works.")
    return redirect("entrance:choose_role")
