"""What a ticket is about: always one of three."""

from django.db.models.enums import TextChoices


class Category(TextChoices):
    FACILITY = "facility", "Facility management"
    IT = "it", "Technical IT"
    SERVICES = "services", "Services complaints"
