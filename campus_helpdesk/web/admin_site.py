"""The admin is open for the helpdesk role, without another login and without accounts."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver

from campus_helpdesk.entrance.guards import redirect_to_entrance
from campus_helpdesk.entrance.unsent import read_fields
from common.errors import NotAllowed
from django_common.requests import CampusRequest
from tickets.access import may

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class HelpdeskAdminUser(AnonymousUser):
    """What Django's admin needs to see of a helpdesk caller. Never stored.

    Types are ignored where the stubs allow an anonymous user one value only.
    """

    is_active = is_staff = True  # type: ignore[assignment]  # only False

    def __init__(self, name: str):
        super().__init__()
        self.username = name or "Helpdesk"  # type: ignore[assignment]  # only ""

    def get_username(self) -> str:
        return self.username

    get_short_name = get_username
    is_authenticated = True  # type: ignore[assignment]  # only False

    def has_usable_password(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: Model | None = None) -> bool:
        return True

    def has_module_perms(self, module: str) -> bool:
        return True


class HelpdeskAdminSite(AdminSite):
    site_header = "Campus Helpdesk: corrections"
    site_title = "Campus Helpdesk"
    index_title = "Corrections"
    site_url = "/desk/"
    final_catch_all_view = False  # an address that is not its own is answered like any other

    def has_permission(self, request: HttpRequest) -> bool:
        caller = cast(CampusRequest, request).caller
        if caller is None or not may(caller, "repair"):
            return False
        request.user = HelpdeskAdminUser(caller.name)
        return True

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """A form that arrives without a role is kept by the entrance, not dropped."""
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def entered(request: CampusRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.caller is None and read_fields(request):
                return redirect_to_entrance(request)
            return guarded(request, *args, **kwargs)

        return cast(View, entered)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is no login: without a role to the entrance, with the wrong role a refusal."""
        campus_request = cast(CampusRequest, request)
        if campus_request.caller is None:
            return redirect_to_entrance(campus_request, next_url=request.GET.get("next", ""))
        raise NotAllowed("Only the helpdesk may correct data.")

    def logout(  # type: ignore[override]  # another page instead of one that says so
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("entrance:choose_role")

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """No passwords; no "view on site": rows here have no page, and it fails for types without a table."""
        hidden = {"password_change", "password_change_done", "view_on_site"}
        return [url for url in super().get_urls() if getattr(url, "name", None) not in hidden]
