"""Analyses as JSON, and what services send."""

from datetime import UTC
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analytics_gateway.models import MAX_ATTEMPTS, Analysis, Phase
from analytics_workers.catalogue import SERVICES
from django_common.serializers import InputSerializer


@extend_schema_field({"oneOf": [{"type": t} for t in ("string", "number", "boolean")], "nullable": True})
class CellField(serializers.Field):
    """One value of a result, as it is."""


class ColumnSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the stubs confuse it with Field.label
    unit = serializers.CharField(help_text="Empty if there is none.")


class HeadlineSerializer(serializers.Serializer):
    value = serializers.FloatField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    unit = serializers.CharField()


class LineageSerializer(serializers.Serializer):
    as_of = serializers.DateTimeField(help_text="The database's time of the snapshot.")
    time_zone = serializers.CharField()
    rows_read = serializers.IntegerField()
    filter = serializers.CharField()
    formula = serializers.CharField()
    code_version = serializers.CharField()
    sha256 = serializers.CharField(help_text="Of the canonical JSON of columns, rows and headline.")


class DrilldownSerializer(serializers.Serializer):
    """What a number counted: filters of the ticket list, each with its values."""

    count = serializers.IntegerField(min_value=1)
    filters = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class DrilldownsSerializer(serializers.Serializer):
    headline = DrilldownSerializer(allow_null=True)
    rows = serializers.ListField(
        child=serializers.DictField(child=DrilldownSerializer()),
        help_text="One object per row of the table: by column name, for columns that count tickets.",
    )


class ResultSerializer(serializers.Serializer):
    title = serializers.CharField()
    columns = ColumnSerializer(many=True)
    rows = serializers.ListField(child=serializers.ListField(child=CellField()))
    headline = HeadlineSerializer(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())
    alt_text = serializers.CharField()
    lineage = LineageSerializer()
    doors = DrilldownsSerializer(required=False, help_text="Older results have none.")


@extend_schema_field(ResultSerializer(allow_null=True))
class ResultField(serializers.JSONField):
    """Returned exactly as stored, or its checksum would no longer match."""


class ChartsSerializer(serializers.Serializer):
    """Paths; null until the analysis is done."""

    svg = serializers.CharField(allow_null=True)
    png = serializers.CharField(allow_null=True)


def path_of(name: str, analysis: Analysis) -> str | None:
    return reverse(f"analysis-{name}", args=[analysis.pk]) if analysis.is_done else None


class AnalysisSerializer(serializers.ModelSerializer):
    requested_at = serializers.DateTimeField(default_timezone=UTC)
    started_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    finished_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    params = serializers.DictField()
    percent = serializers.IntegerField(allow_null=True, help_text="Of the tickets read; null if unknown.")
    waiting_before = serializers.IntegerField(
        allow_null=True, help_text="How many are ahead of it in its service's queue; null unless queued."
    )
    result = ResultField(allow_null=True)
    charts = serializers.SerializerMethodField()
    csv = serializers.SerializerMethodField()

    class Meta:
        model = Analysis
        fields = [
            "id",
            "service",
            "params",
            "state",
            "phase",
            "percent",
            "waiting_before",
            "attempts",
            "reason",
            "requested_at",
            "started_at",
            "finished_at",
            "result",
            "charts",
            "csv",
        ]
        read_only_fields = fields

    @extend_schema_field(ChartsSerializer)
    def get_charts(self, analysis: Analysis) -> dict[str, str | None]:
        return {"svg": path_of("svg", analysis), "png": path_of("png", analysis)}

    def get_csv(self, analysis: Analysis) -> str | None:
        return path_of("csv", analysis)


class ParameterSchemaSerializer(serializers.Serializer):
    """One service: its texts, and its parameters as JSON Schema."""

    name = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField()
    parameters = serializers.DictField(help_text="JSON Schema of what may be sent beside `service`.")


class ServicesSerializer(serializers.Serializer):
    """All services on one page."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ParameterSchemaSerializer(many=True)


class WorkerReport(InputSerializer):
    """What a service sends about its running attempt."""

    attempt = serializers.IntegerField(min_value=1, max_value=MAX_ATTEMPTS)


class ProgressReport(WorkerReport):
    phase = serializers.ChoiceField(choices=Phase.choices)
    percent = serializers.IntegerField(
        min_value=0, max_value=100, required=False, help_text="Progress of fetching."
    )


class FailureReport(WorkerReport):
    reason = serializers.CharField()
    retry = serializers.BooleanField(default=False)


class ResultReport(WorkerReport):
    result = serializers.FileField(help_text="The result as JSON.")
    svg = serializers.FileField()
    png = serializers.FileField()
    sha256 = serializers.CharField(
        default="", help_text="SHA-256, in hex, of the three parts' SHA-256 digests in a row."
    )


class StartedSerializer(serializers.Serializer):
    """What a service needs to compute the analysis."""

    id = serializers.UUIDField()
    service = serializers.CharField()
    params = serializers.DictField()
    time_zone = serializers.CharField()
    attempt = serializers.IntegerField()


def request_schema() -> dict[str, Any]:
    """The request body in OpenAPI: one schema per service."""
    schemas = []
    for definition in SERVICES.values():
        schema = definition.schema()
        service = {"service": {"type": "string", "enum": [definition.name]}, "is_fresh": {"type": "boolean"}}
        schema["properties"] = service | schema["properties"]
        schema["required"] = ["service", *schema["required"]]
        schemas.append(schema)
    return {"oneOf": schemas}
