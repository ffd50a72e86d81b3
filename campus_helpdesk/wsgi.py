import os
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.urls import get_resolver

from tickets.triage import load_shipped_model

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "campus_helpdesk.settings")


class Request(WSGIRequest):
    """All text is UTF-8, whatever a header says: Python knows encodings that are not text encodings
    ("hex")."""

    encoding = property(lambda self: None, lambda self, claimed: None)


site = get_wsgi_application()
site.request_class = Request
# Loads every view, page and the model now: what is loaded before gunicorn forks is shared by its workers.
assert get_resolver().url_patterns
load_shipped_model()
pages = cast(Jinja2, engines["jinja2"]).env
for name in pages.list_templates():
    pages.get_template(name)


def measure_chunks(environ: "WSGIEnvironment") -> None:
    """Django treats a body without a length as empty. A chunked one is read up to one byte over the general
    limit and then has a length; a longer one is refused everywhere."""
    if "CONTENT_LENGTH" not in environ and environ.get("HTTP_TRANSFER_ENCODING"):
        body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        is_whole = len(body) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        environ |= {"CONTENT_LENGTH": str(len(body)) if is_whole else "endless", "wsgi.input": BytesIO(body)}


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    measure_chunks(environ)
    return site(environ, start_response)
