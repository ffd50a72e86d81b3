"""Atom feeds as a reader parses them, checked against the rules of RFC 4287."""

from dataclasses import dataclass, field
from datetime import datetime
from xml.etree import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True)
class Entry:
    id: str
    title: str
    link: str
    updated: datetime
    text: str


@dataclass(frozen=True)
class ParsedFeed:
    id: str
    title: str
    updated: datetime
    links: dict[str, str]
    entries: list[Entry] = field(default_factory=list)


def parse_feed(response) -> ParsedFeed:
    """Fails if the response is no valid feed."""
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{ATOM}feed"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links.keys() == {"alternate", "self"}
    assert read_one(root, "author").findtext(f"{ATOM}name")
    entries = [parse_entry(entry) for entry in root.findall(f"{ATOM}entry")]
    assert len({entry.id for entry in entries}) == len(entries)
    return ParsedFeed(read_text(root, "id"), read_text(root, "title"), read_moment(root), links, entries)


def parse_entry(entry: ElementTree.Element) -> Entry:
    (link,) = [link.get("href") for link in entry.findall(f"{ATOM}link")]
    summary = entry.find(f"{ATOM}summary")
    if summary is not None:
        assert summary.get("type") == "html"
    text = "" if summary is None else summary.text or ""
    return Entry(read_text(entry, "id"), read_text(entry, "title"), link, read_moment(entry), text)


def read_one(parent: ElementTree.Element, name: str) -> ElementTree.Element:
    (found,) = parent.findall(f"{ATOM}{name}")
    return found


def read_text(parent: ElementTree.Element, name: str) -> str:
    text = read_one(parent, name).text
    assert text, name
    return text


def read_moment(parent: ElementTree.Element) -> datetime:
    moment = datetime.fromisoformat(read_text(parent, "updated"))
    assert moment.tzinfo is not None
    return moment
