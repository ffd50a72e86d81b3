"""The admin is open for the helpdesk role, without another login and without accounts."""

from functools import wraps

from django.contrib.admin import AdminSite
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from campus_helpdesk.entrance.guards import redirect_to_entrance
from campus_helpdesk.entrance.unsent import read_fields
from common.errors import NotAllowed
from tickets.access import may


class HelpdeskAdminUser(AnonymousUser):
    """What Django's admin needs to see of a helpdesk caller. Never stored."""

    is_active = is_staff = True

    def __init__(self, name: str):
        super().__init__()
        self.username = name or "Helpdesk"

    def get_username(self) -> str:
        return self.username

    get_short_name = get_username
    is_authenticated = True

    def has_usable_password(self) -> bool:
        return False

    def has_perm(self, perm, obj=None) -> bool:
        return True

    def has_module_perms(self, module) -> bool:
        return True


class HelpdeskAdminSite(AdminSite):
    site_header = "Campus Helpdesk: corrections"
    site_title = "Campus Helpdesk"
    index_title = "Corrections"
    site_url = "/desk/"
    final_catch_all_view = False  # an address that is not its own is answered like any other

    def has_permission(self, request: HttpRequest) -> bool:
        caller = request.caller
        if caller is None or not may(caller, "repair"):
            return False
        request.user = HelpdeskAdminUser(caller.name)
        return True

    def admin_view(self, view, cacheable=False):
        """A form that arrives without a role is kept by the entrance, not dropped."""
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def entered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if request.caller is None and read_fields(request):
                return redirect_to_entrance(request)
            return guarded(request, *args, **kwargs)

        return entered

    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """There is no login: without a role to the entrance, with the wrong role a refusal."""
        if request.caller is None:
            return redirect_to_entrance(request, next_url=request.GET.get("next", ""))
        raise NotAllowed("Only the helpdesk corrects data here.")

    def logout(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        return redirect("entrance:choose_role")

    def get_urls(self):
        """No passwords; no "view on site": our rows have none, and it fails for types without a table."""
        hidden = {"password_change", "password_change_done", "view_on_site"}
        return [url for url in super().get_urls() if getattr(url, "name", None) not in hidden]
