"""Limits on the address, the headers and the body of a request."""

import re
from math import inf
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict

from common.digits import parse_digits
from common.photo_limits import MIB, max_bytes_with_files
from django_common.problem_details import problem_page
from django_common.requests import GetResponse

# Control characters, and the surrogates that stand for bytes that are not UTF-8.
UNREADABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
# In text pasted into a search: line breaks, tabs and terminal colours separate words.
UNREADABLE_SEARCH = re.compile("[\x00\ud800-\udfff]")
MAX_ADDRESS_LENGTH, MAX_HEADER_LENGTH = 32 * 1024, 8 * 1024  # characters
OF_ADDRESSES = ("Referer", "Hx-Current-Url")  # headers that repeat an address
TOO_LARGE = "The cookies or headers that your browser sends are too large."
ADVICE = {"Cookie": ["Delete the cookies of this site and of its domain, then load the page again."]}
RESULT_ROUTE = re.compile(r"^/api/v1/analyses/[0-9a-f-]{36}/result/$")
ENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class RequestSizeMiddleware:
    """Refuses unread: addresses, headers and bodies that are too long (the result route accepts 8 MiB with
    a service's token, forms with photos five of them, the list of places 4 MiB), control characters in the
    address, and text that is not UTF-8 in an address or a form."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if len(request.get_full_path()) > MAX_ADDRESS_LENGTH:
            return problem_page(
                request, 414, f"An address may have at most {MAX_ADDRESS_LENGTH // 1024} KiB."
            )
        if long := find_long_headers(request):
            return problem_page(request, 431, TOO_LARGE, long)
        limit = limit_of(request)
        if read_length(request) > limit:
            return problem_page(request, 413, f"A request may have at most {describe_size(limit)}.")
        if fields := find_unreadable(request.META.get("QUERY_STRING", "")):
            errors = {field: ["Contains characters that do not belong in text."] for field in fields}
            return problem_page(request, 400, "Please check the address.", errors)
        try:
            is_readable = is_readable_form(request)
        except RequestDataTooBig:
            most = describe_size(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
            return problem_page(request, 413, f"The texts of a form may have at most {most}.")
        if not is_readable:
            return problem_page(request, 400, "This form is not UTF-8 text, or was not sent completely.")
        return self.get_response(request)


def find_long_headers(request: HttpRequest) -> dict[str, list[str]]:
    """For each header that is too long, its errors."""
    limits = {
        name: MAX_ADDRESS_LENGTH if name in OF_ADDRESSES else MAX_HEADER_LENGTH for name in request.headers
    }
    long = {name: len(text) for name, text in request.headers.items() if len(text) > limits[name]}
    return {
        name: [
            f"{size / 1024:.1f} KiB; at most {limits[name] // 1024} KiB are accepted.",
            *ADVICE.get(name, []),
        ]
        for name, size in long.items()
    }


def limit_of(request: HttpRequest) -> int:
    """The token itself is validated later, before the body is read."""
    has_token = request.headers.get("Authorization", "").lower().startswith("bearer ")
    if has_token and RESULT_ROUTE.match(request.path):
        return settings.RESULT_UPLOAD_MAX_SIZE
    return max_bytes_of_files(request) or settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def max_bytes_of_files(request: HttpRequest) -> int:
    """Of a form that may carry files; 0 for any other request."""
    return max_bytes_with_files(request.method or "", request.path) if is_multipart(request) else 0


def describe_size(limit: int) -> str:
    return f"{limit // MIB} MB" if limit >= MIB else f"{limit // 1024} KiB"


def read_length(request: HttpRequest) -> float:
    """Bytes of the body; a length that is not a number counts as infinite."""
    length = parse_digits(request.META.get("CONTENT_LENGTH") or "0", 18)
    return inf if length is None else length


def find_unreadable(query: str) -> list[str]:
    """The names of parameters whose value or name has characters that no form of this site sends."""
    raw = query.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
    pairs = parse_qsl(raw, keep_blank_values=True, errors="surrogateescape")
    return [
        name
        for name, value in pairs
        if (UNREADABLE_SEARCH if name == "q" else UNREADABLE).search(name + value)
    ]


def is_multipart(request: HttpRequest) -> bool:
    return request.content_type == MULTIPART


def is_readable_form(request: HttpRequest) -> bool:
    """A form is text, and anything else would be stored as something different. Only files are no text."""
    if request.content_type not in (ENCODED, MULTIPART) or RESULT_ROUTE.match(request.path):
        return True
    try:
        if max_bytes_of_files(request):
            return has_readable_texts(request)
        (unquote_to_bytes(request.body) if request.content_type == ENCODED else request.body).decode()
    except (UnicodeDecodeError, UnreadablePostError):
        return False
    return True


class StrictTextHandler(TemporaryFileUploadHandler):
    """Puts the files on the disk and decodes the texts beside them. Django would replace bytes that are not
    UTF-8 by U+FFFD, which a text may contain."""

    is_utf_8 = True

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: Any, boundary: Any, encoding: Any = None
    ) -> tuple[QueryDict, MultiValueDict]:
        handlers = [TemporaryFileUploadHandler(self.request)]
        texts_of, files = MultiPartParser(META, input_data, handlers, "latin-1").parse()  # keeps each byte
        fields = QueryDict(mutable=True)
        for name, texts in texts_of.lists():
            fields.setlist(name, [self.decode(text.encode("latin-1")) for text in texts])
        return fields, files

    def decode(self, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.is_utf_8 = False
            return ""


def has_readable_texts(request: HttpRequest) -> bool:
    """Of a form with files. They go to the disk and are not read here."""
    handler = StrictTextHandler(request)
    request.upload_handlers = [handler]
    try:
        request.POST  # noqa: B018 - reads the form
    except RequestDataTooBig:
        raise  # its texts, without the files
    except (BadRequest, SuspiciousOperation, MultiPartParserError):
        return True  # refused where the form is used
    return handler.is_utf_8
