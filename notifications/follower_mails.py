"""The mails to followers, and the personal addresses in them."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from common.roles import Role
from incoming_mail.addresses import make_reply_address
from messaging.models import Message
from notifications.channels.mail import Mail
from notifications.models import Delivery, Subscription
from notifications.outbox import make_message_id
from notifications.rendering import WrittenMessage, format_moment, name_author, one_line, render_mail
from notifications.tokens import CONFIRMING, sign_confirmation, sign_ending, site_token
from tickets.access import VISIBLE_STATUSES, link_shows_conversation
from tickets.following.secrets import derive_secret, digest_secret
from tickets.models import Ticket

HIDDEN_ADDRESS = "(an address that only the recipient gets)"
SENTENCES = {
    "activated": "The helpdesk has taken up ticket {pk}. It is active now.",
    "closed": "The helpdesk has closed ticket {pk}.",
    "merged": "The helpdesk has closed ticket {pk} as a duplicate{of}.",
}


@dataclass(frozen=True)
class Addresses:
    """The personal addresses in a mail. is_hidden: for the helpdesk, which reads it without them."""

    is_hidden: bool = False

    def confirm(self, subscription: Subscription) -> str:
        return self.show(reverse("mail:confirm", args=[sign_confirmation(subscription.pk)]))

    def unsubscribe(self, subscription: Subscription) -> str:
        return self.show(reverse("mail:unsubscribe", args=[sign_ending(subscription.pk)]))

    def ticket(self, subscription: Subscription) -> str:
        """By the subscription's secret link; if that was revoked, where users see the ticket. Empty if they
        do not."""
        if secret := find_secret(subscription):
            return self.show(reverse("link:ticket", args=[secret]))
        ticket = subscription.ticket
        if not is_visible(ticket):
            return ""
        return settings.SITE_URL + reverse("portal:ticket", args=[ticket.pk])

    def show(self, path: str) -> str:
        return HIDDEN_ADDRESS if self.is_hidden else settings.SITE_URL + path


def subscription_of(delivery: Delivery) -> Subscription:
    """Raises DoesNotExist if it was ended meanwhile."""
    return Subscription.objects.select_related("ticket", "link").get(deliveries=delivery)


def write_confirmation(delivery: Delivery, addresses: Addresses) -> Mail:
    """It says nothing of the ticket: the address may be a stranger's."""
    subscription = subscription_of(delivery)
    pk = subscription.ticket_id
    context = {
        "heading": "Confirm your e-mail address",
        "sentences": [f"Somebody asked for news of ticket {pk} at this address. If it was you, confirm it."],
        "action": ("Confirm the address", addresses.confirm(subscription)),
        "footer": f"The link works for {CONFIRMING.days} days. If it was not you, ignore this mail: "
        "nothing else will be sent to you, and your address is erased.",
    }
    return render_mail(f"Confirm your address for news of ticket {pk}", context)


def write_news(delivery: Delivery, addresses: Addresses) -> Mail:
    """Of a closed ticket no more than that it was closed."""
    subscription = subscription_of(delivery)
    ticket, unsubscribe = subscription.ticket, addresses.unsubscribe(subscription)
    what_to_do = "See the ticket" if ticket.is_closed else "Read and answer"
    context = {
        "heading": write_subject(ticket),
        "sentences": write_sentences(delivery, ticket),
        "messages": read_messages(delivery, ticket) if is_visible(ticket) else [],
        "action": (what_to_do, addresses.ticket(subscription)),
        "footer": f"You get this because you asked for news of ticket {ticket.pk}.",
        "unsubscribe": unsubscribe,
    }
    thread = make_message_id(f"ticket-{ticket.pk}-{subscription.pk.hex}")
    headers = {
        "In-Reply-To": thread,
        "References": thread,
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return render_mail(write_subject(ticket), context, headers | write_reply_address(ticket))


def write_reply_address(ticket: Ticket) -> dict[str, str]:
    """Answers become messages, if the helpdesk takes mail and the ticket takes messages."""
    address = "" if ticket.is_closed else make_reply_address(ticket.pk)
    return {"Reply-To": address} if address else {}


def write_subject(ticket: Ticket) -> str:
    """The same in all mails of a ticket, so that mail programs keep them together."""
    if not link_shows_conversation(ticket):
        return f"Ticket {ticket.pk}"
    return one_line(f"Ticket {ticket.pk}: {ticket.summary}")


def read_messages(delivery: Delivery, ticket: Ticket) -> list[WrittenMessage]:
    numbers = [event["message"] for event in delivery.events if event["verb"] == "messaged"]
    messages = Message.objects.visible_to(Role.USER).filter(ticket=ticket, pk__in=numbers)
    return [write_message(message) for message in messages]


def write_message(message: Message) -> WrittenMessage:
    author = name_author(message.author_name, message.author_role)
    return WrittenMessage(author, format_moment(message.sent_at), message.body)


def write_sentences(delivery: Delivery, ticket: Ticket) -> list[str]:
    """What happened, in order; all messages in one sentence."""
    roles = {event["role"] for event in delivery.events if event["verb"] == "messaged"}
    answered = "The helpdesk has answered." if Role.HELPDESK in roles else "There is a new message."
    verbs = dict.fromkeys(event["verb"] for event in delivery.events)
    return [answered if verb == "messaged" else describe_move(verb, ticket) for verb in verbs]


def describe_move(verb: str, ticket: Ticket) -> str:
    kept = ticket.merged_into if verb == "merged" else None
    of = f" of ticket {kept.pk}. From now on you get news of that ticket" if kept and is_visible(kept) else ""
    return SENTENCES[verb].format(pk=ticket.pk, of=of)


def is_visible(ticket: Ticket) -> bool:
    """To users, as whom all followers read."""
    return ticket.status in VISIBLE_STATUSES[Role.USER]


def find_secret(subscription: Subscription) -> str:
    """Of the subscription's own link; empty if it was revoked, or SECRET_KEY was another one."""
    link = subscription.link
    if link is None or link.revoked_at:
        return ""
    secret = derive_secret(site_token(), link.nonce)
    return secret if digest_secret(secret) == link.digest else ""
