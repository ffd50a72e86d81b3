from django.apps import AppConfig
from django.contrib.admin import apps
from django.db.models.signals import pre_migrate


class CampusHelpdeskConfig(AppConfig):
    name = "campus_helpdesk"
    default = True

    def ready(self) -> None:
        from analytics_gateway.result_cache import register_newest_change
        from campus_helpdesk.api import openapi  # noqa: F401  registers itself with drf-spectacular
        from campus_helpdesk.operations.releases import refuse_newer_data
        from tickets.facts import read_newest_change

        register_newest_change(read_newest_change)
        pre_migrate.connect(refuse_newer_data, sender=self)


class HelpdeskAdminConfig(apps.AdminConfig):
    default_site = "campus_helpdesk.web.admin_site.HelpdeskAdminSite"
    default = False

    def ready(self) -> None:
        """The admin has no accounts, because there are none."""
        super().ready()
        from django.contrib.admin import site
        from django.contrib.auth.models import Group, User

        site.unregister([Group, User])
