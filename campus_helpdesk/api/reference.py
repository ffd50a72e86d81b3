"""The OpenAPI document prepared for a page: operations by subject, and the types that they use."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any

from drf_spectacular.generators import SchemaGenerator

Schema = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """A part of a type's description; `type` is the name of a type on the page if it is one."""

    text: str
    type: str = ""


Kind = list[Piece]


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a type. `location`: path, query or header; empty for a field."""

    name: str
    kind: Kind
    is_required: bool
    note: str
    location: str = ""


@dataclass(frozen=True)
class Operation:
    """`bodies` and `responses` pair a description (a content type, a status) with what is sent."""

    method: str
    path: str
    subject: str
    note: str
    parameters: list[Field]
    bodies: list[tuple[str, Kind]]
    responses: list[tuple[str, Kind]]


@dataclass(frozen=True)
class Type:
    name: str
    note: str
    kind: Kind
    fields: list[Field] = field(default_factory=list)


@dataclass(frozen=True)
class Reference:
    subjects: dict[str, list[Operation]]
    types: list[Type]


@cache
def read_reference() -> Reference:
    """Built once per process: the document does not change while it runs."""
    document = SchemaGenerator(api_version="v1").get_schema(request=None, public=True)
    operations = sorted(list_operations(document["paths"]), key=lambda operation: operation.subject)
    subjects = {name: list(group) for name, group in groupby(operations, lambda operation: operation.subject)}
    return Reference(subjects, [describe_type(*pair) for pair in document["components"]["schemas"].items()])


def list_operations(paths: Schema) -> Iterator[Operation]:
    for path, operations in paths.items():
        for method, operation in operations.items():
            yield Operation(
                method=method.upper(),
                path=path,
                subject=operation["tags"][0],
                note=read_note(operation),
                parameters=[describe_parameter(raw) for raw in operation.get("parameters", [])],
                bodies=describe_content(operation.get("requestBody", {})),
                responses=[
                    (f"{status} {content_type}".strip(), kind)
                    for status, response in operation["responses"].items()
                    for content_type, kind in describe_content(response) or [("", [])]
                ],
            )


def describe_parameter(raw: Schema) -> Field:
    kind = describe_kind(raw["schema"])
    return Field(raw["name"], kind, raw.get("required", False), read_note(raw), raw["in"])


def describe_content(raw: Schema) -> list[tuple[str, Kind]]:
    return [(name, describe_kind(content["schema"])) for name, content in raw.get("content", {}).items()]


def describe_type(name: str, schema: Schema) -> Type:
    fields = list_fields(schema)
    return Type(name, read_note(schema), [] if fields else describe_kind(schema), fields)


def list_fields(schema: Schema) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(name, describe_kind(kind), name in required, read_note(kind))
        for name, kind in schema.get("properties", {}).items()
    ]


def read_note(raw: Schema) -> str:
    """The description, without a list of values that the type shows already."""
    note = raw.get("description", "")
    return "" if note.startswith("* ") else note.replace("`", "")


def describe_kind(schema: Schema) -> Kind:
    """The type as text: "list of Ticket", "text, date-time or null"."""
    kind = describe_shape(schema)
    return [*kind, Piece(" or null")] if schema.get("nullable") else kind


def describe_shape(schema: Schema) -> Kind:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return [Piece(name, name)]
    if "allOf" in schema:
        return join_kinds(schema["allOf"], " and ")
    if "oneOf" in schema:
        return join_kinds(schema["oneOf"], "\nor " if "properties" in schema["oneOf"][0] else " or ")
    if schema.get("type") == "array":
        return [Piece("list of "), *describe_kind(schema["items"])]
    if "properties" in schema:
        return describe_object(list_fields(schema))
    if schema.get("additionalProperties"):
        return [Piece("object of "), *describe_kind(schema["additionalProperties"])]
    return [Piece(describe_value(schema))]


def join_kinds(schemas: list[Schema], between: str) -> Kind:
    first, *others = map(describe_kind, schemas)
    return [*first, *(piece for other in others for piece in (Piece(between), *other))]


def describe_object(fields: list[Field]) -> Kind:
    pieces = [Piece("{")]
    for index, part in enumerate(fields):
        pieces += [
            Piece(f"{', ' if index else ''}{part.name}{'' if part.is_required else '?'}: "),
            *part.kind,
        ]
    return [*pieces, Piece("}")]


def describe_value(schema: Schema) -> str:
    """A simple value: its type, and its limits."""
    if "enum" in schema:
        values = sorted(
            schema["enum"], key=lambda value: (len(f"{value}"), value) if is_whole(schema) else value
        )
        return " | ".join(map(str, values))
    limits = [f"{label} {schema[name]}" for name, label in LIMITS.items() if name in schema]
    return ", ".join([schema.get("type", "anything"), *filter(None, [schema.get("format")]), *limits])


def is_whole(schema: Schema) -> bool:
    return schema.get("type") == "integer"


LIMITS = {
    "minimum": "from",
    "maximum": "to",
    "minLength": "min length",
    "maxLength": "max length",
    "pattern": "pattern",
    "default": "default",
}
