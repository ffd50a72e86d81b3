"""The facts on this machine: kept, brought up to date, compared with the helpdesk."""
