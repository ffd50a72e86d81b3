"""Bytes of a mail -> ParsedMail. Without Django; never raises, whatever the bytes are."""

from incoming_mail.parsing.kinds import Kind
from incoming_mail.parsing.mail import ParsedMail, parse_mail
from incoming_mail.parsing.parts import Photo

__all__ = ["Kind", "ParsedMail", "Photo", "parse_mail"]
