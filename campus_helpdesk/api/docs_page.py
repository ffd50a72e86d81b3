"""The API's page for programmers: the OpenAPI document, rendered here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campus_helpdesk.api.reference import read_reference


@require_safe
def show_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "docs/api.html", {"reference": read_reference()})
