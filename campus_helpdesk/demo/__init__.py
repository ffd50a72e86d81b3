"""The demo campus: two years of reports and conversations, made up. No database in here."""

from campus_helpdesk.demo.campus import generate

__all__ = ["generate"]
