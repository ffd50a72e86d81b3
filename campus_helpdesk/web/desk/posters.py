"""Posters and sheets with QR codes that lead to the report form with building and room filled in."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.core.paginator import Paginator
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.guards import helpdesk_required
from campus_helpdesk.web.shared.qr_code import draw_qr_code
from common.digits import parse_digits
from common.errors import Invalid
from django_common.requests import CallerRequest
from places.models import Place, PlaceQuerySet

LAYOUTS = {"sheet": "Sheet of labels", "poster": "One poster a page"}
PER_PAGE = 120
PARAMETERS = {"place", "layout", "page"}


@dataclass(frozen=True)
class Poster:
    """A place in words, and the drawing of its code."""

    building: str
    room: str
    code: SafeString


@helpdesk_required
@require_safe
def show_posters(request: CallerRequest) -> HttpResponse:
    """Of one room, of a building with its rooms, or of all that the helpdesk keeps. Raises Invalid."""
    layout = request.GET.get("layout", "sheet")
    if unknown := set(request.GET) - PARAMETERS:
        raise Invalid({name: ["Unknown parameter."] for name in sorted(unknown)})
    if layout not in LAYOUTS:
        raise Invalid({"layout": [f"Choose one of: {', '.join(LAYOUTS)}."]})
    place = find_place(request)
    page = Paginator(find_places(place), PER_PAGE).get_page(request.GET.get("page"))
    form = request.build_absolute_uri(reverse("portal:report"))
    context = {
        "place": place,
        "layout": layout,
        "layouts": LAYOUTS,
        "page": page,
        "posters": [make_poster(form, place) for place in page],
        "form_in_words": form.partition("://")[2],
    }
    return render(request, "desk/posters.html", context)


def find_place(request: CallerRequest) -> Place | None:
    """None for all. Raises Http404."""
    if "place" not in request.GET:
        return None
    number = parse_digits(request.GET["place"], 18)
    if number is None:
        raise Http404
    return get_object_or_404(Place.objects.select_related("building"), pk=number)


def find_places(place: Place | None) -> PlaceQuerySet:
    """Each building before its rooms."""
    chosen = Q(is_listed=True) if place is None else Q(pk=place.pk) | Q(building=place)
    rows = Place.objects.active().filter(chosen).select_related("building")
    outer = Coalesce("building__name", "name")
    return rows.order_by(outer, F("building").asc(nulls_first=True), "name", "id")


def make_poster(form: str, place: Place) -> Poster:
    building, room = (place.building.name, place.name) if place.building else (place.name, "")
    fields = {"building": building} | ({"room": room} if room else {})
    address = f"{form}?{urlencode(fields, quote_via=quote)}"
    return Poster(building, room, draw_qr_code(address, f"QR code of {address}"))
