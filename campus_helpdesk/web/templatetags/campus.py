"""The admin's pages are Django templates: this gives them the icons."""

from django import template

from campus_helpdesk.web.shared.template_filters import icon

register = template.Library()
register.simple_tag(icon)
