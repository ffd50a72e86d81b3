"""What a ticket is about: always one of three."""

from django.db.models.enums import TextChoices

from common.categories import CATEGORIES


class Category(TextChoices):
    FACILITY = "facility", CATEGORIES["facility"]
    IT = "it", CATEGORIES["it"]
    SERVICES = "services", CATEGORIES["services"]
