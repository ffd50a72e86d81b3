"""Light or dark: the browser remembers the choice. Without one the system decides."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

THEMES = ("light", "dark")
A_YEAR = 365 * 24 * 3600


def theme(request: HttpRequest) -> dict[str, str]:
    """For all pages: one of the two, or empty if the system decides."""
    chosen = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return {"theme": chosen if chosen in THEMES else ""}


def remember_theme(response: HttpResponse, chosen: str) -> None:
    """Any other value follows the system again."""
    name = settings.THEME_COOKIE_NAME
    if chosen in THEMES:
        response.set_cookie(name, chosen, A_YEAR, samesite="Lax", httponly=True, secure=settings.IS_TLS)
    else:
        response.delete_cookie(name)
