"""What the strict policy requires of every template, and what an error page must not need."""

import re

import pytest
from django.conf import settings
from django.template.loader import render_to_string

WEB = settings.WEB_DIR
TEMPLATES = sorted(WEB.rglob("*.html"))
INLINE = re.compile(r"\sstyle=|<style|\son[a-z]+=|hx-on|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_template_has_no_inline_style_or_script_and_marks_nothing_safe(path):
    text = path.read_text()
    assert not INLINE.search(text)
    assert not re.search(r"\|\s*(safe|xmlattr|tojson)\b", text)
    assert "autoescape" not in text


def test_error_page_needs_neither_database_nor_request(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        page = render_to_string("errors/problem.html", {"status": 500, "title": "Fault", "detail": "Ours."})
    assert "Fault" in page
    assert "csrfmiddlewaretoken" not in page
