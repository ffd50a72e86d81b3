"""The definition of an analytics service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.parameters import Count, Month, ParameterError, ParametersInvalid, Period

Errors = dict[str, list[str]]


def no_errors(params: dict[str, Any]) -> Errors:
    """The check of a service whose parameters do not depend on each other."""
    return {}


@dataclass(frozen=True)
class Metric:
    """The entry in the metric dictionary: how the number is computed and what it does not tell."""

    definition: str
    formula: str
    unit: str
    population: str
    time_zone: str
    limitations: str


@dataclass(frozen=True)
class AdvancedParameters:
    """Less common parameters, which a form hides behind `summary`."""

    summary: str
    sentence: str


@dataclass(frozen=True)
class ServiceDefinition:
    """One service: its name and queue, its texts on the desk, its parameters, its metric.

    `sentence` and `advanced.sentence` name each parameter in braces, where a form puts its field. `check`
    gets the cleaned parameters together and returns errors by field. `depends_on_time`: whether the result
    can change although no ticket does (ages, periods, the last months).
    """

    name: str
    title: str
    sentence: str
    parameters: tuple[Period | Month | Count, ...]
    metric: Metric
    advanced: AdvancedParameters | None = None
    check: Callable[[dict[str, Any]], Errors] = no_errors
    depends_on_time: bool = True

    @property
    def queue(self) -> str:
        return f"analytics.{self.name}"

    def schema(self) -> dict[str, Any]:
        """The parameters as JSON Schema."""
        return {
            "type": "object",
            "properties": {p.name: p.schema() for p in self.parameters},
            "required": [p.name for p in self.parameters if p.is_required],
            "additionalProperties": False,
        }


def clean_for_service(definition: ServiceDefinition, raw: Any) -> dict[str, Any]:
    """The cleaned parameters. Raises ParametersInvalid that names every bad field."""
    if not isinstance(raw, dict):
        raise ParametersInvalid({"params": ["Parameters must be an object."]})
    known = {p.name: p for p in definition.parameters}
    errors: Errors = {
        _shown(name): ["Unknown parameter for this analysis."] for name in raw if name not in known
    }
    errors |= {
        p.name: ["This field is required."]
        for p in definition.parameters
        if p.is_required and p.name not in raw
    }
    params: dict[str, Any] = {}
    for name in known.keys() & raw.keys():
        try:
            params[name] = known[name].clean(raw[name])
        except ParameterError as error:
            errors[name] = [error.message]
    errors = errors or definition.check(params)
    if errors:
        raise ParametersInvalid(errors)
    return {p.name: params[p.name] for p in definition.parameters if p.name in params}


def _shown(name: Any) -> str:
    """A field name sent by anybody, made safe for any response: short, no NUL, no lone surrogate."""
    return str(name)[:100].encode("utf-8", "replace").decode().replace("\x00", "?")
