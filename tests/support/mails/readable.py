"""Made mails: each a behaviour of real mail programs, with what must be read from it."""

from dataclasses import dataclass, field
from typing import Any

from incoming_mail.parsing import Kind
from tests.support.mails import (
    HELPDESK,
    TEXT,
    deep,
    encoded,
    html,
    html_mail,
    mail,
    multipart,
    nested,
    part,
    photo,
    plain,
)


@dataclass(frozen=True)
class Made:
    raw: bytes
    expected: dict[str, Any] = field(default_factory=dict)


GREEN = {"text": TEXT}
WHOLE = {
    "sender": "ursula@example.edu",
    "sender_name": "Ursula Klein",
    "subject": "Lamp in H 204",
    "message_id": "<1@mail.example.edu>",
    "recipients": (HELPDESK,),
    "kind": Kind.PERSONAL,
    "problem": "",
    "text": TEXT,
    "new_text": TEXT,
}
PERSONAL = {
    "plain": Made(mail(), WHOLE),
    "CRLF": Made(
        mail("One\r\nTwo\r\n").replace(b"\n", b"\r\n"), {"text": "One\n\nTwo", "subject": "Lamp in H 204"}
    ),
    "no Date": Made(mail(Date=None), GREEN | {"written_at": None}),
    "Date of nonsense": Made(mail(Date="yesterday"), GREEN | {"written_at": None}),
    "Date in the future": Made(mail(Date="Mon, 2 Mar 2099 10:00:00 +0000"), GREEN | {"written_at": None}),
    "Date beyond any zone": Made(mail(Date="Mon, 2 Mar 2026 10:00:00 +9999"), GREEN),
    "no Message-ID": Made(mail(Message_ID=None), GREEN | {"message_id": ""}),
    "Message-ID without brackets": Made(mail(Message_ID="abc"), GREEN | {"message_id": ""}),
    "no Subject": Made(mail(Subject=None), GREEN | {"subject": ""}),
    "Subject in words": Made(mail(Subject="=?utf-8?q?Aufzug_h=C3=A4ngt?="), {"subject": "Aufzug hängt"}),
    "Subject in base64": Made(mail(Subject="=?UTF-8?B?8J+aqCBMaWZ0?="), {"subject": "🚨 Lift"}),
    "character cut between words": Made(
        mail(Subject="=?utf-8?b?w6TDtg==?= =?utf-8?b?w7w=?="), {"subject": "äöü"}
    ),
    "Subject folded": Made(
        mail(Subject="Lamp in\n H 204\n and H 205"), {"subject": "Lamp in H 204 and H 205"}
    ),
    "Subject raw UTF-8": Made(mail(Subject="Aufzug hängt"), {"subject": "Aufzug hängt"}),
    "Subject raw Latin-1": Made(mail(Subject="h\udce4ngt"), {"subject": "hängt"}),
    "Subject in an unknown charset": Made(mail(Subject="=?x-none?q?h=C3=A4?="), {"subject": "hä"}),
    "Subject in broken base64": Made(mail(Subject="=?utf-8?b?w6T?="), GREEN),
    "Subject with NUL": Made(mail(Subject="a\0b"), {"subject": "ab"}),
    "From raw UTF-8": Made(mail(From="Jörg Weiß <j@example.edu>"), {"sender_name": "Jörg Weiß"}),
    "From in words with a comma": Made(
        mail(From="=?utf-8?q?Wei=C3=9F=2C_J=C3=B6rg?= <j@example.edu>"),
        {"sender_name": "Weiß, Jörg", "sender": "j@example.edu"},
    ),
    "From quoted with a comma": Made(
        mail(From='"Klein, Ursula" <u@x.edu>'), {"sender_name": "Klein, Ursula"}
    ),
    "From bare": Made(mail(From="U@Example.EDU"), {"sender": "u@example.edu", "sender_name": ""}),
    "From with an address as name": Made(mail(From='"a@b.edu" <a@b.edu>'), {"sender_name": ""}),
    "From with a surrogate": Made(mail(From="\udcff\udcfe <a@b.edu>"), {"sender": "a@b.edu"}),
    "From international": Made(mail(From="<jörg@bücher.example>"), {"sender": "jörg@bücher.example"}),
    "UTF-8 as Latin-1": Made(
        mail("hängt".encode(), Content_Type="text/plain; charset=iso-8859-15"), {"text": "hÃ€ngt"}
    ),
    "Windows as Latin-1": Made(
        mail("„so“".encode("cp1252"), Content_Type="text/plain; charset=iso-8859-1"), {"text": "„so“"}
    ),
    "Latin-1 as UTF-8": Made(mail(b"h\xe4ngt", Content_Type="text/plain; charset=utf-8"), {"text": "hängt"}),
    "Latin-1 without charset": Made(mail(b"h\xe4ngt"), {"text": "hängt"}),
    "unknown charset": Made(mail("hängt", Content_Type="text/plain; charset=nonsense"), {"text": "hängt"}),
    "codec that is no charset": Made(
        mail(r"\ud800 h", Content_Type="text/plain; charset=unicode_escape"), {"text": r"\ud800 h"}
    ),
    "zip as charset": Made(mail(TEXT, Content_Type="text/plain; charset=zip"), GREEN),
    "windows-1251": Made(encoded("Лампа мигает", "windows-1251"), {"text": "Лампа мигает"}),
    "koi8-r": Made(encoded("Лампа мигает", "koi8-r", "base64"), {"text": "Лампа мигает"}),
    "iso-2022-jp": Made(encoded("電灯が点滅する", "iso-2022-jp"), {"text": "電灯が点滅する"}),
    "shift_jis": Made(encoded("電灯が点滅する", "shift_jis", "base64"), {"text": "電灯が点滅する"}),
    "gb2312": Made(encoded("灯坏了", "gb2312"), {"text": "灯坏了"}),
    "euc-kr": Made(encoded("전등이 깜박인다", "euc-kr"), {"text": "전등이 깜박인다"}),
    "utf-16": Made(encoded("Die Lampe", "utf-16", "base64"), {"text": "Die Lampe"}),
    "iso-8859-2": Made(encoded("Lampa bliká", "iso-8859-2"), {"text": "Lampa bliká"}),
    "quoted-printable": Made(
        mail("h=C3=A4ngt sehr=\n lange", Content_Transfer_Encoding="quoted-printable"),
        {"text": "hängt sehr lange"},
    ),
    "broken base64": Made(mail("VGhlIGxhbXAgZmxpY2tlcnMu!!", Content_Transfer_Encoding="base64"), GREEN),
    "unknown transfer encoding": Made(mail(Content_Transfer_Encoding="x-none"), GREEN),
    "NUL and controls": Made(mail("The \0lamp\x07 flickers."), GREEN),
    "no-break spaces": Made(mail("The\u00a0lamp\u202fflickers."), GREEN),
    "place in angle brackets": Made(mail("In <H-204> it is dark"), {"text": "In <H-204> it is dark"}),
    "flowed": Made(
        mail("The lamp \nflickers.\n-- \nU", Content_Type="text/plain; format=flowed"),
        {"text": "The lamp flickers.\n--\nU"},
    ),
    "flowed with deleted spaces": Made(
        mail("電灯が \n点滅", Content_Type="text/plain; charset=utf-8; format=flowed; delsp=yes"),
        {"text": "電灯が点滅"},
    ),
    "alternatives": Made(multipart("alternative", plain(), html("<p>other</p>")), GREEN),
    "alternatives, plain one empty": Made(
        multipart("alternative", plain(" "), html(f"<p>{TEXT}</p>")), GREEN
    ),
    "alternatives, HTML first": Made(multipart("alternative", html("<b>x</b>"), plain()), GREEN),
    "photo between two texts": Made(
        multipart("mixed", plain("Before."), photo(), plain("After.")),
        {"text": "Before.\n\nAfter.", "photos": 1},
    ),
    "photo between two texts of HTML": Made(
        multipart(
            "alternative",
            plain("Before. After."),
            nested("mixed", html("Before."), photo(), html("After."), boundary="b2"),
        ),
        {"text": "Before. After.", "photos": 1},
    ),
    "photo related to HTML": Made(
        multipart("related", html('<p>See</p><img src="cid:1">'), photo()), {"text": "See", "photos": 1}
    ),
    "photo alone": Made(multipart("mixed", photo()), {"text": "", "photos": 1}),
    "photo as nameless bytes": Made(
        multipart("mixed", plain(), photo("a.HEIC", "application/octet-stream")), GREEN | {"photos": 1}
    ),
    "photo empty": Made(multipart("mixed", plain(), part("image/png", b"")), GREEN | {"photos": 0}),
    "pictures that are no photos": Made(
        multipart("mixed", plain(), part('image/gif; name="logo.gif"', "x"), part("image/svg+xml", "<svg/>")),
        GREEN | {"photos": 0, "left_out": ("logo.gif", "image/svg+xml")},
    ),
    "photo named in words": Made(
        multipart("mixed", plain(), photo("=?utf-8?q?T=C3=BCr=2Epng?=")), GREEN | {"photos": 1}
    ),
    "file": Made(
        multipart("mixed", plain(), part('application/pdf; name="../etc/plan.pdf"', "x")),
        GREEN | {"left_out": ("plan.pdf",)},
    ),
    "text file": Made(
        multipart(
            "mixed", plain(), part("text/plain", "log", 'Content-Disposition: attachment; filename="a.log"')
        ),
        GREEN | {"left_out": ("a.log",)},
    ),
    "winmail.dat": Made(
        multipart("mixed", plain(), part('application/ms-tnef; name="winmail.dat"', "x")),
        GREEN | {"left_out": ("winmail.dat",)},
    ),
    "invitation": Made(
        multipart("mixed", plain(), part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR")),
        GREEN | {"left_out": ("text/calendar",)},
    ),
    "signed": Made(multipart("signed", plain(), part("application/pgp-signature", "x")), GREEN),
    "signed inline": Made(
        mail(
            f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{TEXT}\n-----BEGIN PGP SIGNATURE-----\nx\n"
        ),
        GREEN,
    ),
    "forwarded as a file": Made(
        multipart("mixed", plain(), part("message/rfc822", mail("inner"))), GREEN | {"left_out": ("a mail",)}
    ),
    "forwarded as a file, nothing else": Made(
        multipart("mixed", part("message/rfc822", mail("The inner one"))), {"text": "The inner one"}
    ),
    "no end of the parts": Made(multipart("mixed", plain()).replace(b"--b1--", b""), GREEN),
    "no boundary": Made(mail(TEXT, Content_Type="multipart/mixed"), {"problem": ""}),
    "Content-Type of nonsense": Made(mail(TEXT, Content_Type=";;=;charset"), GREEN),
    "name in a broken encoding": Made(
        multipart("mixed", plain(), part("application/pdf; name*=nonsense''%ff%fe.pdf", "x")), GREEN
    ),
    "sixty deep": Made(deep(60), GREEN),
    "mbox line first": Made(b"From ursula Mon Mar  2 10:00:00 2026\n" + mail(), WHOLE),
    "precedence of a person": Made(mail(Precedence="first-class"), GREEN),
    "submitted by a person": Made(mail(Auto_Submitted="no"), GREEN),
    "receipts suppressed": Made(mail(X_Auto_Response_Suppress="DR, RN"), GREEN),
    "car in the subject": Made(mail(Subject="Auto: Schranke klemmt"), GREEN),
    "answer to an absence": Made(mail(Subject="Re: Out of office: me"), GREEN),
    "postmaster in person": Made(mail(From="postmaster@example.org"), GREEN),
}
HTML = {
    "paragraphs": Made(html_mail("<p>One</p><p>Two<br>Three</p>"), {"text": "One\n\nTwo\nThree"}),
    "lists": Made(
        html_mail("<ul><li>a<li>b</ul><ol><li>c</li><li>d</li></ol>"), {"text": "- a\n- b\n\n1. c\n2. d"}
    ),
    "numbers are no list": Made(html_mail("2. floor - left"), {"text": "2. floor - left"}),
    "style and script": Made(
        html_mail("<head><title>t</title><style>p{}</style></head><script>x</script>Yes"), {"text": "Yes"}
    ),
    "head without an end": Made(
        html_mail("<html><head><meta charset=utf-8><title>t</title><body><p>Yes"), {"text": "Yes"}
    ),
    "picture in the HTML": Made(
        html_mail(f'<img src="data:image/png;base64,{"A" * 200_000}"><p>Yes</p>'), {"text": "Yes"}
    ),
    "hidden preview": Made(html_mail('<div style="display:none">psst</div><p>Yes</p>'), {"text": "Yes"}),
    "hidden and never closed": Made(
        html_mail('<div><span style="display:none">psst</div>Yes'), {"text": "Yes"}
    ),
    "entities": Made(html_mail("a &lt;H-204&gt;&nbsp;&auml;"), {"text": "a <H-204> ä"}),
    "link": Made(html_mail('<a href="https://x.edu/1">here</a>.'), {"text": "here (https://x.edu/1)."}),
    "table": Made(
        html_mail("<table><tr><td>Room</td><td>204</td></tr><tr><td>x</td></tr></table>"),
        {"text": "Room  204\nx"},
    ),
    "spaces": Made(html_mail("<p>a\n   b</p>\n\n\n<div><div>c</div></div>"), {"text": "a b\n\nc"}),
    "pre": Made(html_mail("<pre>a\n  b</pre>"), {"text": "a\n  b"}),
    "quote": Made(html_mail("Yes<blockquote><p>No?</p></blockquote>"), {"text": "Yes\n\n> No?"}),
    "never closed": Made(html_mail("<p>Yes <b>no <!-- "), {"text": "Yes no"}),
    "broken declaration": Made(html_mail("Yes <![if !x]>no"), {"problem": ""}),
}
