"""The facts endpoint: facts for analytics, with a token of scope `tickets:read`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import Invalid
from common.formatting import format_utc
from django_common.pagination.keyset_pagination import KeysetPagination
from django_common.requests import get_caller
from django_common.strict_filters import FilterBackend
from tickets import facts
from tickets.facts_stream import write_arrow, write_csv
from tickets.filters import FactFilter
from tickets.models import Ticket
from tickets.serializers import FactSerializer


class StreamingRenderer(BaseRenderer):
    """Names a format for content negotiation; the view streams it."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        # Only errors are rendered here: they are JSON whatever was requested.
        return JSONRenderer().render(data)


class ArrowRenderer(StreamingRenderer):
    media_type, format = "application/vnd.apache.arrow.stream", "arrow"


class CsvRenderer(StreamingRenderer):
    media_type, format = "text/csv", "csv"


class FactsView(GenericAPIView):
    """JSON in pages, or one consistent snapshot as Arrow or CSV, by the Accept header."""

    scope = "tickets:read"
    queryset = Ticket.objects.all()
    serializer_class = FactSerializer
    pagination_class = KeysetPagination
    filter_backends = [FilterBackend]
    filterset_class = FactFilter
    renderer_classes = [JSONRenderer, ArrowRenderer, CsvRenderer]

    @extend_schema(
        parameters=[
            OpenApiParameter("fields", str, description="Fields, separated by commas."),
            OpenApiParameter("with_checksum", bool, description="Adds the header X-Checksum."),
        ]
    )
    def get(self, request: Request) -> Response | StreamingHttpResponse:
        visible = Ticket.objects.visible_to(get_caller(request).role)
        rows = self.filter_queryset(visible)
        fields = facts.read_fields(request.query_params.get("fields"))
        wanted = request.accepted_renderer.format
        if wanted == "json":
            page = FactSerializer(
                self.paginate_queryset(facts.with_solved(rows).values(*facts.FIELDS)), many=True
            ).data
            return self.get_paginated_response([{name: row[name] for name in fields} for row in page])
        checksum_rows = visible if wants_checksum(request.query_params.get("with_checksum")) else None
        return (
            stream_arrow(rows, fields, checksum_rows)
            if wanted == "arrow"
            else stream_csv(rows, fields, checksum_rows)
        )


def wants_checksum(raw: str | None) -> bool:
    if raw not in (None, "true"):
        raise Invalid({"with_checksum": ["Only true is allowed, or no parameter."]})
    return raw == "true"


def stream_arrow(
    rows: QuerySet[Ticket], fields: Sequence[str], checksum_rows: QuerySet[Ticket] | None
) -> StreamingHttpResponse:
    snapshot, batches = facts.stream_facts(rows, fields, checksum_rows=checksum_rows)
    return make_response(snapshot, write_arrow(batches, fields), ArrowRenderer.media_type)


def stream_csv(
    rows: QuerySet[Ticket], fields: Sequence[str], checksum_rows: QuerySet[Ticket] | None
) -> StreamingHttpResponse:
    # CSV readers skip empty lines, so a row of one missing value is written as "".
    moment_as = facts.AS_TEXT if len(fields) > 1 else facts.AS_TEXT_OR_EMPTY
    snapshot, batches = facts.stream_facts(rows, fields, moment_as=moment_as, checksum_rows=checksum_rows)
    return make_response(snapshot, write_csv(batches, fields), CsvRenderer.media_type)


def make_response(
    snapshot: facts.Snapshot, chunks: Iterable[bytes], content_type: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(chunks, content_type=content_type)
    response["X-As-Of"] = format_utc(snapshot.as_of)
    response["X-Change-Token"] = str(snapshot.token)
    response["X-Source"] = snapshot.source
    response["X-Count"] = str(snapshot.count)
    if snapshot.checksum:
        response["X-Checksum"] = snapshot.checksum
    return response
