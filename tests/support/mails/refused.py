"""Made mails: what no person wrote to the helpdesk, and what cannot be read."""

import base64

from incoming_mail.parsing import Kind
from tests.support.mails import (
    HELPDESK,
    bounce,
    deep,
    mail,
    multipart,
    nested,
    part,
    plain,
)
from tests.support.mails.readable import Made

FAILED = b"Reporting-MTA: dns; mx.example.edu\n\nFinal-Recipient: rfc822; gone@example.org\nAction: failed\n"
DELAYED = FAILED.replace(b"failed", b"delayed")
GLOBAL = "Reporting-MTA: dns; mx\n\nFinal-Recipient: utf-8; jörg@example.org\nAction: failed\n".encode()
GLOBAL_ESCAPED = (
    rb"Reporting-MTA: dns; mx" b"\n\n" rb"Final-Recipient: utf-8; j\x{F6}rg@example.org" b"\nAction: failed\n"
)

NOT_PERSONAL = {
    "RFC 3834": (Kind.AUTOMATIC, {"Auto_Submitted": "auto-replied"}),
    "Zimbra": (Kind.AUTOMATIC, {"Auto_Submitted": "auto-replied (zimbra; vacation)"}),
    "Google": (Kind.AUTOMATIC, {"Auto_Submitted": "auto-replied; owner-email=u@example.edu"}),
    "a program": (Kind.AUTOMATIC, {"Auto_Submitted": "auto-generated"}),
    "Exchange": (Kind.AUTOMATIC, {"X_Auto_Response_Suppress": "All"}),
    "Exchange, some": (Kind.AUTOMATIC, {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"}),
    "X-Autoreply": (Kind.AUTOMATIC, {"X_Autoreply": "yes"}),
    "X-Autorespond": (Kind.AUTOMATIC, {"X_Autorespond": "Vacation"}),
    "Precedence auto_reply": (Kind.AUTOMATIC, {"Precedence": "auto_reply"}),
    "empty envelope sender": (Kind.AUTOMATIC, {"Return_Path": "<>"}),
    "English absence": (Kind.AUTOMATIC, {"Subject": "Out of Office: Lamp"}),
    "automatic reply": (Kind.AUTOMATIC, {"Subject": "Automatic reply: Lamp"}),
    "German absence": (Kind.AUTOMATIC, {"Subject": "Abwesenheitsnotiz: Lampe"}),
    "French absence": (Kind.AUTOMATIC, {"Subject": "=?utf-8?q?R=C3=A9ponse_automatique?= : Lampe"}),
    "Spanish absence": (Kind.AUTOMATIC, {"Subject": "Respuesta automática: Lámpara"}),
    "Dutch absence": (Kind.AUTOMATIC, {"Subject": "Automatisch antwoord: Lamp"}),
    "Chinese absence": (Kind.AUTOMATIC, {"Subject": "自动回复：灯"}),
    "list": (Kind.LIST, {"List_Id": "<staff.example.edu>"}),
    "newsletter": (Kind.LIST, {"List_Unsubscribe": "<https://example.edu/u>"}),
    "bulk": (Kind.LIST, {"Precedence": "bulk"}),
    "junk": (Kind.LIST, {"Precedence": "Junk"}),
    "list precedence": (Kind.LIST, {"Precedence": "list"}),
    "our address": (Kind.OWN, {"From": f"Helpdesk <{HELPDESK}>"}),
    "our address with a tag": (Kind.OWN, {"From": "helpdesk+12-abc@example.edu"}),
    "sent back to us": (Kind.OWN, {"X_Loop": HELPDESK}),
    "qmail": (Kind.BOUNCE, {"From": "MAILER-DAEMON@mx", "Subject": "failure notice"}),
    "German server": (Kind.BOUNCE, {"From": "postmaster@x.de", "Subject": "Unzustellbar: Lampe"}),
    "daemon without envelope": (
        Kind.BOUNCE,
        {"From": "Mailer-Daemon@x.de", "Return_Path": "<>", "Subject": "x"},
    ),
}
REPORTS = {
    "bounce": Made(bounce(FAILED), {"kind": Kind.BOUNCE, "bounced": ("gone@example.org",)}),
    "bounce of two": Made(
        bounce(FAILED + b"\nFinal-Recipient: rfc822; <too@example.org>\nAction: FAILED\n"),
        {"kind": Kind.BOUNCE, "bounced": ("gone@example.org", "too@example.org")},
    ),
    "delay": Made(bounce(DELAYED), {"kind": Kind.BOUNCE, "bounced": ()}),
    "bounce, international": Made(
        bounce(GLOBAL, "message/global-delivery-status"),
        {"kind": Kind.BOUNCE, "bounced": ("jörg@example.org",)},
    ),
    "bounce, international, escaped": Made(
        bounce(GLOBAL_ESCAPED, "message/global-delivery-status"),
        {"kind": Kind.BOUNCE, "bounced": ("jörg@example.org",)},
    ),
    "bounce, international, encoded": Made(
        bounce(
            base64.encodebytes(GLOBAL),
            "message/global-delivery-status\nContent-Transfer-Encoding: base64",
        ),
        {"kind": Kind.BOUNCE, "bounced": ("jörg@example.org",)},
    ),
    "bounce of Exim": Made(
        mail(From="Mailer-Daemon@x", X_Failed_Recipients="a@x.org, b@x.org"),
        {"kind": Kind.BOUNCE, "bounced": ("a@x.org", "b@x.org")},
    ),
    "receipt": Made(
        multipart("report", plain("Read."), more="; report-type=disposition-notification"),
        {"kind": Kind.AUTOMATIC},
    ),
    "complaint": Made(
        multipart("report", plain("Spam."), more="; report-type=feedback-report"), {"kind": Kind.AUTOMATIC}
    ),
    "meeting accepted": Made(
        multipart("mixed", plain(), part("text/calendar; method=REPLY", "x")), {"kind": Kind.AUTOMATIC}
    ),
}
UNREADABLE = {
    "nothing": b"",
    "blank lines": b"\n\n\n",
    "no header": b"The lamp flickers.",
    "NUL": b"\0" * 1000,
    "binary": bytes(range(256)) * 20,
    "no sender": mail(From=None),
    "sender of nonsense": mail(From="somebody"),
    "two senders": mail(From="a@example.edu, b@example.edu"),
    "two fields From": mail(From="a@example.edu\nFrom: b@example.edu"),
    "encrypted": multipart("encrypted", part("application/pgp-encrypted", "Version: 1")),
    "encrypted inline": mail("-----BEGIN PGP MESSAGE-----\nx\n-----END PGP MESSAGE-----"),
    "encrypted by S/MIME": mail("x", Content_Type="application/pkcs7-mime; smime-type=enveloped-data"),
    "three hundred deep": deep(300),
    "three thousand deep": deep(3000),
    "mails in mails": mail(Content_Type="message/rfc822\n\nContent-Type: message/rfc822\n\n" * 3000),
    "a million parts": mail("--b\n\n" * 1_000_000, Content_Type="multipart/mixed; boundary=b"),
    "a million headers": b"X: 1\n" * 1_000_000 + mail(),
    "two million lines": mail(b"a\n" * 2_000_000),
    "many parts": multipart("mixed", *[nested("mixed", plain(), boundary=f"p{n}") for n in range(250)]),
}
