import pytest

from incoming_mail.parsing import parse_mail
from incoming_mail.parsing.quotes import cut_quotes
from tests.support.mails import html_mail
from tests.support.mails.answers import CUT, KEPT, MINE, PARTS


@pytest.mark.parametrize("name", CUT)
def test_answer_is_left_without_what_it_quotes(name):
    assert cut_quotes(CUT[name]) == MINE


@pytest.mark.parametrize("name", KEPT)
def test_text_of_ones_own_is_kept(name):
    assert cut_quotes(KEPT[name]) == KEPT[name]


@pytest.mark.parametrize("name", PARTS)
def test_answers_between_quotes_keep_their_questions(name):
    text, own = PARTS[name]
    assert cut_quotes(text) == own


GMAIL = (
    f'<div dir="ltr">{MINE}</div><br><div class="gmail_quote"><div>On Mon, Mar 2, 2026 at 10:00'
    ' Helpdesk &lt;<a href="mailto:h@example.edu">h@example.edu</a>&gt; wrote:<br></div>'
    "<blockquote>Which room?</blockquote></div>"
)
OUTLOOK = (
    f"<p>{MINE}</p><hr><div id=divRplyFwdMsg><b>Von:</b> Helpdesk<br><b>Gesendet:</b> Montag<br>"
    "<b>An:</b> Ursula<br><b>Betreff:</b> Lampe</div><div><p>Welcher Raum?</p></div>"
)


@pytest.mark.parametrize("html", [GMAIL, OUTLOOK])
def test_answer_in_html_is_cut_beside_its_whole_text(html):
    found = parse_mail(html_mail(html))
    assert found.new_text == MINE
    assert "Helpdesk" in found.text
