"""Photos over HTTP. Order of refusals: 401, 404, 403, 409, 400.

A photo is uploaded under an Idempotency-Key; the report or message sent with the same key takes it along.
"""

from collections.abc import Iterable
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import Invalid
from django_common.pagination.keyset_pagination import KeysetPagination
from django_common.requests import get_caller
from django_common.strict_filters import FilterBackend, PagingFilter
from messaging.attachments.actions import remove_photo, stage_photo, withdraw
from messaging.attachments.files import name_of
from messaging.attachments.models import Attachment, State
from messaging.attachments.serializers import AttachmentSerializer, PhotoUpload, RemovalInput
from tickets.access import require
from tickets.api import find_ticket, read_body, read_key

# A photo is shown through <img>; opened directly it is a picture without any permissions.
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The key of the report or message that the photo is for.",
)


def find_photo(request: Request, pk: UUID) -> Attachment:
    """A sent photo that the caller may see, or one that the caller has not sent yet. Hidden and
    missing look the same. Raises Http404."""
    caller = get_caller(request)
    photos = Attachment.objects.arrived().select_related("ticket", "message").filter(pk=pk)
    photo = photos.visible_to(caller).first() or photos.staged_by(caller).first()
    if photo is None:
        raise Http404
    return photo


def send_photo(photo: Attachment, size: str) -> FileResponse:
    """One size of a photo that the caller may see. Raises Http404 if it is not ready."""
    if photo.state != State.READY:
        raise Http404
    try:
        content = default_storage.open(name_of(photo.pk, size))
    except FileNotFoundError:  # removed meanwhile
        raise Http404 from None
    response = FileResponse(content, content_type="image/jpeg", filename=f"photo-{size}")
    response["Content-Security-Policy"] = POLICY
    return response


class PhotoView(GenericAPIView):
    queryset = Attachment.objects.all()
    serializer_class = AttachmentSerializer
    scope = ""


class UploadView(PhotoView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        parameters=[KEY],
        request={"multipart/form-data": PhotoUpload},
        responses={201: AttachmentSerializer},
    )
    def post(self, request: Request) -> Response:
        caller = get_caller(request)
        require(caller, "attach")
        key, files = read_key(request), request.FILES.getlist("photo")
        if not key:
            raise Invalid({"Idempotency-Key": ["Send the key of the report or message that it is for."]})
        if len(files) != 1:
            raise Invalid({"photo": ["Send one file."]})
        photo = stage_photo(files[0], by=caller, key=key)
        return Response(AttachmentSerializer(photo).data, status=201)


class DetailView(PhotoView):
    @extend_schema(operation_id="attachments_retrieve")
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(AttachmentSerializer(find_photo(request, pk)).data)

    @extend_schema(operation_id="attachments_destroy", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """For a photo that is not sent yet. A sent one is removed with a reason."""
        photo = Attachment.objects.staged_by(get_caller(request)).filter(pk=pk).first()
        if photo is None:
            raise Http404
        withdraw(photo)
        return Response(status=204)


class RemovalView(PhotoView):
    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        require(get_caller(request), "remove_photo")

    @extend_schema(request=RemovalInput, responses=AttachmentSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        caller, photo = get_caller(request), find_photo(request, pk)
        if photo.ticket is None:
            raise Http404
        body, error = read_body(request)
        if error:
            raise error
        remove_photo(photo, by=caller, **RemovalInput.read(body))
        photo.refresh_from_db()
        return Response(AttachmentSerializer(photo).data)


class AnyAccept(DefaultContentNegotiation):
    """The address of a file decides its type, whatever Accept requests; errors are JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type


class FileView(PhotoView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID, size: str) -> FileResponse:
        return send_photo(find_photo(request, pk), size)


class PhotoPagination(KeysetPagination):
    ordering = ("uploaded_at", "id")


class TicketPhotosView(PhotoView):
    """All photos under a ticket, of its report and of the messages that the caller may see."""

    pagination_class = PhotoPagination
    filter_backends = [FilterBackend]
    filterset_class = PagingFilter

    @extend_schema(operation_id="tickets_attachments_list", responses=AttachmentSerializer(many=True))
    def get(self, request: Request, pk: str) -> Response:
        ticket = find_ticket(request, pk)
        photos = Attachment.objects.visible_to(get_caller(request)).filter(ticket=ticket)
        page = self.paginate_queryset(self.filter_queryset(photos))
        return self.get_paginated_response(AttachmentSerializer(page, many=True).data)
