"""What this browser follows: following a ticket, and the news about it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.browsers import forget_browser, remember_browser
from campus_helpdesk.entrance.guards import post_only, role_required
from campus_helpdesk.web.shared.news import describe_news, read_news
from campus_helpdesk.web.shared.ticket_detail import find_ticket, ticket_links
from common.roles import Caller
from django_common.requests import CallerRequest
from django_common.retry import retry_on_deadlock
from notifications.subscriptions import end_subscriptions
from tickets.following.actions import follow, unfollow
from tickets.following.models import Reason
from tickets.models import Ticket


def my_reports_url() -> str:
    return f"{reverse('portal:list')}?is_mine=true"


@role_required
@post_only
def follow_ticket(request: CallerRequest, pk: int) -> HttpResponse:
    ticket = find_ticket(request, pk)
    remember_browser(request)
    follow(ticket, by=request.caller, reason=Reason.FOLLOWED)
    messages.success(request, f"You follow ticket {pk}. What happens to it is announced under “My reports”.")
    return redirect(ticket_links(request, ticket, "portal")["ticket"])


@role_required
@post_only
def unfollow_ticket(request: CallerRequest, pk: int) -> HttpResponse:
    ticket = find_ticket(request, pk)
    stop_following(ticket, by=request.caller)
    messages.success(request, f"You no longer follow ticket {pk}.")
    return redirect(ticket_links(request, ticket, "portal")["ticket"])


@retry_on_deadlock
def stop_following(ticket: Ticket, *, by: Caller) -> None:
    """Also by mail."""
    unfollow(ticket, by=by)
    end_subscriptions(ticket, by=by)


@role_required
@require_safe
def show_news(request: CallerRequest) -> HttpResponse:
    """For a page that stays open: 204 if nothing has changed, else the count, and what has happened since."""
    news = read_news(request.caller)
    if not request.htmx:
        return redirect(my_reports_url())
    since = request.GET.get("since", "")
    if news is None or since == news.state:
        return HttpResponse(status=204)
    happened = describe_news(news.newest) if news.newest and news.is_later_than(since) else ""
    context = {"news": news, "happened": happened}
    return render(request, "portal/_news_poll.html", context)


@role_required
@post_only
def forget_reports(request: CallerRequest) -> HttpResponse:
    """For a device that others use, too: the browser no longer knows what was reported in it."""
    forget_browser(request)
    messages.success(request, "This browser no longer knows which tickets are yours. The tickets stay.")
    return redirect("portal:list")
