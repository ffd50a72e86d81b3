"""Confirming an address, and ending its mails. Opening a link changes nothing, because programs that check
mails open links, too: a button does."""

from uuid import UUID

from django.core.signing import BadSignature, SignatureExpired
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications.models import Subscription
from notifications.subscriptions import confirm, unsubscribe
from notifications.tokens import read_confirmation, read_ending

HEADERS = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}
with_form = require_http_methods(["GET", "HEAD", "POST"])


@with_form
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    try:
        subscription = find_subscription(read_confirmation(token))
    except SignatureExpired:
        return show_page(request, "confirm", None)
    except BadSignature:
        raise Http404 from None
    if request.method == "POST" and subscription and not subscription.ticket.is_closed:
        confirm(subscription)
        subscription.refresh_from_db()
    return show_page(request, "confirm", subscription)


@csrf_exempt  # mail programs post here, too (RFC 8058); only who has the mail knows the address
@with_form
def unsubscribe_address(request: HttpRequest, token: str) -> HttpResponse:
    try:
        subscription = find_subscription(read_ending(token))
    except BadSignature:
        raise Http404 from None
    if request.method == "POST" and subscription:
        unsubscribe(subscription)
        subscription = None
    return show_page(request, "unsubscribe", subscription)


def find_subscription(pk: UUID) -> Subscription | None:
    return Subscription.objects.filter(pk=pk).select_related("ticket").first()


def show_page(request: HttpRequest, name: str, subscription: Subscription | None) -> HttpResponse:
    page = render(request, f"mail_links/{name}.html", {"subscription": subscription})
    for header, value in HEADERS.items():
        page[header] = value
    return page
