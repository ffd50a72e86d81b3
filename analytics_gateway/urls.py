from django.urls import path

from analytics_gateway.api import AnalysisViewSet, FileViewSet
from analytics_gateway.worker_api import AttemptViewSet, ResultViewSet

urlpatterns = [
    path("", AnalysisViewSet.as_view({"get": "list", "post": "create"}), name="analyses"),
    path("services/", AnalysisViewSet.as_view({"get": "services"}), name="analysis-services"),
    path("<uuid:pk>/", AnalysisViewSet.as_view({"get": "retrieve"}), name="analysis"),
    path("<uuid:pk>/cancel/", AnalysisViewSet.as_view({"post": "cancel"}), name="analysis-cancel"),
    path("<uuid:pk>/chart.svg", FileViewSet.as_view({"get": "svg"}), name="analysis-svg"),
    path("<uuid:pk>/chart.png", FileViewSet.as_view({"get": "png"}), name="analysis-png"),
    path("<uuid:pk>/table.csv", FileViewSet.as_view({"get": "csv"}), name="analysis-csv"),
    path("<uuid:pk>/start/", AttemptViewSet.as_view({"post": "start"}), name="analysis-start"),
    path("<uuid:pk>/progress/", AttemptViewSet.as_view({"post": "progress"}), name="analysis-progress"),
    path("<uuid:pk>/failure/", AttemptViewSet.as_view({"post": "failure"}), name="analysis-failure"),
    path("<uuid:pk>/result/", ResultViewSet.as_view({"post": "result"}), name="analysis-result"),
]
