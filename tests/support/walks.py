"""Reads a list page by page, as a client does that follows `next` and `previous`."""

from collections.abc import Callable
from typing import Any

Get = Callable[[str], dict[str, Any]]  # the page behind an address


def walk_forward(get: Get, address: str) -> list[list[Any]]:
    """The ids of each page from this one to the last."""
    pages, link = [], address
    while link:
        page = get(link)
        pages.append([row["id"] for row in page["results"]])
        link = page["next"]
    return pages


def walk_back(get: Get, address: str) -> list[list[Any]]:
    """The ids of each page from the last one back to the first, in the order of the list."""
    page = get(address)
    while page["next"]:
        page = get(page["next"])
    pages = [[row["id"] for row in page["results"]]]
    while page["previous"]:
        page = get(page["previous"])
        pages.insert(0, [row["id"] for row in page["results"]])
    return pages


def parts_of(rows: list[Any], size: int) -> list[list[Any]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
