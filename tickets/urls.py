from django.urls import include, path
from rest_framework.routers import SimpleRouter

from tickets.api import TicketViewSet
from tickets.facts_api import FactsView

router = SimpleRouter()
router.register("tickets", TicketViewSet, basename="ticket")

urlpatterns = [
    path("", include(router.urls)),
    path("facts/", FactsView.as_view(), name="facts"),
]
