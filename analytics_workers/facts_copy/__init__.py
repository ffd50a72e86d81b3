"""The local copy of the facts: stored, brought up to date, compared with the helpdesk."""
