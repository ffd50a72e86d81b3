"""The texts that a ticket or a message gets from a mail."""

from django_common.text_validation import MAX_TEXT_LENGTH, is_visible
from incoming_mail.addresses import hide_tags
from incoming_mail.parsing import ParsedMail
from incoming_mail.parsing.mail import plain_subject
from incoming_mail.parsing.quotes import find_own_text

LONGER = "\n[...]"
ONLY_PHOTOS = "Sent with photos only."


def has_visible(text: str) -> bool:
    return any(map(is_visible, text))


def describe(
    mail: ParsedMail, left_out: list[str], *, is_answer: bool = False, follows: int | None = None
) -> str:
    """A report as people write it: what it is about, then the text.

    is_answer: to a closed ticket, of which others may read nothing any more: without what it quotes. follows:
    the number of that ticket, if its sender may name it.
    """
    subject, text = plain_subject(mail.subject), find_own_text(mail.text) if is_answer else mail.text
    repeated = text.casefold().startswith(subject.casefold())
    parts = [text] if repeated else [subject, text]
    if not has_visible(subject + text) and mail.photos:
        parts = [ONLY_PHOTOS]
    notes = [f"This follows ticket {follows}, which is closed."] if follows else []
    return join(parts, [*notes, *name_left_out(left_out)])


def describe_answer(mail: ParsedMail, left_out: list[str]) -> str:
    text = mail.new_text if has_visible(mail.new_text) else ONLY_PHOTOS if mail.photos else ""
    return join([text], name_left_out(left_out))


def name_left_out(names: list[str]) -> list[str]:
    return [f"Files that were not taken over: {', '.join(names)}"] if names else []


def join(parts: list[str], notes: list[str]) -> str:
    """At most as long as a text may be; the notes are never cut."""
    note = "\n\n".join(notes)[: MAX_TEXT_LENGTH // 2]
    space = MAX_TEXT_LENGTH - len(note) - 2
    text = hide_tags("\n\n".join(part.strip() for part in parts if has_visible(part)))
    if len(text) > space:
        text = text[: space - len(LONGER)].rstrip() + LONGER
    return "\n\n".join(filter(None, [text, note]))
