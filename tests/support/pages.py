"""Reads a page as a browser without JavaScript does."""

import re
from html import unescape

from django.test.utils import CaptureQueriesContext

BLOCKS = "article|aside|button|caption|d[dlt]|div|form|h[1-6]|header|li|main|ol|option|p|section|t[dhr]|ul"
LAYOUT = re.compile(r"\s*\n(?: +|(?=<))")  # of the template; what people wrote is not indented


def text_of(response) -> str:
    """The page, entities resolved. A line break that only lays out the template is a blank, as in a browser;
    there is none at the edges of a block nor before the end of a tag. What people wrote keeps its lines."""
    page = LAYOUT.sub(" ", response.content.decode()).replace(" >", ">")
    return unescape(re.sub(rf" ?(</?(?:{BLOCKS})\b[^>]*>) ?", r"\1", page))


def value_of(response, name: str) -> str:
    """The value of the first input of this name."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', response.content.decode())
    assert tag, f"no input {name}"
    return unescape(re.search(r'value="([^"]*)"', tag[0])[1])


def form_of(response, action: str) -> dict[str, list[str]]:
    """What the first form with this action would send unchanged, without its buttons."""
    form = re.search(
        rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', response.content.decode(), re.S
    )
    assert form, f"no form for {action}"
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form[1]):
        if not re.search(r'type="(checkbox|radio)"', tag) or " checked" in tag:
            value = re.search(r'value="([^"]*)"', tag)
            sent.setdefault(re.search(r'name="([^"]*)"', tag)[1], []).append(
                unescape(value[1]) if value else "on"
            )
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form[1], re.S):
        sent.setdefault(name, []).append(unescape(text))
    return sent


def summaries_of(response) -> list[str]:
    """The entries of a list, in order."""
    links = re.findall(
        r'<a href="[^"]*/tickets/\d+/(?:\?[^"]*)?"[^>]*>([^<]*)</a>', response.content.decode()
    )
    return [unescape(link) for link in links]


def count_statements(connection, client, path: str) -> int:
    """The number of SQL statements of a page."""
    with CaptureQueriesContext(connection) as statements:
        assert client.get(path).status_code == 200
    return len(statements)


def explain_reads(connection, client, path: str, table: str) -> list[str]:
    """How PostgreSQL runs each statement of a page that reads from the table."""
    with CaptureQueriesContext(connection) as statements:
        assert client.get(path).status_code == 200
    with connection.cursor() as cursor:
        reads = [each["sql"] for each in statements if f'FROM "{table}"' in each["sql"]]
        return ["\n".join(line for (line,) in cursor.execute(f"EXPLAIN {sql}")) for sql in reads]
