"""Serializers of request bodies."""

from typing import Any

from rest_framework import serializers

from common.errors import invalid_from


class InputSerializer(serializers.Serializer):
    @classmethod
    def read(cls, data: object) -> dict[str, Any]:
        """The validated fields. Raises Invalid."""
        serializer = cls(data=data)
        if not serializer.is_valid():
            raise invalid_from(serializer.errors)
        return dict(serializer.validated_data)


class StrictSerializer(InputSerializer):
    """Refuses unknown fields: nobody sets status or dates, and typing errors are reported."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError(
                {name: ["This field cannot be set."] for name in sorted(unknown)}
            )
        return super().to_internal_value(data)
