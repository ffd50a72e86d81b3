"""The analytics services: no Django, no database, nothing else of this project.

They read through the helpdesk's API only and send results back the same way.
"""
