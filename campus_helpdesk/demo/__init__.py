"""The demo campus: two years of made-up reports and conversations. No database here."""

from campus_helpdesk.demo.campus import generate

__all__ = ["generate"]
