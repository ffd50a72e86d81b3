"""How the OpenAPI document names the two kinds of authentication, and what it leaves out."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class CallerScheme(OpenApiAuthenticationExtension):
    target_class = "campus_helpdesk.entrance.authentication.CallerAuthentication"
    name = ["session", "service"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        session = {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
        service = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        return [session, service]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        """Either of them."""
        return [{name: []} for name in self.name]


def drop_samples(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Removes the framework's sample addresses, which belong to another host."""
    for schema in result["components"]["schemas"].values():
        for kind in schema.get("properties", {}).values():
            kind.pop("example", None)
    return result
