"""The URLs of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from campus_helpdesk.api.docs_page import show_docs
from campus_helpdesk.web import installable
from campus_helpdesk.web.portal import feed

urlpatterns = [
    path("", include("campus_helpdesk.entrance.urls")),
    path("tickets/", include("campus_helpdesk.web.portal.urls")),
    path("feeds/open.atom", feed.show_feed, name="open_feed"),
    path("t/", include("campus_helpdesk.web.secret_link.urls")),
    path("mail/", include("campus_helpdesk.web.mail_links.urls")),
    path("desk/", include("campus_helpdesk.web.desk.urls")),
    path("photos/", include("campus_helpdesk.web.shared.photo_urls")),
    path("api/v1/", include("places.urls")),
    path("api/v1/", include("tickets.urls")),
    path("api/v1/", include("messaging.urls")),
    path("api/v1/", include("messaging.attachments.urls")),
    path("api/v1/analyses/", include("analytics_gateway.urls")),
    path("manifest.webmanifest", installable.show_manifest, name="manifest"),
    path("sw.js", installable.show_service_worker, name="service_worker"),
    path("offline/", installable.show_offline_page, name="offline"),
    path("api/schema/", SpectacularAPIView.as_view(api_version="v1"), name="schema"),
    path("api/docs/", show_docs, name="docs"),
]
if settings.ADMIN_ENABLED:
    urlpatterns.append(path("admin/", admin.site.urls))

handler400 = "campus_helpdesk.web.error_pages.answer_bad_request"
handler403 = "campus_helpdesk.web.error_pages.answer_forbidden"
handler404 = "campus_helpdesk.web.error_pages.answer_not_found"
handler500 = "campus_helpdesk.web.error_pages.answer_server_error"
