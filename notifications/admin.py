"""Whether and where the helpdesk gets mail."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from common.errors import Invalid
from notifications.models import NotificationSettings
from notifications.subscriptions import clean_address
from tickets.read_only_admin import ReadOnlyAdmin


class NotificationSettingsForm(forms.ModelForm):
    class Meta:
        model = NotificationSettings
        fields = ["new_ticket_addresses", "digest_addresses", "digest_hour"]

    def clean_new_ticket_addresses(self) -> str:
        return clean_addresses(self.cleaned_data["new_ticket_addresses"])

    def clean_digest_addresses(self) -> str:
        return clean_addresses(self.cleaned_data["digest_addresses"])


def clean_addresses(text: str) -> str:
    """One a line, each once. Raises ValidationError."""
    try:
        addresses = [clean_address(line) for line in text.split()]
    except Invalid:
        raise ValidationError("Enter e-mail addresses like name@example.edu, one a line.") from None
    return "\n".join(dict.fromkeys(addresses))


@admin.register(NotificationSettings)
class NotificationSettingsAdmin(ReadOnlyAdmin):
    form = NotificationSettingsForm
    list_display = ["__str__", "new_ticket_addresses", "digest_addresses", "digest_hour"]

    def log_change(  # type: ignore[override]  # logs nothing
        self, request: HttpRequest, obj: NotificationSettings, message: object
    ) -> None:
        """Nothing: Django's log would need a stored user."""
