"""Whether the mail server vouches for the sender: Authentication-Results (RFC 8601)."""

import re
from email.message import Message

from incoming_mail.parsing.headers import raw_fields

# A sender may choose what stands in comments and between quotation marks; both may hold ";" and "=".
QUOTED_OR_COMMENT = re.compile(r'"[^"]*"|\([^()"]*\)')
MAX_NESTING = 5  # of comments in each other


def is_confirmed(message: Message, *, sender: str, trusted_host: str) -> bool:
    """Only the topmost result of the configured host counts: those below may have come with the mail."""
    domain = sender.rpartition("@")[2]
    for value in raw_fields(message, "authentication-results") if trusted_host and domain else []:
        host, *results = without_words_of_others(value).lower().split(";")
        if host.split()[:1] == [trusted_host]:
            return any(confirms(result.split(), domain) for result in results)
    return False


def without_words_of_others(value: str) -> str:
    """Without comments and quoted texts; only the host where these do not end or hold a backslash."""
    is_clear = "\\" not in value
    for _ in range(MAX_NESTING):
        value = QUOTED_OR_COMMENT.sub(" ", value)
    return value if is_clear and not re.search(r'["()]', value) else value.partition(";")[0]


def confirms(words: list[str], domain: str) -> bool:
    """dmarc of the sender's domain; or dkim or spf of exactly this domain."""
    if not words:
        return False
    properties = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    if words[0] == "dmarc=pass":
        return properties.get("header.from") == domain
    if words[0] == "dkim=pass":
        return domain in (properties.get("header.d"), properties.get("header.i", "").rpartition("@")[2])
    return words[0] == "spf=pass" and properties.get("smtp.mailfrom", "").rpartition("@")[2] == domain
