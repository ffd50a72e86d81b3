from django.apps import AppConfig
from django.contrib.admin import apps


class CampusHelpdeskConfig(AppConfig):
    name = "campus_helpdesk"
    default = True


class HelpdeskAdminConfig(apps.AdminConfig):
    default_site = "campus_helpdesk.admin_site.HelpdeskAdminSite"
    default = False
