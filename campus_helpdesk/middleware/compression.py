"""Answers travel compressed where the browser allows it and where that is safe."""

import re

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXT = re.compile(r"text/|image/svg\+xml|application/(json|vnd\.oai\.openapi)\b")
REFUSED = re.compile(r"\bgzip\s*;\s*q=0(\.0*)?\s*(,|$)")


class CompressionMiddleware(GZipMiddleware):
    """Pages, JSON, pictures as SVG, tables as CSV.

    Django pads each answer by a random length, so that its size does not tell how much of a secret a guess
    has hit (BREACH); the tokens of forms are masked anew each time besides. Left out are
    - refusals: they are short, and for hidden and missing tickets the same to the byte;
    - a ticket with its version as ETag: that of a compressed one is weak, which If-Match never takes;
    - PNG and Arrow, which are compressed in themselves;
    - snapshots of the facts, which stream, with their checksum, to services beside us.
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
