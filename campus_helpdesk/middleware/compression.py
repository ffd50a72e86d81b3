"""Compresses responses if the browser allows it and it is safe."""

import re

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXT = re.compile(r"text/|image/svg\+xml|application/(json|vnd\.oai\.openapi)\b")
REFUSED = re.compile(r"\bgzip\s*;\s*q=0(\.0*)?\s*(,|$)")


class CompressionMiddleware(GZipMiddleware):
    """Compresses pages, JSON, SVG and CSV.

    Django pads each response by a random length, so that its size does not reveal how much of a secret a
    guess has matched (BREACH); form tokens are also masked differently each time. Not compressed are
    - refusals: they are short, and byte-identical for hidden and missing tickets;
    - a ticket with its version as ETag: a compressed one has a weak tag, which If-Match never accepts;
    - PNG and Arrow, which are already compressed;
    - snapshots of the facts, which are streamed with their checksum to services on the same network.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return super().process_response(request, response) if may_compress(request, response) else response


def may_compress(request: HttpRequest, response: HttpResponseBase) -> bool:
    return (
        isinstance(response, HttpResponse)
        and response.status_code == 200
        and not response.has_header("ETag")
        and TEXT.match(response.get("Content-Type", "")) is not None
        and not REFUSED.search(request.headers.get("Accept-Encoding", ""))
    )
