"""Buildings and rooms in the admin: names, codes, other spellings; keeping, merging, what was changed."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse

from common.errors import Invalid
from common.roles import Caller
from django_common.requests import CallerRequest
from places.edits import PlaceFields, clean_place, find_written, spelled_texts
from places.models import Building, Place, PlaceChange, Room
from places.spelling import spelling_key
from tickets.place_actions import keep_places, merge_places, save_place
from tickets.read_only_admin import ReadOnlyAdmin

SPELLINGS = "Other ways to write it, one a line. Whoever writes one of them means this place."


def get_caller(request: HttpRequest) -> Caller:
    return cast(CallerRequest, request).caller


class PlaceForm(forms.ModelForm):
    spellings = forms.CharField(
        label="other spellings", required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text=SPELLINGS
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            own = {spelling_key(self.instance.name), spelling_key(self.instance.code)}
            others = [row.text for row in self.instance.spellings.all() if row.key not in own]
            self.fields["spellings"].initial = "\n".join(others)

    def read_place(self) -> PlaceFields:
        """What was filled in, of the fields that this form has."""
        data = self.cleaned_data
        return PlaceFields(
            data.get("name", ""),
            data.get("code", ""),
            data.get("campus", ""),
            tuple(data.get("spellings", "").splitlines()),
            data.get("is_active", True),
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        building = self.cleaned_data.get("building") or self.instance.building
        place = Place(pk=self.instance.pk, building=building, name=self.initial.get("name", ""))
        try:
            find_written(place, spelled_texts(place, clean_place(self.read_place())))
        except Invalid as refusal:
            for field, texts in refusal.errors.items():
                self.add_error(field, texts)
        return self.cleaned_data


class PlaceAdmin(ReadOnlyAdmin):
    form = PlaceForm
    list_filter = ["is_listed", "is_active"]
    show_full_result_count = False
    list_per_page = 100
    actions = ["keep", "stop_suggesting", "merge"]

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    def save_model(self, request: HttpRequest, obj: Model, form: PlaceForm, change: bool) -> None:
        """Uses the action; the form's changes to the object are discarded first."""
        place = Place.objects.get(pk=obj.pk) if change else None
        building = form.cleaned_data.get("building")
        obj.pk = save_place(place, by=get_caller(request), fields=form.read_place(), building=building).pk

    def log_addition(self, request: HttpRequest, obj: Model, message: object) -> None:  # type: ignore[override]  # logs nothing
        """Nothing: the places' own history records it; Django's log would need a stored user."""

    log_change = log_addition  # type: ignore[assignment]  # the same

    @admin.action(description="Keep, and suggest to everyone")
    def keep(self, request: HttpRequest, queryset: QuerySet[Place]) -> None:
        count = keep_places(queryset, by=get_caller(request), is_active=True)
        messages.success(
            request, f"{count} place{pluralize(count, ' is,s are')} kept and suggested to everyone."
        )

    @admin.action(description="Do not suggest any more")
    def stop_suggesting(self, request: HttpRequest, queryset: QuerySet[Place]) -> None:
        count = keep_places(queryset, by=get_caller(request), is_active=False)
        messages.success(request, f"{count} place{pluralize(count, ' is,s are')} no longer suggested.")

    @admin.action(description="Merge into one ...")
    def merge(self, request: HttpRequest, queryset: QuerySet[Place]) -> HttpResponse | None:
        """Asks which one stays, then merges the others into it."""
        places = list(queryset.select_related("building"))
        kept = next((place for place in places if str(place.pk) == request.POST.get("kept")), None)
        if kept is None:
            context = self.admin_site.each_context(request) | {
                "title": "Merge places",
                "places": places,
                "opts": self.opts,
            }
            return TemplateResponse(request, "admin/places/merge.html", context)
        for place in places:
            if place.pk != kept.pk:
                merge_places(kept, place, by=get_caller(request))
        messages.success(request, f"{len(places) - 1} merged into {kept}. Its tickets follow.")
        return None


@admin.register(Building)
class BuildingAdmin(PlaceAdmin):
    fields = ["name", "code", "campus", "spellings", "is_active"]
    list_display = ["name", "code", "campus", "rooms_in_it", "is_listed", "is_active"]
    search_fields = ["name", "code", "campus", "spellings__text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Building]:
        return super().get_queryset(request).annotate(number=Count("rooms"))

    @admin.display(description="rooms")
    def rooms_in_it(self, building: Any) -> int:
        return building.number


@admin.register(Room)
class RoomAdmin(PlaceAdmin):
    fields = ["building", "name", "spellings", "is_active"]
    list_display = ["name", "building", "is_listed", "is_active"]
    list_select_related = ["building"]
    search_fields = ["name", "building__name", "spellings__text"]
    ordering = ["building__name", "name", "id"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """A room stays in its building."""
        return ["building"] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        buildings = Place.objects.buildings().listed()
        return super().formfield_for_foreignkey(db_field, request, queryset=buildings, required=True)


@admin.register(PlaceChange)
class PlaceChangeAdmin(ReadOnlyAdmin):
    list_display = ["at", "text", "by_role", "by_name"]
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
