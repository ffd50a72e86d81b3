import re

from campus_helpdesk.api.reference import Piece, describe_kind, read_reference
from tests.support.pages import text_of

ADDRESS = "/api/docs/"


def test_docs_page_shows_every_operation_and_type_with_an_anchor(nobody, db):
    page = text_of(nobody.get(ADDRESS))
    reference = read_reference()
    operations = [operation for group in reference.subjects.values() for operation in group]
    assert len(operations) > 20
    for operation in operations:
        assert f'<a href="#{operation.method}-{operation.path}">' in page
        assert f'id="{operation.method}-{operation.path}"' in page
    anchors = set(re.findall('href="#(type-[^"]+)"', page))
    assert anchors <= set(re.findall('id="(type-[^"]+)"', page))
    assert anchors >= {"type-Ticket", "type-TicketInputRequest"}


def test_docs_page_and_document_contain_no_other_host(nobody, db):
    document = text_of(nobody.get("/api/schema/"))
    assert "http://" not in document
    assert "http" not in re.sub(
        "https?://testserver", "", text_of(nobody.get(ADDRESS)).replace("<!doctype", "")
    )


def test_docs_page_is_small_and_has_no_script(nobody, db):
    page = nobody.get(ADDRESS).content
    assert len(page) < 150_000
    assert {*re.findall(rb'src="([^"]+)"', page)} == {*re.findall(rb'src="([^"]+)"', nobody.get("/").content)}


def test_every_page_links_to_the_docs_page(nobody, user, helpdesk, db):
    for client, path in (
        (nobody, "/"),
        (user, "/tickets/"),
        (helpdesk, "/desk/"),
        (helpdesk, "/desk/quality/"),
    ):
        assert f'<footer class="foot"><a href="{ADDRESS}">' in text_of(client.get(path))


def test_types_are_described_as_text():
    ticket, text = {"$ref": "#/components/schemas/Ticket"}, {"type": "string"}
    words = {
        "Ticket or null": {"allOf": [ticket], "nullable": True},
        "list of list of string": {"type": "array", "items": {"type": "array", "items": text}},
        "object of Ticket": {"type": "object", "additionalProperties": ticket},
        "object": {"type": "object", "additionalProperties": {}},
        "string or number": {"oneOf": [text, {"type": "number"}]},
        "2 | 9 | 10": {"type": "integer", "enum": ["10", "2", "9"]},
        "integer, from 1, to 3": {"type": "integer", "minimum": 1, "maximum": 3},
        "{service: a, days?: integer}": {
            "properties": {"service": {"enum": ["a"]}, "days": {"type": "integer"}},
            "required": ["service"],
        },
    }
    assert {"".join(piece.text for piece in describe_kind(kind)): kind for kind in words.values()} == words
    assert describe_kind(ticket) == [Piece("Ticket", "Ticket")]


def test_parameters_have_their_location():
    (create,) = [
        operation for operation in read_reference().subjects["tickets"] if operation.method == "PATCH"
    ]
    assert [(field.name, field.location, field.is_required) for field in create.parameters] == [
        ("If-Match", "header", False),
        ("id", "path", True),
    ]
