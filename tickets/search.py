"""What people type into the search field, as a full-text query that cannot be malformed."""

import re

from tickets.errors import Invalid

LONGEST_SEARCH = 200
MOST_TERMS = 8
WORD = re.compile(r"\w+")


def to_tsquery(text: str) -> str:
    """Every word must occur, as a whole or as the beginning of one. Empty where there is no word.

    Raises Invalid for `q`.
    """
    if len(text) > LONGEST_SEARCH:
        raise Invalid({"q": [f"At most {LONGEST_SEARCH} characters."]})
    words = WORD.findall(text.replace("\x00", " "))
    if len(words) > MOST_TERMS:
        raise Invalid({"q": [f"At most {MOST_TERMS} words."]})
    return " & ".join(f"'{word}':*" for word in words)
