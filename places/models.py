"""Rows: buildings and rooms, how people spell them, which may be the same, and what the helpdesk changed."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q

from common.roles import ROLE_CHOICES
from django_common.text_validation import MAX_LOCATION_LENGTH, MAX_NAME_LENGTH

MAX_CODE_LENGTH = 20
MAX_KEY_LENGTH = 300


class PlaceQuerySet(models.QuerySet["Place"]):
    def buildings(self) -> "PlaceQuerySet":
        return self.filter(building=None)

    def listed(self) -> "PlaceQuerySet":
        return self.filter(is_listed=True)

    def active(self) -> "PlaceQuerySet":
        return self.filter(is_active=True)


class Place(models.Model):
    """A building, or a room of one. Tickets store its name.

    is_listed: the helpdesk keeps it, so everyone may know of it. If not, it is only what people wrote on
    tickets, and secret from those who see none of these tickets. is_active: it is suggested; a building that
    is no longer used is not.
    """

    building = models.ForeignKey("self", models.CASCADE, related_name="rooms", null=True, blank=True)
    name = models.CharField(max_length=MAX_LOCATION_LENGTH)
    code = models.CharField("short code", max_length=MAX_CODE_LENGTH, blank=True)
    campus = models.CharField(max_length=MAX_LOCATION_LENGTH, blank=True)
    is_listed = models.BooleanField("kept by the helpdesk", default=True)
    is_active = models.BooleanField("active", default=True)
    is_compared = models.BooleanField(default=False, editable=False)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["building", "name"], name="place_by_name"),
            models.Index(fields=["id"], condition=Q(is_compared=False), name="place_to_compare"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="place_has_name"),
            models.CheckConstraint(
                condition=Q(building=None) | Q(code="", campus=""), name="room_has_no_code_and_campus"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Spelling(models.Model):
    """One way to write a place: its name, its code, or another one.

    building: that of a room, so that each building may have a room 1. key: the text without case and accents;
    no two places have the same one.
    """

    place = models.ForeignKey(Place, models.CASCADE, related_name="spellings")
    building = models.ForeignKey(Place, models.CASCADE, related_name="+", null=True)
    text = models.CharField(max_length=MAX_LOCATION_LENGTH)
    key = models.CharField(max_length=MAX_KEY_LENGTH)

    class Meta:
        ordering = ["text", "id"]
        indexes = [GinIndex(OpClass(F("key"), name="gin_trgm_ops"), name="spelling_by_likeness")]
        constraints = [
            models.UniqueConstraint(
                fields=["building", "key"], nulls_distinct=False, name="one_place_a_spelling"
            )
        ]

    def __str__(self) -> str:
        return self.text


class MergeProposal(models.Model):
    """Two buildings that may be the same. is_dismissed: the helpdesk said that they are not."""

    first = models.ForeignKey(Place, models.CASCADE, related_name="+")
    second = models.ForeignKey(Place, models.CASCADE, related_name="+")
    is_dismissed = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_proposal_a_pair"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="proposal_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"


class PlaceChange(models.Model):
    """What the helpdesk did with a place, as a sentence: the histories of its tickets do not repeat it."""

    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()
    by_role = models.CharField(max_length=10, choices=ROLE_CHOICES)
    by_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text


class BuildingManager(models.Manager["Building"]):
    def get_queryset(self) -> models.QuerySet["Building"]:
        return super().get_queryset().filter(building=None)


class Building(Place):
    objects = BuildingManager()  # type: ignore[assignment,misc]  # narrower than that of all places

    class Meta:
        proxy = True


class RoomManager(models.Manager["Room"]):
    def get_queryset(self) -> models.QuerySet["Room"]:
        return super().get_queryset().exclude(building=None)


class Room(Place):
    objects = RoomManager()  # type: ignore[assignment,misc]  # narrower than that of all places

    class Meta:
        proxy = True
