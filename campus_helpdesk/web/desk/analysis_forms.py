"""The services as forms of the desk: a sentence with its parameters as fields."""

import re
from datetime import datetime
from typing import Any

from django.http import QueryDict

from analytics_gateway.services import describe

SLOT = re.compile(r"\{(\w+)\}")
UNITS = [("d", "days"), ("h", "hours")]
PRESENT = {"days": "today", "months": "this month"}
RANGE = {"from": "from", "until": "to"}


def describe_forms(
    values: QueryDict | None = None, errors: dict[str, list[str]] | None = None
) -> list[dict[str, Any]]:
    """One form per service. values and errors belong to the form of the service that was sent."""
    sent = values.get("service") if values else None
    return [
        describe_form(
            service,
            values if service["name"] == sent else None,
            (errors or {}) if service["name"] == sent else {},
        )
        for service in describe()
    ]


def describe_form(
    service: dict[str, Any], values: QueryDict | None, errors: dict[str, list[str]]
) -> dict[str, Any]:
    fields = {p["name"]: describe_field(p, values, errors.get(p["name"], [])) for p in service["parameters"]}
    form = service | {"pieces": split_sentence(service["sentence"], fields), "errors": errors}
    if service["fold"]:
        is_open = any(values and values.get(name) for name in list_folded(service))
        pieces = split_sentence(service["fold"]["sentence"], fields)
        form["fold"] = service["fold"] | {"pieces": pieces, "is_open": is_open}
    return form


def split_sentence(sentence: str, fields: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """A sentence in parts: text and, where it names a parameter, its field."""
    parts = enumerate(SLOT.split(sentence))
    return [{"field": fields[part]} if index % 2 else {"text": part} for index, part in parts if part]


def list_folded(service: dict[str, Any]) -> list[str]:
    return SLOT.findall(service["fold"]["sentence"]) if service["fold"] else []


def describe_field(parameter: dict[str, Any], values: QueryDict | None, errors: list[str]) -> dict[str, Any]:
    """A parameter with its initial value; a period is a number and a unit."""
    name = parameter["name"]
    value = values.get(name, "") if values else parameter["default"]
    field = parameter | {"value": value, "errors": errors}
    if parameter["kind"] == "period":
        unit = values.get(f"{name}_unit", "d") if values else value[-1:]
        field |= {"value": value.rstrip("hd"), "unit": unit, "units": UNITS}
    return field


def read_params(sent: QueryDict) -> dict[str, str]:
    """The parameters that were filled in. The gateway validates them."""
    service = next((s for s in describe() if s["name"] == sent.get("service")), None)
    if service is None:
        return {}
    known = {p["name"]: p["kind"] for p in service["parameters"] if sent.get(p["name"], "").strip()}
    given = {name: read_param(sent, name, kind) for name, kind in known.items()}
    return without_untouched(service, given)


def without_untouched(service: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """If the folded fields are filled in, they replace the default of the others."""
    folded = set(list_folded(service))
    if not folded & given.keys():
        return given
    came_with = {p["name"]: p["default"] for p in service["parameters"]}
    return {name: value for name, value in given.items() if name in folded or value != came_with[name]}


def read_param(sent: QueryDict, name: str, kind: str) -> str:
    """Joins "7" and the unit "d" to "7d"; "7d" stays as it is."""
    value = sent[name].strip()
    if kind == "period" and value.isascii() and value.isdigit():
        return (value.lstrip("0") or "0") + sent.get(f"{name}_unit", "d")
    return value


def format_params(service: str, params: dict[str, Any]) -> str:
    """As "last 7 days" or "from January 2025 to March 2026"; empty if there are no parameters."""
    known = {p["name"]: p for s in describe() if s["name"] == service for p in s["parameters"]}
    lengths = [length_in_words(known[name], params[name]) for name in params if name in known]
    months = [
        f"{word} {name_month(params[name])}" for name, word in RANGE.items() if name in params.keys() & known
    ]
    return ", ".join(filter(None, [*lengths, " ".join(months)]))


def length_in_words(parameter: dict[str, Any], value: Any) -> str:
    """As "last 12 months"; empty if the parameter is not a length. A number of days or months includes the
    current one."""
    if parameter["kind"] == "count":
        unit = parameter["name"]
        return PRESENT[unit] if str(value) == "1" else f"last {value} {unit}"
    if parameter["kind"] == "period":
        number, unit = str(value)[:-1], dict(UNITS).get(str(value)[-1:], "")
        return f"last {unit.removesuffix('s') if number == '1' else f'{number} {unit}'}"
    return ""


def fixed_end_warning(params: dict[str, Any]) -> str:
    """A note about a schedule whose months do not move on; empty for every other one. It is not an error:
    tickets of these months are still closed, answered, corrected and imported."""
    if "until" not in params:
        return ""
    last = name_month(params["until"])
    return (
        f"Every report ends with {last}: only what becomes of those months' tickets can change it. "
        "For months that move on, choose the last months instead."
    )


def name_month(month: str) -> str:
    """As "March 2026" for "2026-03"."""
    return f"{datetime.strptime(month, '%Y-%m'):%B %Y}"
