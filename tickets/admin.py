"""Corrections of data with a reason: text, location, category, a wrong move. No adding, no deleting."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from django_common.requests import CallerRequest
from tickets.actions import repair_ticket
from tickets.duplicates.merging import undo_merge
from tickets.models import Ticket, TicketEvent
from tickets.places_admin import BuildingAdmin, PlaceChangeAdmin, RoomAdmin
from tickets.querysets import TicketQuerySet
from tickets.read_only_admin import ReadOnlyAdmin
from tickets.search import find_hits

__all__ = ["BuildingAdmin", "PlaceChangeAdmin", "RoomAdmin", "TicketAdmin", "TicketEventAdmin"]
REPAIRABLE_FIELDS = ["description", "building", "room", "category", "status"]
READ_ONLY_FIELDS = [
    "version",
    "category_source",
    "triage_confidence",
    "needs_review",
    "opened_at",
    "modified_at",
]
READ_ONLY_FIELDS += ["merged_into", "activated_at", "first_answered_at", "closed_at", "opener_name"]


class RepairForm(forms.ModelForm):
    reason = forms.CharField(
        max_length=500, help_text="Why is this corrected? The reason is kept in the ticket's history."
    )
    version_seen = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Ticket
        fields = REPAIRABLE_FIELDS

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["version_seen"].initial = self.instance.version

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("version_seen") != self.instance.version:
            raise forms.ValidationError("Someone else has changed this ticket. Load the page again.")
        return self.cleaned_data


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    form = RepairForm
    fields = [*REPAIRABLE_FIELDS, "reason", "version_seen", *READ_ONLY_FIELDS]
    readonly_fields = READ_ONLY_FIELDS
    list_display = ["id", "summary", "status", "category", "opened_at", "modified_at"]
    list_filter = ["status", "category"]
    search_fields = ["description"]
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Ticket], search_term: str
    ) -> tuple[QuerySet[Ticket], bool]:
        if not search_term:
            return queryset, False
        hits = find_hits(search_term, cast(CallerRequest, request).caller.role)
        return cast(TicketQuerySet, queryset).matching(hits), False

    def save_model(self, request: HttpRequest, obj: Ticket, form: RepairForm, change: bool) -> None:
        """Uses the action, with the reason; the form's changes to the object are discarded first."""
        ticket = Ticket.objects.get(pk=obj.pk)
        ticket.version = form.cleaned_data["version_seen"]
        changes = {name: form.cleaned_data[name] for name in REPAIRABLE_FIELDS}
        caller = cast(CallerRequest, request).caller
        repair = undo_merge if ticket.merged_into_id else repair_ticket
        repair(ticket, by=caller, reason=form.cleaned_data["reason"], changes=changes)

    def log_change(self, request: HttpRequest, obj: Ticket, message: object) -> None:  # type: ignore[override]  # logs nothing
        """Nothing: the ticket's history records it; Django's log would need a stored user."""


@admin.register(TicketEvent)
class TicketEventAdmin(ReadOnlyAdmin):
    list_display = ["pgh_created_at", "pgh_obj", "verb", "by_role", "by_name", "reason"]
    list_filter = ["verb", "by_role"]
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[TicketEvent]:
        return super().get_queryset(request).select_related("pgh_obj")
