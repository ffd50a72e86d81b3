"""Analyses over HTTP, for the helpdesk. Order of errors: 401, 403 (existing or not), 404, 409, 400."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analytics_gateway.access import require_analyst
from analytics_gateway.actions import cancel_analysis, request_analysis
from analytics_gateway.csv_export import write_csv
from analytics_gateway.image_validation import InvalidImage, check_png, check_svg
from analytics_gateway.models import Analysis
from analytics_gateway.paging import AnalysisPagination
from analytics_gateway.serializers import AnalysisSerializer, ServicesSerializer, request_schema
from analytics_gateway.services import describe_services
from common.errors import Invalid
from django_common.pagination.parameters import refuse_unknown
from django_common.requests import get_caller
from django_common.strict_filters import FilterBackend, PagingFilter

# A chart is shown through <img>; opened directly it is a download without any permissions.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


class AnyAccept(DefaultContentNegotiation):
    """A file's URL decides its type, whatever Accept requests; errors are JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type


class HelpdeskViewSet(GenericViewSet):
    queryset = Analysis.objects.all()
    serializer_class = AnalysisSerializer
    pagination_class = AnalysisPagination
    filter_backends = [FilterBackend]
    filterset_class = PagingFilter
    scope = ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_analyst(get_caller(request))

    def find(self, pk: UUID) -> Analysis:
        analysis = Analysis.objects.with_queue_position().filter(pk=pk).first()
        if analysis is None:
            raise Http404
        return analysis


class AnalysisViewSet(HelpdeskViewSet):
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(Analysis.objects.with_queue_position()))
        return self.get_paginated_response(AnalysisSerializer(page, many=True).data)

    @extend_schema(request={"application/json": request_schema()}, responses={202: AnalysisSerializer})
    def create(self, request: Request) -> Response:
        params = dict(request.data)
        service, is_fresh = params.pop("service", None), params.pop("is_fresh", False)
        if not isinstance(is_fresh, bool):
            raise Invalid({"is_fresh": ["Must be true or false."]})
        analysis = request_analysis(service, params, by=get_caller(request), is_fresh=is_fresh)
        location = reverse("analysis", args=[analysis.pk])
        body = AnalysisSerializer(self.find(analysis.pk)).data
        return Response(body, status=202, headers={"Location": location})

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(AnalysisSerializer(self.find(pk)).data)

    @extend_schema(request=None)
    def cancel(self, request: Request, pk: UUID) -> Response:
        cancel_analysis(self.find(pk), by=get_caller(request))
        return Response(AnalysisSerializer(self.find(pk)).data)

    @extend_schema(responses=ServicesSerializer, filters=False)
    def services(self, request: Request) -> Response:
        refuse_unknown(request.query_params)
        rows = [
            {"name": s["name"], "title": s["title"], "sentence": s["sentence"], "parameters": s["schema"]}
            for s in describe_services()
        ]
        return Response({"next": None, "previous": None, "results": rows})


class FileViewSet(HelpdeskViewSet):
    """The files of a result: 404 until it is done, and if the stored file is damaged."""

    content_negotiation_class = AnyAccept

    def find(self, pk: UUID) -> Analysis:
        analysis = Analysis.objects.done().select_related("chart").filter(pk=pk).first()
        if analysis is None or not analysis.is_done or not hasattr(analysis, "chart"):
            raise Http404
        return analysis

    @extend_schema(responses={(200, "image/svg+xml"): OpenApiTypes.STR})
    def svg(self, request: Request, pk: UUID) -> HttpResponse:
        analysis = self.find(pk)
        with not_found_if_damaged():
            svg = check_svg(analysis.chart.svg.encode())
        response = send_file(analysis, svg, "image/svg+xml", "svg")
        response["Content-Security-Policy"] = SANDBOX
        return response

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def png(self, request: Request, pk: UUID) -> HttpResponse:
        analysis = self.find(pk)
        with not_found_if_damaged():
            png = check_png(bytes(analysis.chart.png))
        return send_file(analysis, png, "image/png", "png")

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def csv(self, request: Request, pk: UUID) -> HttpResponse:
        analysis = self.find(pk)
        assert analysis.result is not None  # it is done
        return send_file(analysis, write_csv(analysis.result), "text/csv; charset=utf-8", "csv")


@contextmanager
def not_found_if_damaged() -> Iterator[None]:
    """A chart that would not be accepted for storing is not served either."""
    try:
        yield
    except InvalidImage as error:
        raise Http404 from error


def send_file(analysis: Analysis, content: str | bytes, content_type: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    name = f"{analysis.service}-{analysis.finished_at:%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
