"""Photos as JSON."""

from django.urls import reverse
from rest_framework import serializers

from django_common.serializers import StrictSerializer
from messaging.attachments.models import Attachment, State
from tickets.serializers import TextField


class PhotoUpload(serializers.Serializer):
    """For the OpenAPI document: the action checks the file."""

    photo = serializers.FileField()


class RemovalInput(StrictSerializer):
    reason = TextField()


class AttachmentSerializer(serializers.ModelSerializer):
    small = serializers.SerializerMethodField()
    large = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = [
            "id", "ticket", "message", "position", "state", "reason", "width", "height", "small", "large",
            "uploaded_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_small(self, photo: Attachment) -> str | None:
        return find_path(photo, "attachment-small")

    def get_large(self, photo: Attachment) -> str | None:
        return find_path(photo, "attachment-large")


def find_path(photo: Attachment, route: str) -> str | None:
    """Where a size of the photo is; None until it is ready."""
    return reverse(route, args=[photo.pk]) if photo.state == State.READY else None
