"""What people type into the search field, as a full-text query that cannot be malformed.

PostgreSQL's parser takes "H-204", "1.05" or "moodle.uni.edu" for one thing. People search for parts of
them, so ASCII punctuation parts words here and in the column that is searched; the parser does the rest.
"""

import re

from django.db import models

from tickets.errors import Invalid

LONGEST_SEARCH = 200
MOST_TERMS = 8
PUNCTUATION = re.compile(r"[\s!-/:-@\[-`{-~]+")


def to_tsquery(text: str) -> str:
    """Every word must occur, as a whole or as the beginning of one. Empty where there is no word.

    Raises Invalid for `q`.
    """
    if len(text) > LONGEST_SEARCH:
        raise Invalid({"q": [f"At most {LONGEST_SEARCH} characters."]})
    words = [word for word in PUNCTUATION.split(text.replace("\x00", " ")) if word]
    if len(words) > MOST_TERMS:
        raise Invalid({"q": [f"At most {MOST_TERMS} words."]})
    return " & ".join(f"'{word}':*" for word in words)


class PartedWords(models.Func):
    """A text with ASCII punctuation as spaces."""

    template = r"regexp_replace(%(expressions)s, '[!-/:-@\[-`{-~]+', ' ', 'g')"
    output_field = models.TextField()
