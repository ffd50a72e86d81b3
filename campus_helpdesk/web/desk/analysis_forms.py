"""The services as forms of the desk: a sentence with its parameters as fields."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from analytics_gateway.models import Analysis
from analytics_gateway.services import describe_services
from common.formatting import format_month

PLACEHOLDER = re.compile(r"\{(\w+)\}")
UNITS = [("d", "days"), ("h", "hours")]
PRESENT = {"days": "today"}
RANGE = {"from": "from", "until": "to"}
MAX_PERIOD_HOURS = 87_600  # the gateway checks the limit of each unit


class PeriodWidget(forms.MultiWidget):
    """A number in the field NAME and its unit in NAME_unit, together "7d"."""

    def __init__(self) -> None:
        number = forms.NumberInput(
            {"class": "input short", "min": 1, "max": MAX_PERIOD_HOURS, "required": True}
        )
        unit = forms.Select({"class": "input", "aria-label": "Unit"}, UNITS)
        super().__init__({"": number, "unit": unit})

    def decompress(self, value: str | None) -> list[str]:
        text = value or ""
        unit = text.lstrip("0123456789")
        return [text.removesuffix(unit), unit]

    def value_from_datadict(  # type: ignore[override]  # one text instead of a list
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> str:
        """ "7d" that was sent without a unit stays as it is."""
        number, unit = super().value_from_datadict(data, files, name)
        number = (number or "").strip()
        if number.isascii() and number.isdigit():
            return (number.lstrip("0") or "0") + (unit or "d")
        return number

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        number, unit = context["widget"]["subwidgets"]
        number["attrs"]["id"] = self.id_for_label(context["widget"]["attrs"]["id"])
        unit["attrs"]["id"] = f"{number['attrs']['id']}-unit"
        return context

    def id_for_label(self, id_: str, index: Any = None) -> str:
        return id_


class AnalysisForm(forms.Form):
    """The parameters of a service; `cleaned_data` has those that were filled in. The gateway validates.

    last_done: the newest result of the service, set by the page that links it.
    """

    last_done: Analysis | None = None

    def __init__(self, service: dict[str, Any], sent: QueryDict | None = None) -> None:
        initial = {parameter["name"]: parameter["default"] for parameter in service["parameters"]}
        super().__init__(sent, initial=initial, auto_id=f"{service['name']}-%s")
        self.name, self.title, self.queue = service["name"], service["title"], service["queue"]
        self.sentence, self.advanced_part = service["sentence"], service["advanced"]
        self.fields = {parameter["name"]: make_field(parameter) for parameter in service["parameters"]}

    def clean(self) -> dict[str, str]:
        """If advanced fields are filled in, they replace the default of the others."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        advanced = set(self.advanced_names)
        if not advanced & given.keys():
            return given
        return {name: text for name, text in given.items() if name in advanced or text != self.initial[name]}

    @property
    def advanced_names(self) -> list[str]:
        return PLACEHOLDER.findall(self.advanced_part["sentence"]) if self.advanced_part else []

    @property
    def pieces(self) -> list[dict[str, Any]]:
        return list(self.split(self.sentence))

    @property
    def advanced(self) -> dict[str, Any] | None:
        """The fields that are rarely needed: summary, pieces, and whether one of them is filled in."""
        if not self.advanced_part:
            return None
        is_open = self.is_bound and any(self[name].value() for name in self.advanced_names)
        pieces = list(self.split(self.advanced_part["sentence"]))
        return self.advanced_part | {"pieces": pieces, "is_open": is_open}

    def split(self, sentence: str) -> Iterator[dict[str, str | BoundField]]:
        """The sentence in parts: text and, where it names a parameter, its field."""
        for index, part in enumerate(PLACEHOLDER.split(sentence)):
            if part:
                yield {"field": self[part]} if index % 2 else {"text": part}

    def refuse(self, errors: dict[str, list[str]]) -> None:
        """Show what the gateway found wrong."""
        for name in errors.keys() & self.fields.keys():
            self.add_error(name, errors[name])


def make_field(parameter: dict[str, Any]) -> forms.CharField:
    return forms.CharField(label=parameter["label"], required=False, widget=make_widget(parameter))


def make_widget(parameter: dict[str, Any]) -> forms.Widget:
    if parameter["kind"] == "period":
        return PeriodWidget()
    required = {"required": True} if parameter["is_required"] else {}
    if parameter["kind"] == "month":
        return forms.TextInput({"type": "month", "class": "input", "placeholder": "2026-03", **required})
    limits = {"min": 1, "max": parameter["maximum"], "placeholder": "any"}
    return forms.NumberInput({"class": "input short", **limits, **required})


def make_forms(
    sent: QueryDict | None = None, errors: dict[str, list[str]] | None = None
) -> list[AnalysisForm]:
    """One form per service. What was sent and its errors belong to the form of the service that it names."""
    return [make_form(service, sent, errors or {}) for service in describe_services()]


def make_form(service: dict[str, Any], sent: QueryDict | None, errors: dict[str, list[str]]) -> AnalysisForm:
    if not sent or sent.get("service") != service["name"]:
        return AnalysisForm(service)
    form = AnalysisForm(service, sent)
    form.refuse(errors)
    return form


def read_params(sent: QueryDict) -> dict[str, str]:
    """The parameters that were filled in; none where there is no such service."""
    form = next((form for form in make_forms(sent) if form.is_bound), None)
    return form.cleaned_data if form and form.is_valid() else {}


def format_params(service: str, params: dict[str, Any]) -> str:
    """As "last 7 days" or "from January 2025 to March 2026"; empty if there are no parameters."""
    known = {p["name"]: p for s in describe_services() if s["name"] == service for p in s["parameters"]}
    lengths = [length_in_words(known[name], params[name]) for name in params if name in known]
    months = [
        f"{word} {format_month(params[name])}"
        for name, word in RANGE.items()
        if name in params.keys() & known
    ]
    return ", ".join(filter(None, [*lengths, " ".join(months)]))


def length_in_words(parameter: dict[str, Any], value: Any) -> str:
    """As "last 12 months"; empty if the parameter is not a length. A count is named after its unit ("days",
    "weeks", "months") and includes the current one."""
    if parameter["kind"] == "count":
        unit = parameter["name"]
        present = PRESENT.get(unit, f"this {unit.removesuffix('s')}")
        return present if str(value) == "1" else f"last {value} {unit}"
    if parameter["kind"] == "period":
        number, unit = str(value)[:-1], dict(UNITS).get(str(value)[-1:], "")
        return f"last {unit.removesuffix('s') if number == '1' else f'{number} {unit}'}"
    return ""


def fixed_end_warning(params: dict[str, Any]) -> str:
    """A note about a schedule whose months are fixed; empty for every other one. It is not an error: tickets
    of these months are still closed, answered, corrected and imported."""
    if "until" not in params:
        return ""
    last = format_month(params["until"])
    return (
        f"Every report ends with {last} and changes only if those months' tickets change. "
        "Choose “last months” for a moving range."
    )
