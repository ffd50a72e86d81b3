"""The admin's pages are templates of Django's own kind: of our words they need the icons."""

from django import template

from campus_helpdesk.web.shared.template_filters import icon

register = template.Library()
register.simple_tag(icon)
