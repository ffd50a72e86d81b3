from django.apps import AppConfig


class IncomingMailConfig(AppConfig):
    name = "incoming_mail"

    def ready(self) -> None:
        from incoming_mail.redaction import forget_mails
        from messaging.signals import texts_blanked

        texts_blanked.connect(forget_mails)
