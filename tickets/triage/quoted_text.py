"""Where the mail that a text answers or forwards begins: it must not outweigh the report above it."""

import re

MARK = re.compile(r"^[ \t]*>", re.MULTILINE)
# Headings that mail programs put above the mail that they quote, in the languages of the seeds.
HEADING = re.compile(
    r"^[ \t]*(?:"
    r"-{2,}[ \t]*(?:original message|forwarded message|begin forwarded message|ursprüngliche nachricht"
    r"|weitergeleitete nachricht|message d['’]origine|message transféré|mensaje original|mensaje reenviado"
    r"|messaggio originale|messaggio inoltrato|mensagem original|mensagem encaminhada"
    r"|oorspronkelijk bericht|doorgestuurd bericht)\b.*"
    r"|(?:on|am|le|el|il|em|op)\b[^\n]{4,150}"
    r"\b(?:wrote|schrieb|écrit|escribió|scritto|escreveu|schreef)\b[^\n]{0,80}:"
    r"|(?:from|von|de|da|van)[ \t]*:[^\n]{1,200}\n(?:[^\n]{1,200}\n){0,3}?"
    r"[ \t]*(?:sent|gesendet|envoyé|enviado|inviato|verzonden|date|datum|fecha|data|to|an|à|para|a|aan)"
    r"[ \t]*:[^\n]*"
    r")[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)


def find_quoted_text(text: str) -> int:
    """The position of the first heading of a quoted mail, or of lines marked with ">" that last to the end;
    the text's length if there is none."""
    heading = HEADING.search(text)
    return min(heading.start() if heading else len(text), _find_marked_end(text))


def _find_marked_end(text: str) -> int:
    start = position = len(text)
    for line in reversed(text.splitlines(keepends=True)):
        position -= len(line)
        if MARK.match(line):
            start = position
        elif line.strip():
            break
    return start
