"""Rows: what is sent to whom, and which addresses get news of which ticket."""

from uuid import uuid4

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper

MAX_ERROR_LENGTH = 300


class Subscription(models.Model):
    """An e-mail address that gets news of a ticket, once the link in a mail to it has confirmed it.

    browser, session: of who gave the address, as in Caller; what they do themselves is no news to them. link:
    a secret link of its own, for its mails. brought_by: the merged ticket that brought it to the kept one.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="subscriptions")
    address = models.EmailField()
    browser = models.CharField(max_length=64, blank=True, editable=False)
    session = models.CharField(max_length=64, blank=True, editable=False)
    is_reporters = models.BooleanField(default=False)
    link = models.ForeignKey("tickets.SecretLink", on_delete=models.SET_NULL, null=True, related_name="+")
    brought_by = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("ticket", Upper("address"), name="subscription_once_an_address")
        ]
        indexes = [models.Index(Upper("address"), name="subscription_by_address")]

    def __str__(self) -> str:
        return f"Subscription {self.pk} of ticket {self.ticket_id}"


class Kind(models.TextChoices):
    CONFIRMATION = "confirmation", "Link to confirm"
    NEWS = "news", "News for"
    NEW_TICKET = "new_ticket", "New ticket for"
    DIGEST = "digest", "Digest for"


class Channel(models.TextChoices):
    MAIL = "mail", "Mail"


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    FAILED = "failed", "Refused"
    GIVEN_UP = "given_up", "Given up"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> "DeliveryQuerySet":
        return self.filter(state=State.WAITING)

    def due(self) -> "DeliveryQuerySet":
        return self.waiting().filter(next_try_at__lte=Now())

    def collecting(self) -> "DeliveryQuerySet":
        """Not tried yet: what happens until then is sent along."""
        return self.waiting().filter(kind=Kind.NEWS, attempts=0)


class Delivery(models.Model):
    """One thing to send to one recipient on one channel. Its text is stored nowhere: it is written anew for
    each attempt, so that it never says more than the recipient may see then.

    events: what it tells, in order, as `notifications.events` writes it. next_try_at: while an attempt runs,
    when another one may begin. give_up_at: of a later failure no further attempt follows.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.MAIL)
    recipient = models.EmailField()
    ticket = models.ForeignKey(
        "tickets.Ticket", on_delete=models.PROTECT, null=True, related_name="deliveries"
    )
    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, null=True, related_name="deliveries"
    )
    events = models.JSONField(default=list, blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=MAX_ERROR_LENGTH, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    next_try_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state=State.WAITING), name="delivery_to_send"),
            models.Index(Upper("recipient"), "created_at", name="delivery_by_recipient"),
            models.Index(fields=["created_at", "id"], name="delivery_by_age"),
            models.Index(fields=["state", "created_at", "id"], name="delivery_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(state=State.WAITING, kind=Kind.NEWS, attempts=0),
                name="one_collecting_delivery",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False)
                | (~Q(state=State.SENT) & Q(sent_at__isnull=True)),
                name="delivery_sent_iff_sent_at",
            ),
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"


class NotificationSettings(models.Model):
    """What the helpdesk gets by mail: one row. Without addresses nothing is sent."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    new_ticket_addresses = models.TextField(
        "new tickets to", blank=True, help_text="E-mail addresses, one a line: each new ticket at once."
    )
    digest_addresses = models.TextField(
        "morning digest to",
        blank=True,
        help_text="E-mail addresses, one a line: once a day, what waits and for how long.",
    )
    digest_hour = models.PositiveSmallIntegerField(
        default=7, validators=[MaxValueValidator(23)], help_text="Campus time."
    )

    class Meta:
        verbose_name_plural = "notification settings"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_notification_settings")]

    def __str__(self) -> str:
        return "Notification settings"

    @classmethod
    def read(cls) -> "NotificationSettings":
        return cls.objects.first() or cls()
