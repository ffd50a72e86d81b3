"""What makes the site an app on a phone: its manifest, its service worker and the page shown offline.

All three are equal for everyone and contain nothing of tickets.
"""

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

STATIC = Path(settings.WEB_DIR) / "static"
OFFLINE_TEMPLATE = Path(settings.WEB_DIR) / "templates/installable/offline.html"
# What the page shown offline consists of.
OFFLINE_FILES = ("campus.css", "campus.svg", "drafts.js", "send_later.js")
COLOUR = "#4549b8"


@require_safe
def show_manifest(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {
            "id": "/",
            "name": "Campus Helpdesk",
            "short_name": "Helpdesk",
            "description": "Report what is broken or bad on the campus.",
            "lang": "en",
            "start_url": reverse("portal:list"),
            "scope": "/",
            "display": "standalone",
            "background_color": COLOUR,
            "theme_color": COLOUR,
            "icons": [
                describe_icon("icons/192.png", "192x192", "any"),
                describe_icon("icons/512.png", "512x512", "any"),
                describe_icon("icons/maskable.png", "512x512", "maskable"),
            ],
            "shortcuts": [{"name": "Report a problem", "url": reverse("portal:report")}],
        },
        content_type="application/manifest+json",
    )


def describe_icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
    return {"src": static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}


@require_safe
def show_service_worker(request: HttpRequest) -> HttpResponse:
    """A browser installs it again as soon as one of its bytes differs: with every release."""
    return HttpResponse(read_service_worker(), content_type="text/javascript")


@lru_cache
def read_service_worker() -> str:
    """The script, after the constant that names what it caches."""
    files = [STATIC / name for name in ("service_worker.js", *OFFLINE_FILES)]
    digest = sha256(b"".join(file.read_bytes() for file in (*files, OFFLINE_TEMPLATE))).hexdigest()
    release = {
        "cache": f"release-{digest[:16]}",
        "offlinePage": reverse("offline"),
        "files": [static(name) for name in OFFLINE_FILES],
    }
    return f"const RELEASE = {json.dumps(release)};\n{files[0].read_text('utf-8')}"


@require_safe
def show_offline_page(request: HttpRequest) -> HttpResponse:
    return render(request, "installable/offline.html")
