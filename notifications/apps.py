from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from messaging.signals import message_posted, texts_blanked
        from notifications import desk_notices, events
        from tickets.signals import ticket_moved, ticket_opened, ticket_unmerged

        message_posted.connect(events.announce_message)
        ticket_opened.connect(desk_notices.announce_ticket)
        ticket_moved.connect(events.announce_move)
        ticket_unmerged.connect(events.take_back_merge)
        texts_blanked.connect(events.forget_tickets)
