from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Message
from tickets.read_only_admin import ReadOnlyAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Messages are append-only: read-only here."""

    list_display = ["id", "ticket_id", "author_role", "author_name", "is_internal", "sent_at"]
    list_filter = ["author_role", "is_internal"]
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
