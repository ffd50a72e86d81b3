"""What the queue's page knows of pins: how many there are. Their cards come after the page."""

from django import template

from analytics_gateway.models import Pin

register = template.Library()


@register.simple_tag
def count_pins() -> int:
    return Pin.objects.count()
