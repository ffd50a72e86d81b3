"""A delivered mail as a mail program shows it."""

import pytest
from django.db.models.functions import Now
from playwright.sync_api import Browser

from messaging.actions import post_message
from notifications.models import Delivery
from notifications.sending import send_due
from tests.support.factories import HELPDESK, make_ticket
from tests.support.mail_servers import mail_server, make_subscription

SHADES = """() => ["body", ".card", ".message", ".button"].map((part) => {
  const style = getComputedStyle(document.querySelector(part));
  return [style.color, style.backgroundColor];
})"""


@pytest.fixture
def mail(settings) -> str:
    ticket = make_ticket("active", description=f"The lift is stuck {'w' * 100}")
    make_subscription(ticket)
    post_message(ticket, by=HELPDESK, body=f"A technician is on the way.\n\n{'x' * 200}")
    Delivery.objects.update(next_try_at=Now())
    with mail_server(settings) as mailbox:
        assert send_due() == 1
    return mailbox.mails[0].get_body(("html",)).get_content()


@pytest.mark.parametrize("width", [360, 1440])
def test_delivered_mail_fits_and_follows_the_theme(mail, browser: Browser, width):
    shades = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
        page = context.new_page()
        page.set_content(mail)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.get_by_text("A technician is on the way.").is_visible()
        assert "/t/" in page.get_by_role("link", name="Read and answer").get_attribute("href")
        shades[scheme] = page.evaluate(SHADES)
        context.close()
    assert all(light != dark for light, dark in zip(shades["light"], shades["dark"], strict=True))
