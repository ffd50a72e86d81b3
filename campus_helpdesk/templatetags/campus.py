"""The admin's pages are templates of Django's own kind: of our words they need the icons."""

from django import template

from campus_helpdesk.pages.words import icon

register = template.Library()
register.simple_tag(icon)
