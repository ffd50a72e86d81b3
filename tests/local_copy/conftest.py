"""A worker's view of the real API, and a copy of the facts that follows it."""

from pathlib import Path

import pandas as pd
import pytest
from django.conf import settings as django_settings

from analytics_workers.facts_copy.local_copy import LocalCopy
from analytics_workers.helpdesk_api import HelpdeskApi
from analytics_workers.settings import Settings
from tests.support.factories import make_ticket
from tickets.facts import with_solved
from tickets.models import Ticket


class Desk:
    """A worker's view of the helpdesk; `queries` are those that its copy sent."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings = Settings("redis://none/0", django_settings.SERVICE_KEY, f"{url}/api/v1/", folder)
        self.copy = LocalCopy(folder, self.settings.api_url)
        self.queries: list[dict] = []

    def read(self) -> pd.DataFrame:
        with HelpdeskApi(self.settings) as api:
            fetch = api.fetch_facts
            api.fetch_facts = lambda query, read: self.queries.append(query) or fetch(query, read)
            return self.copy.read_facts(api, lambda percent: None).frame

    @property
    def file(self) -> Path:
        (file,) = self.settings.facts_folder.glob("*.arrow")
        return file

    def check(self) -> list[str]:
        """Compares the frame with the rows of the database; returns what was requested: "all" or
        "changes"."""
        before = len(self.queries)
        frame = self.read()
        names = list(frame.columns)
        facts = [
            tuple(None if pd.isna(cell) else cell for cell in row) for row in frame.itertuples(index=False)
        ]
        assert facts == list(with_solved(Ticket.objects.order_by("id")).values_list(*names))
        return ["changes" if "changed_after" in query else "all" for query in self.queries[before:]]


@pytest.fixture
def desk(live_server, tmp_path) -> Desk:
    return Desk(live_server.url, tmp_path)


@pytest.fixture
def follows(desk) -> Desk:
    """A desk whose copy exists and was compared."""
    for status in ("open", "active", "closed", "open"):
        make_ticket(status, building="Library")
    desk.check()
    desk.queries.clear()
    return desk
