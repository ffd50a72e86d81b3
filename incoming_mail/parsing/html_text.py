"""HTML -> the text that people see: lines, list items, quotes as "> "."""

import re
from html.parser import HTMLParser

# Without comments, styles and pictures in it. The library needs quadratic time for broken tags.
MAX_HTML_LENGTH = 100_000
MAX_QUOTES = 20  # in each other
HIDDEN = {"script", "style", "title", "template", "noscript", "svg", "select", "object"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
    "ol", "p", "pre", "section", "table", "tbody", "tr", "ul",
}  # fmt: skip
SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "ul", "ol", "table", "blockquote"}
CELLS = {"td", "th"}
RULE = "_" * 32
# One that never ends reaches to the end, as in browsers.
UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<style\b.*?(?:</style\s*>|\Z)|\bdata:[a-z0-9/+.-]{1,50};base64,[a-z0-9+/=%]*",
    re.IGNORECASE | re.DOTALL,
)
INVISIBLE = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)


def html_to_text(html: str) -> str:
    parser = TextParser()
    try:
        parser.feed(UNSEEN.sub("", html)[:MAX_HTML_LENGTH])
        parser.close()
    except Exception:  # the library raises AssertionError at some broken declarations
        parser.end_line()
    return parser.text()


class TextParser(HTMLParser):
    """Collects lines. An element is left by its end tag or that of an element around it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.open: list[tuple[str, bool]] = []  # the elements around: name, whether it hides its text
        self.numbers: list[int | None] = []  # of the lists around: the next item's number, None for bullets
        self.quotes = self.pre = self.hidden = 0
        self.link = ""
        self.link_text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in BLOCKS:
            self.end_block(tag)
        if tag not in VOID:
            self.enter(tag, is_hidden=tag in HIDDEN or bool(INVISIBLE.search(given.get("style", ""))))
        if self.hidden:
            return
        if tag == "br":
            self.end_line(keeps_empty=True)
        elif tag == "hr":
            self.lines.append(self.prefix() + RULE)
        elif tag == "li":
            self.line = self.bullet()
        elif tag in CELLS and self.line.strip():
            self.line += "  "
        elif tag == "a":
            self.link, self.link_text = given.get("href", ""), ""

    def enter(self, tag: str, *, is_hidden: bool) -> None:
        self.open.append((tag, is_hidden))
        self.hidden += is_hidden
        self.quotes += tag == "blockquote"
        self.pre += tag == "pre"
        if tag in ("ul", "ol"):
            self.numbers.append(1 if tag == "ol" else None)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in [name for name, _ in self.open[-200:]]:
            return
        if tag == "a":
            self.end_link()
        if tag in BLOCKS:
            self.end_block(tag)
        while self.leave() != tag:
            pass
        if tag == "blockquote":
            self.end_quote()

    def leave(self) -> str:
        tag, is_hidden = self.open.pop()
        self.hidden -= is_hidden
        self.quotes -= tag == "blockquote"
        self.pre -= tag == "pre"
        if tag in ("ul", "ol"):
            self.numbers.pop()
        return tag

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        if self.pre:
            first, *others = data.split("\n")
            self.line += first
            for other in others:
                self.end_line(keeps_empty=True)
                self.line = other
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        self.link_text += words
        self.line += words.lstrip() if self.line.endswith(" ") or not self.line else words

    def end_link(self) -> None:
        """The address follows where the text does not name it."""
        is_page = self.link.lower().startswith(("http://", "https://"))
        if is_page and not self.hidden and self.link_text.strip() and "://" not in self.link_text:
            self.line = f"{self.line.rstrip()} ({self.link})"
        self.link = ""

    def bullet(self) -> str:
        if not self.numbers or self.numbers[-1] is None:
            return "- "
        number = self.numbers[-1]
        self.numbers[-1] = number + 1
        return f"{number}. "

    def prefix(self) -> str:
        return "> " * min(self.quotes, MAX_QUOTES)

    def end_line(self, *, keeps_empty: bool = False) -> None:
        content = self.line.rstrip()
        if content or keeps_empty:
            self.lines.append((self.prefix() + content).rstrip())
        self.line = ""

    def end_block(self, tag: str) -> None:
        """An empty line around paragraphs, one at most."""
        if self.hidden:
            return
        self.end_line()
        if tag in SPACED and self.lines and self.lines[-1].strip("> "):
            self.lines.append(self.prefix().rstrip())

    def end_quote(self) -> None:
        while self.lines and not self.lines[-1].strip("> "):
            self.lines.pop()
        self.lines.append(self.prefix().rstrip())

    def text(self) -> str:
        self.end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip("\n")
