from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    name = "messaging.attachments"

    def ready(self) -> None:
        from messaging.attachments.actions import attach_to_report
        from tickets.signals import ticket_opened

        ticket_opened.connect(attach_to_report)
