"""The analytics services: no Django, no database; of this project only `common`.

They read facts and send results through the helpdesk's API.
"""
