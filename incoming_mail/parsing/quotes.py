"""The text of an answer without the mails that it quotes. Only for answers: a first mail is never cut."""

import re
from itertools import islice

MARKED = re.compile(r"^[ \t]*>")
# The line above a quote, in the languages of its writer's mail program.
WROTE = re.compile(
    r"^\s*(?:on|am|le|el|il|em|op|den|dne|w dniu)\b.{4,300}\b(?:wrote|schrieb|écrit|escribió|scritto|escreveu"
    r"|schreef|skrev|napsal|napisał)\b.{0,100}:\s*$",
    re.IGNORECASE | re.DOTALL,
)
# As Gmail and others begin it with the name. The address in it may be a signed one: no rest of it may stay.
NAMED = re.compile(r"^[^\n]{0,200}<\s*[^<>\s]+@[^<>\s]+>.{0,100}[:：]\s*$", re.DOTALL)
TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)")
DATED = re.compile(r"\b(?:19|20)\d\d\b|<[^<>\s]+@[^<>\s]+>|\b[^\s@]+@[^\s@]+\.\w+")
SEPARATOR = re.compile(
    r"^\s*-{2,}\s*(?:original (?:message|appointment)|ursprüngliche nachricht|originalnachricht"
    r"|message d['’]origine|mensaje original|messaggio originale|mensagem original"
    r"|message original|oorspronkelijk bericht|forwarded message|weitergeleitete nachricht)\b.*-\s*$",
    re.IGNORECASE,
)
FROM = re.compile(
    r"^\s*[*_]?(?:from|von|de|da|van|från|fra|od|от|发件人|差出人)[*_]?\s*[:：][*_]?\s*\S", re.IGNORECASE
)
OTHER_FIELD = re.compile(
    r"^\s*[*_]?(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|fecha|para|asunto"
    r"|inviato|data|a|oggetto|assunto|verzonden|aan|onderwerp|skickat|till|ämne|发送时间|收件人|主题)[*_]?\s*[:：]",
    re.IGNORECASE,
)
RULE = re.compile(r"^\s*[_-]{10,}\s*$")
DEVICE = re.compile(
    r"^(?:sent from (?:my|outlook|yahoo|mail for|samsung)|von .{1,40} gesendet|gesendet (?:von|mit|über)"
    r"|envoyé (?:de|depuis|à partir de) (?:mon|ma|outlook)|enviado desde (?:mi|outlook)|inviato da(?:l mio)?"
    r"|enviado do meu|verstuurd vanaf|get outlook for|(?:holen sie sich )?outlook für"
    r"|(?:obtenir|télécharger) outlook pour|(?:obtener|descargar) outlook para"
    r"|(?:ottieni|scarica) outlook per|obter o outlook para)\b.{0,80}$",
    re.IGNORECASE,
)
SIGNATURE = "--"  # "-- " on a line of its own; spaces at the end are cut already
MAX_HEADING_LENGTH = 400
MAX_QUESTION_LINES = 5  # of a quote that stays above the answer to it


def cut_quotes(text: str) -> str:
    """The text of an answer without what it quotes; all of it if nothing would be left."""
    return find_own_text(text) or text


def find_own_text(text: str) -> str:
    """What the writer of an answer has typed, also between quotes."""
    lines = text.splitlines()
    lines = cut_signature(lines[: find_history(lines)])
    own = "\n".join(cut_end(drop_quotes(lines))).strip()
    return re.sub(r"\n{3,}", "\n\n", own)


def find_history(lines: list[str]) -> int:
    """The line where the whole history begins without marks; the number of lines if it does not."""
    for number, line in enumerate(lines):
        if MARKED.match(line):
            continue
        if (
            SEPARATOR.match(line)
            or is_header_block(lines[number : number + 9])
            or is_unmarked_attribution(lines, number)
        ):
            return number
    return len(lines)


def is_header_block(lines: list[str]) -> bool:
    """From, Sent, To, Subject: as Outlook writes them above what it quotes."""
    if not FROM.match(lines[0]):
        return False
    following = [line for line in lines[1:] if line.strip()][:5]
    return sum(bool(OTHER_FIELD.match(line)) for line in following) >= 2


def is_unmarked_attribution(lines: list[str], number: int) -> bool:
    """With a year or an address: "On Monday the printer wrote:" is a sentence."""
    length = attribution_length(lines, number)
    heading = "\n".join(lines[number : number + length])
    if not length or not DATED.search(heading):
        return False
    following = next((line for line in islice(lines, number + length, None) if line.strip()), "")
    return not MARKED.match(following)


def attribution_length(lines: list[str], number: int) -> int:
    """Of the heading of a quote that begins in this line, which may be wrapped; 0 if none does."""
    for length in (1, 2, 3):
        chunk = lines[number : number + length]
        if any(not line.strip() or MARKED.match(line) for line in chunk):
            return 0
        if WROTE.match("\n".join(chunk)):
            return length
    return 0


def drop_quotes(lines: list[str]) -> list[str]:
    """Without marked lines, but for a short quote with an answer under it."""
    kept: list[str] = []
    blocks = split_blocks(lines)
    answers = [
        position for position, (is_quote, block) in enumerate(blocks) if not is_quote and cut_end(block)
    ]
    last = max(answers, default=0)
    for position, (is_quote, block) in enumerate(blocks):
        if is_quote:
            drop_attribution(kept)
        if not is_quote or (len(block) <= MAX_QUESTION_LINES and position < last):
            kept += block
    return kept


def split_blocks(lines: list[str]) -> list[tuple[bool, list[str]]]:
    """Runs of marked and of unmarked lines."""
    blocks: list[tuple[bool, list[str]]] = []
    for line in lines:
        is_quote = bool(MARKED.match(line))
        if blocks and blocks[-1][0] == is_quote:
            blocks[-1][1].append(line)
        else:
            blocks.append((is_quote, [line]))
    return blocks


def drop_attribution(kept: list[str]) -> None:
    """The heading at the end of these lines, if the quote under them has one."""
    while kept and not kept[-1].strip():
        kept.pop()
    if not kept or len(kept[-1]) > MAX_HEADING_LENGTH or not kept[-1].rstrip().endswith((":", "：")):
        return
    headings = [(length, "\n".join(kept[-length:])) for length in (1, 2, 3)]
    wrapped = [length for length, heading in headings if is_heading(heading)]
    if wrapped or DATED.search(kept[-1]):
        del kept[-min(wrapped, default=1) :]


def is_heading(text: str) -> bool:
    return bool(WROTE.match(text) or (NAMED.match(text) and TIME.search(text)))


def cut_signature(lines: list[str]) -> list[str]:
    return lines[: lines.index(SIGNATURE)] if SIGNATURE in lines else lines


def cut_end(lines: list[str]) -> list[str]:
    """Without the name of the device and rules at the end."""
    end = len(lines)
    while end and (
        not lines[end - 1].strip() or DEVICE.match(lines[end - 1].strip()) or RULE.match(lines[end - 1])
    ):
        end -= 1
    return lines[:end]
