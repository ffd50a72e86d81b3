"""The fields of a ticket that people fill in, checked."""

from collections.abc import Mapping

from common.errors import Invalid
from django_common.text_validation import clean_location, clean_text
from tickets.categories import Category


def clean_fields(changes: Mapping[str, object]) -> dict[str, str]:
    """Checks every field, so that one response names all errors. Raises Invalid."""
    cleaned, errors = {}, {}
    for field, value in changes.items():
        try:
            cleaned[field] = clean_field(field, value)
        except Invalid as error:
            errors.update(error.errors)
    if errors:
        raise Invalid(errors)
    return cleaned


def clean_field(field: str, value: object) -> str:
    if field == "description":
        return clean_text(field, value)
    if field in ("building", "room"):
        return clean_location(field, value)
    if field == "category" and value in Category.values:
        return Category(value)
    if field == "category":
        raise Invalid({field: [f"Choose one of: {', '.join(Category.values)}."]})
    raise Invalid({field: ["This field cannot be changed."]})
