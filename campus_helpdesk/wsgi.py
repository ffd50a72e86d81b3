import os
from io import BytesIO

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "campus_helpdesk.settings")


class Request(WSGIRequest):
    """All text is UTF-8, whatever a header says: Python knows encodings that are none of a text ("hex")."""

    encoding = property(lambda self: None, lambda self, claimed: None)


site = get_wsgi_application()
site.request_class = Request
# Load every view now: what is loaded before gunicorn forks is shared by its workers.
assert get_resolver().url_patterns

from campus_helpdesk.middleware import limit_of  # noqa: E402 - reads the settings


def measure_chunks(environ):
    """Django takes a body without a length for none. One that comes in chunks is read up to one byte over the
    limit, and has a length then: too long a one is refused like any other."""
    if "CONTENT_LENGTH" not in environ and environ.get("HTTP_TRANSFER_ENCODING"):
        limit = limit_of(environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", ""))
        body = environ["wsgi.input"].read(limit + 1)
        environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}


def application(environ, start_response):
    measure_chunks(environ)
    return site(environ, start_response)
