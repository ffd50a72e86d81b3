"""Messages as JSON."""

from typing import Any

from rest_framework import serializers

from django_common.serializers import StrictSerializer
from messaging.models import Message
from tickets.serializers import TextField


class StrictBoolean(serializers.BooleanField):
    """Only true and false, not "true", 1 or null."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class MessageInput(StrictSerializer):
    body = TextField()
    is_internal = StrictBoolean(required=False)


class MessageSerializer(serializers.ModelSerializer):
    class Meta:
        model = Message
        fields = ["id", "ticket", "author_role", "author_name", "body", "is_internal", "sent_at"]
        read_only_fields = fields
