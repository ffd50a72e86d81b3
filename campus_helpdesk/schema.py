"""How the OpenAPI document names the two ways to be known."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class CallerScheme(OpenApiAuthenticationExtension):
    target_class = "campus_helpdesk.door.authentication.CallerAuthentication"
    name = ["door", "service"]

    def get_security_definition(self, auto_schema) -> list[dict]:
        door = {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
        service = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        return [door, service]

    def get_security_requirement(self, auto_schema) -> list[dict]:
        """Either of them."""
        return [{name: []} for name in self.name]
