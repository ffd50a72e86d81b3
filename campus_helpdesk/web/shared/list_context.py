"""The list from which a ticket was opened: its filters, search and page, carried in the ticket's address.

It leads back to the same page of the same list, and from one ticket to the next one of that list. It is
stored nowhere else.
"""

from urllib.parse import quote, urlencode

from django.http import HttpRequest, QueryDict

PARAMETER = "list"
MAX_LENGTH = 1500  # characters, percent-encoded: a request line may have 4,094 bytes


def carry_list(address: str, query: str, **parameters: str) -> str:
    """An address of a ticket with the list's query; one that is too long is left out."""
    parameter = {PARAMETER: query} if 0 < len(quote(query)) <= MAX_LENGTH else {}
    encoded = urlencode(parameters | parameter)
    return f"{address}?{encoded}" if encoded else address


def read_list(request: HttpRequest) -> str:
    """The query of the list in a ticket's address; empty if there is none."""
    return QueryDict(request.GET.get(PARAMETER, "")).urlencode()
