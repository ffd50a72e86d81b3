"""What services report over HTTP, with a token of scope `analysis:write` for one analysis.

Order of errors: 401, 403 (another analysis's token), 404, 409 (another attempt), 400.
"""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from analytics_gateway import attempts
from analytics_gateway.models import Analysis
from analytics_gateway.results import Result
from analytics_gateway.serializers import (
    FailureReport,
    ProgressReport,
    ResultReport,
    StartedSerializer,
    WorkerReport,
)
from common.errors import NotAllowed
from django_common.requests import get_caller


class ServiceViewSet(ViewSet):
    scope = "analysis:write"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if get_caller(request).analysis != str(kwargs["pk"]):
            raise NotAllowed("This token is for another analysis.")
        if not Analysis.objects.filter(pk=kwargs["pk"]).exists():
            raise Http404


class AttemptViewSet(ServiceViewSet):
    @extend_schema(request=WorkerReport, responses=StartedSerializer)
    def start(self, request: Request, pk: UUID) -> Response:
        analysis = attempts.start_analysis(pk, **WorkerReport.read(request.data))
        return Response(
            {
                "id": str(analysis.pk),
                "service": analysis.service,
                "params": analysis.params,
                "time_zone": analysis.time_zone,
                "attempt": analysis.attempts,
            }
        )

    @extend_schema(request=ProgressReport, responses={204: None})
    def progress(self, request: Request, pk: UUID) -> Response:
        attempts.record_progress(pk, **ProgressReport.read(request.data))
        return Response(status=204)

    @extend_schema(request=FailureReport, responses={204: None})
    def failure(self, request: Request, pk: UUID) -> Response:
        attempts.fail_analysis(pk, **FailureReport.read(request.data))
        return Response(status=204)


class ResultViewSet(ServiceViewSet):
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": ResultReport}, responses={204: None})
    def result(self, request: Request, pk: UUID) -> Response:
        attempt = WorkerReport.read(request.data)["attempt"]
        with attempts.failing_if_invalid(pk, attempt) as time_zone:
            report = ResultReport.read(request.data)
            text, svg, png = (report[part].read() for part in ("result", "svg", "png"))
            result = Result.read(text, svg, png, report["sha256"])
            result.require_zone(time_zone)
        attempts.record_result(pk, attempt, result)
        return Response(status=204)
