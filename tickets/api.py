"""Tickets over HTTP. Order of refusals: 401, 404, 403, 409, 428 or 412, 400."""

from typing import Any, cast

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from common.errors import Invalid
from django_common.if_match import read_version
from django_common.requests import get_caller
from django_common.retry import retry_on_deadlock
from django_common.strict_filters import FilterBackend, PagingFilter
from tickets import actions
from tickets.access import require
from tickets.duplicates.merging import merge_ticket
from tickets.filters import TicketFilter
from tickets.history import history_rows, visible_events
from tickets.idempotency import store_response
from tickets.models import Ticket
from tickets.paging import ORDERINGS, HistoryPagination, TicketPagination
from tickets.serializers import HistoryRowSerializer, MergeInput, TicketChange, TicketInput, TicketSerializer

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description='The version that was seen, for example "3".'
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="One ticket per key for 24 h; one message per key.",
)


def find_ticket(request: Request, pk: str) -> Ticket:
    """A ticket that the caller may see; hidden and missing look the same. Raises Http404."""
    if len(pk) > 18:
        raise Http404
    ticket = Ticket.objects.visible_to(get_caller(request).role).filter(pk=int(pk)).first()
    if ticket is None:
        raise Http404
    return ticket


def read_key(request: Request) -> str:
    """The idempotency key of a request, empty if none was sent. Raises Invalid if it is blank: the client
    would not be protected from double requests as it expects."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not key.strip():
        raise Invalid({"Idempotency-Key": ["The key must not be blank."]})
    return key or ""


def read_body(request: Request) -> tuple[dict[str, Any], ParseError | None]:
    """The body, or the error of parsing it, which is raised only after the refusals that precede it."""
    try:
        return cast(dict[str, Any], request.data), None  # the parser accepts objects only
    except ParseError as error:
        return {}, error


class TicketViewSet(GenericViewSet):
    queryset = Ticket.objects.all()
    serializer_class = TicketSerializer
    pagination_class = TicketPagination
    lookup_value_regex = r"[0-9]+"
    filter_backends = [FilterBackend]
    filterset_class = TicketFilter
    scope = ""

    @extend_schema(parameters=[OpenApiParameter("ordering", enum=list(ORDERINGS), default="-opened_at")])
    def list(self, request: Request) -> Response:
        visible = Ticket.objects.visible_to(get_caller(request).role)
        page = self.paginate_queryset(self.filter_queryset(visible))
        return self.get_paginated_response(TicketSerializer(page, many=True).data)

    @extend_schema(parameters=[KEY], request=TicketInput, responses={201: TicketSerializer})
    @retry_on_deadlock
    def create(self, request: Request) -> Response:
        caller, key = get_caller(request), read_key(request)
        fields = TicketInput.read(request.data)
        ticket = actions.open_ticket(by=caller, key=key, **fields)
        body = dict(TicketSerializer(ticket).data)
        if key:
            body = store_response(by=caller, key=key, body=body)
        return Response(body, status=201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.respond(find_ticket(request, pk))

    @extend_schema(parameters=[IF_MATCH], request=TicketChange, responses=TicketSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        caller, ticket = get_caller(request), find_ticket(request, pk)
        body, error = read_body(request)
        if "category" in body:
            require(caller, "correct", ticket)
        actions.refuse_closed(ticket, by=caller)
        version = read_version(request.headers.get("If-Match"), ticket.version)
        actions.check_edit(ticket, by=caller, version=version)
        if error:
            raise error
        changes = TicketChange.read(body)
        return self.respond(actions.edit_ticket(ticket, by=caller, version=version, changes=changes))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        return self.respond(actions.activate_ticket(find_ticket(request, pk), by=get_caller(request)))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        return self.respond(actions.close_ticket(find_ticket(request, pk), by=get_caller(request)))

    @extend_schema(request=MergeInput, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Closes it as a duplicate of another ticket, which is kept."""
        caller, duplicate = get_caller(request), find_ticket(request, pk)
        require(caller, "merge", duplicate)
        actions.refuse_closed(duplicate, by=caller)
        number = MergeInput.read(request.data)["into"]
        kept = Ticket.objects.visible_to(caller.role).filter(pk=number).first()
        if kept is None:
            raise Invalid({"into": ["There is no ticket with this number."]})
        return self.respond(merge_ticket(duplicate, into=kept, by=caller))

    @extend_schema(responses=HistoryRowSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=HistoryPagination, filterset_class=PagingFilter)
    def history(self, request: Request, pk: str) -> Response:
        role = get_caller(request).role
        events = visible_events(find_ticket(request, pk), role)
        page = self.paginate_queryset(self.filter_queryset(events)) or []
        return self.get_paginated_response(HistoryRowSerializer(history_rows(page, role), many=True).data)

    def respond(self, ticket: Ticket) -> Response:
        """A ticket with its version as ETag; internal notes do not change it."""
        response = Response(TicketSerializer(ticket).data)
        response["ETag"] = f'"{ticket.version}"'
        return response
