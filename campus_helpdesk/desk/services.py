"""The services as the desk's forms show them: a sentence with its parameters as fields in it."""

import re
from typing import Any

from django.http import QueryDict

from analytics_gateway.services import describe

SLOT = re.compile(r"\{(\w+)\}")
UNITS = [("d", "days"), ("h", "hours")]


def describe_forms(
    values: QueryDict | None = None, errors: dict[str, list[str]] | None = None
) -> list[dict[str, Any]]:
    """One form a service. values and errors go to the form of the service that was sent."""
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
    words = SLOT.split(service["sentence"])
    pieces = [{"field": fields[word]} if at % 2 else {"text": word} for at, word in enumerate(words)]
    return service | {"pieces": pieces, "errors": errors}


def describe_field(parameter: dict[str, Any], values: QueryDict | None, errors: list[str]) -> dict[str, Any]:
    """A parameter with the value to start from; a period is a number and a unit."""
    name = parameter["name"]
    value = values.get(name, "") if values else parameter["default"]
    field = parameter | {"value": value, "errors": errors}
    if parameter["kind"] == "period":
        unit = values.get(f"{name}_unit", "d") if values else value[-1:]
        field |= {"value": value.rstrip("hd"), "unit": unit, "units": UNITS}
    return field


def read_params(sent: QueryDict) -> dict[str, str]:
    """The parameters that were filled in. Whether they are good is for the gateway to say."""
    service = next((s for s in describe() if s["name"] == sent.get("service")), None)
    known = {p["name"]: p["kind"] for p in service["parameters"]} if service else {}
    return {name: read_param(sent, name, kind) for name, kind in known.items() if sent.get(name, "").strip()}


def read_param(sent: QueryDict, name: str, kind: str) -> str:
    """ "7" and the unit "d" are "7d"; "7d" is that already."""
    value = sent[name].strip()
    if kind == "period" and value.isascii() and value.isdigit():
        return (value.lstrip("0") or "0") + sent.get(f"{name}_unit", "d")
    return value


def params_in_words(service: str, params: dict[str, Any]) -> str:
    """ "Period: 7 days"; empty where nothing was asked for in particular."""
    known = {p["name"]: p for s in describe() if s["name"] == service for p in s["parameters"]}
    said = [
        f"{known[name]['label']}: {value_in_words(known[name], value)}"
        for name, value in params.items()
        if name in known
    ]
    return ", ".join(said)


def value_in_words(parameter: dict[str, Any], value: Any) -> str:
    if parameter["kind"] != "period":
        return str(value)
    number, unit = str(value)[:-1], dict(UNITS).get(str(value)[-1:], "")
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"
