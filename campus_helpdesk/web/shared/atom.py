"""Atom feeds (RFC 4287), for programs that ask again and again what is new."""

from datetime import datetime
from hashlib import sha256
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.http import http_date, quote_etag

from tickets.models import Ticket

PRODUCT = "Campus Helpdesk"


class Feed(Atom1Feed):
    """As Django writes it, but for the time of its last change, which is that of the content: equal content
    is equal byte by byte."""

    def latest_post_date(self) -> datetime:
        updated: datetime = self.feed["updated"]
        return updated


def make_feed(request: HttpRequest, title: str, page: str, updated: datetime, guid: str) -> Feed:
    """page: the path of the page that shows the same."""
    return Feed(
        title=title,
        link=request.build_absolute_uri(page),
        description="",
        language="en",
        author_name=PRODUCT,
        feed_url=request.build_absolute_uri(),
        feed_guid=guid,
        updated=updated,
    )


def make_id(request: HttpRequest, ticket: Ticket, part: str = "") -> str:
    """The name for ever of a ticket or a part of it. It contains no secret and opens nothing."""
    path = reverse("portal:ticket", args=[ticket.pk]).rstrip("/")
    tag: str = get_tag_uri(request.build_absolute_uri(f"{path}#{part}"), ticket.opened_at)
    return tag


def answer_feed(request: HttpRequest, feed: Feed) -> HttpResponse:
    """The feed, or 304 to a program that has it. The tag decides where it is sent: what left the feed is no
    later change of what is in it."""
    content = feed.writeString("utf-8").encode()
    updated, etag = int(feed.latest_post_date().timestamp()), quote_etag(sha256(content).hexdigest())
    headers = {"ETag": etag, "Last-Modified": http_date(updated)}
    response = HttpResponse(content, content_type=feed.content_type, headers=headers)
    answer = get_conditional_response(request, etag=etag, last_modified=updated, response=response)
    return cast(HttpResponse, answer)  # as it is given one
