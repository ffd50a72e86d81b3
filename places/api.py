"""Buildings and rooms over HTTP: those that the helpdesk keeps, which everyone may know of."""

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from django_common.pagination.keyset_pagination import KeysetPagination
from django_common.strict_filters import FilterBackend, StrictFilterSet
from places.models import MAX_KEY_LENGTH, Place, PlaceQuerySet, Spelling
from places.spelling import fold_name

YES_OR_NO = [("true", "Yes"), ("false", "No")]


class PlaceFilter(StrictFilterSet[PlaceQuerySet]):
    q = django_filters.CharFilter(
        method="filter_spelling", max_length=100, help_text="Part of a spelling, ignoring case and accents."
    )
    building = django_filters.ModelChoiceFilter(
        queryset=Place.objects.buildings().listed(),
        help_text="A building's id: its rooms. Without it buildings are listed.",
    )
    is_active = django_filters.TypedChoiceFilter(
        choices=YES_OR_NO, coerce=lambda value: value == "true", help_text="Whether it is suggested."
    )

    class Meta:
        model = Place
        fields: list[str] = []

    @property
    def rows(self) -> PlaceQuerySet:
        found = super().rows
        return found if "building" in self.data else found.buildings()

    def filter_spelling(self, queryset: PlaceQuerySet, name: str, value: str) -> PlaceQuerySet:
        part = fold_name(value)[:MAX_KEY_LENGTH]
        return queryset.filter(Exists(Spelling.objects.filter(place=OuterRef("pk"), key__contains=part)))


class PlaceSerializer(serializers.ModelSerializer):
    spellings = serializers.SerializerMethodField()

    class Meta:
        model = Place
        fields = ["id", "building", "name", "code", "campus", "spellings", "is_active"]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_spellings(self, place: Place) -> list[str]:
        return [spelling.text for spelling in place.spellings.all()]


class PlacePagination(KeysetPagination):
    ordering = ("name", "id")


class PlaceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    queryset = Place.objects.listed().prefetch_related("spellings")
    serializer_class = PlaceSerializer
    pagination_class = PlacePagination
    filter_backends = [FilterBackend]
    filterset_class = PlaceFilter
    lookup_value_regex = r"[0-9]+"
    scope = ""

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """One place is found whether it is a building or a room."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset
