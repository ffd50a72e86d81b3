"""What kind of mail it is. Only a personal one becomes a ticket or a message; none of the others is answered.

After RFC 3834 (automatic answers), 3464 and 6533 (bounces), 2919 (lists), and what programs do instead.
"""

import re
from email.message import Message
from enum import StrEnum

from incoming_mail.parsing.headers import clean_address, raw_field, raw_fields, read_line
from incoming_mail.parsing.parts import walk


class Kind(StrEnum):
    PERSONAL = "personal"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    LIST = "list"
    OWN = "own"


DAEMONS = re.compile(r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|mdaemon)@")
RETURNED = re.compile(
    r"undeliver|delivery (?:status|has )|delivery[- ]?fail|fail(?:ed|ure) (?:delivery|notice)|returned mail"
    r"|mail delivery|unzustellbar|nicht zugestellt|zustellung|non remis|échec de la remise"
    r"|no se puede entregar|no entregado|mancato recapito|não entregue|niet bezorgd|onbestelbaar",
    re.IGNORECASE,
)
# How automatic answers begin their subject where they have no header that says so.
AUTOMATIC_SUBJECT = re.compile(
    r"(?:auto(?:matic)?[- ]?(?:reply|response)|out[- ]of[- ](?:the[- ])?office|autoreply"
    r"|automatische (?:antwort|rückmeldung)|abwesenheitsnotiz|abwesend|abwesenheit"
    r"|réponse automatique|absence du bureau|absent du bureau|respuesta automática|fuera de (?:la )?oficina"
    r"|risposta automatica|fuori sede|resposta automática|fora do escritório"
    r"|automatisch antwoord|afwezig(?:heid)?|autosvar|odpowiedź automatyczna|автоответ|自动回复"
    r"|自動返信)\s*[:：]",
    re.IGNORECASE,
)
AUTOMATIC_FIELDS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-mail-autoreply")
AUTOMATIC_PRECEDENCE = {"auto_reply", "auto-reply"}
LIST_PRECEDENCE = {"bulk", "junk", "list"}
LIST_FIELDS = ("list-id", "list-post", "list-unsubscribe", "mailing-list", "x-mailing-list")
AUTOMATIC_REPORTS = {"disposition-notification", "feedback-report"}


def find_kind(message: Message, *, sender: str, own_address: str) -> Kind:
    if is_own(message, sender, own_address):
        return Kind.OWN
    if is_bounce(message, sender):
        return Kind.BOUNCE
    if is_automatic(message):
        return Kind.AUTOMATIC
    return Kind.LIST if is_list(message) else Kind.PERSONAL


def is_own(message: Message, sender: str, own_address: str) -> bool:
    """Sent by us, also by way of somebody who sends all of our mails back."""
    if not own_address:
        return False
    looped = {clean_address(value) for value in raw_fields(message, "x-loop")}
    return own_address in {without_tag(address) for address in (sender, *looped)}


def without_tag(address: str) -> str:
    """name+tag@host as name@host."""
    local, at, host = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{host}"


def has_empty_return_path(message: Message) -> bool:
    return raw_field(message, "return-path").replace(" ", "") == "<>"


def report_type(message: Message) -> str:
    if message.get_content_type() != "multipart/report":
        return ""
    return str(message.get_param("report-type", "delivery-status")).lower()


def is_bounce(message: Message, sender: str) -> bool:
    kinds = {part.get_content_type() for part in walk(message)}
    if kinds & {"message/delivery-status", "message/global-delivery-status"}:
        return True
    if raw_field(message, "x-failed-recipients") or report_type(message) == "delivery-status":
        return True
    is_returned = has_empty_return_path(message) or RETURNED.search(read_line(message, "subject"))
    return bool(DAEMONS.match(sender) and is_returned)


def is_automatic(message: Message) -> bool:
    submitted = re.split(r"[\s;(]", raw_field(message, "auto-submitted").lower(), maxsplit=1)[0]
    suppress = raw_field(message, "x-auto-response-suppress").lower()
    return bool(
        submitted not in ("", "no")
        or re.search(r"\b(?:all|oof|autoreply)\b", suppress)
        or any(raw_field(message, name) for name in AUTOMATIC_FIELDS)
        or {raw_field(message, "precedence").lower(), raw_field(message, "preference").lower()}
        & AUTOMATIC_PRECEDENCE
        or report_type(message) in AUTOMATIC_REPORTS
        or has_empty_return_path(message)
        or is_meeting_answer(message)
        or AUTOMATIC_SUBJECT.match(read_line(message, "subject"))
    )


def is_meeting_answer(message: Message) -> bool:
    """That an invitation was accepted or declined, as calendars send it."""
    return any(
        part.get_content_type() == "text/calendar"
        and str(part.get_param("method", "")).lower() in ("reply", "counter")
        for part in walk(message)
    )


def is_list(message: Message) -> bool:
    is_bulk = raw_field(message, "precedence").lower() in LIST_PRECEDENCE
    return is_bulk or any(raw_field(message, name) for name in LIST_FIELDS)
