"""Tickets and their history as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from django_common.serializers import StrictSerializer
from tickets.categories import Category
from tickets.models import Source, Ticket


class TextField(serializers.CharField):
    """Text only: a number or a list is refused, not converted. All rules for texts are in text_validation, so
    that one response names every field with an error."""

    def __init__(self, **options: Any):
        super().__init__(allow_blank=True, trim_whitespace=False, **options)
        self.validators = []

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


@extend_schema_field({"type": "string", "enum": Category.values})
class CategoryField(TextField):
    """Whether it is one of the three is checked by the action, together with the texts."""


class TicketInput(StrictSerializer):
    description = TextField()
    building = TextField(required=False)
    room = TextField(required=False)


class TicketChange(StrictSerializer):
    description = TextField(required=False)
    building = TextField(required=False)
    room = TextField(required=False)
    category = CategoryField(required=False)


class MergeInput(StrictSerializer):
    into = serializers.IntegerField(min_value=1, max_value=10**18, help_text="The ticket that is kept.")


class EvidenceSerializer(serializers.Serializer):
    word = serializers.CharField()
    weight = serializers.FloatField()


class TriageSerializer(serializers.Serializer):
    source = serializers.ChoiceField(  # type: ignore[assignment]  # the stubs confuse it with Field.source
        choices=Source.choices, source="category_source"
    )
    confidence = serializers.FloatField(source="triage_confidence")
    runner_up = serializers.CharField(source="triage_runner_up")
    evidence = EvidenceSerializer(many=True, source="triage_evidence")
    needs_review = serializers.BooleanField()
    model = serializers.CharField(source="triage_model")
    is_mixed = serializers.BooleanField(source="triage_is_mixed")


class TicketSerializer(serializers.ModelSerializer):
    category_label = serializers.SerializerMethodField()
    triage = TriageSerializer(source="*", read_only=True)

    class Meta:
        model = Ticket
        fields = [
            "id",
            "summary",
            "description",
            "category",
            "category_label",
            "triage",
            "status",
            "building",
            "room",
            "opened_at",
            "modified_at",
            "closed_at",
            "version",
            "me_too",
            "merged_into",
            "texts_removed_after",
        ]
        read_only_fields = fields

    def get_category_label(self, ticket: Ticket) -> str:
        return str(Category(ticket.category).label)


class HistoryRowSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    by_role = serializers.CharField()
    by_name = serializers.CharField()
    verb = serializers.CharField()
    reason = serializers.CharField()
    changes = serializers.DictField()


class FactSerializer(serializers.Serializer):
    """One fact in JSON pages."""

    id = serializers.IntegerField()
    category = serializers.CharField()
    status = serializers.CharField()
    solved = serializers.CharField(help_text="What the reporter says: yes, no, or empty.")
    building = serializers.CharField()
    opened_at = serializers.DateTimeField()
    activated_at = serializers.DateTimeField(allow_null=True)
    first_answered_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
