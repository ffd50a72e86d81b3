"""Bytes -> text that can be stored, whatever charset a mail names."""

import re

LAST_CHARSETS = ("utf-8", "cp1252", "latin-1")
# What mails mean by a name, where Python's codec of that name reads less.
WIDER = {
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
}
# Codecs of Python that are no charsets: slow on long texts, or escapes that anybody may write.
NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}
SURROGATE = re.compile("[\ud800-\udfff]")
# Controls, byte order marks, and the soft hyphens and zero-width spaces that fill previews of newsletters.
INVISIBLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\u00ad\u200b\u034f]")
LINE_END = re.compile("\r\n|[\r\x0c\x85\u2028\u2029]")
FORCED_SPACE = re.compile("[\u00a0\u2007\u202f]")


def decode_text(raw: bytes, charset: str) -> str:
    """In the named charset, else in the first that reads all of it."""
    name = charset.strip().strip("'\"").lower()
    for candidate in (WIDER.get(name, name), *LAST_CHARSETS):
        if candidate.replace("-", "_") in NO_CHARSETS:
            continue
        try:
            return raw.decode(candidate)
        except (LookupError, ValueError):  # unknown, or not this one; ValueError also for a NUL in the name
            continue
    raise AssertionError("latin-1 reads every byte")


def restore_bytes(text: str) -> str:
    """Raw bytes that the standard library's parser has put into surrogates, decoded."""
    if not SURROGATE.search(text):
        return text
    return decode_text(text.encode("utf-8", "surrogateescape"), "utf-8")


def clean(text: str) -> str:
    """What PostgreSQL can store and people can read: LF, no controls, no surrogates."""
    text = LINE_END.sub("\n", SURROGATE.sub("\ufffd", text))
    text = FORCED_SPACE.sub(" ", INVISIBLE.sub("", text))
    return "\n".join(line.rstrip(" \t") for line in text.split("\n"))


def unflow(text: str, *, deletes_space: bool) -> str:
    """Joins the lines that a program has wrapped (format=flowed, RFC 3676)."""
    paragraphs: list[list[str]] = []
    is_open = False
    depth_before = 0
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        if not (is_open and depth == depth_before and content != "-- "):
            paragraphs.append([f"{'>' * depth} "] if depth else [])
        is_open, depth_before = content.endswith(" ") and content != "-- ", depth
        paragraphs[-1].append(content[:-1] if is_open and deletes_space else content)
    return "\n".join(map("".join, paragraphs))
