from datetime import UTC, datetime, timedelta

from analytics_workers.alternative_text import alt_text
from analytics_workers.frames import Facts
from common.analysis_messages import Headline
from tests.support.api_server import AS_OF
from tests.support.campus_facts import campus, table_of
from tests.support.facts import make_facts


def test_alternative_text_of_a_short_table_has_every_row():
    text = alt_text(table_of("active-by-category", campus(1, each=11)))
    assert text == (
        "Bar chart. Active tickets by category: 1 ticket is active now. Facility management: 0 tickets; "
        "Technical IT: 0 tickets; Services complaints: 1 ticket."
    )


def test_alternative_text_of_a_long_table_has_its_extremes():
    table = table_of("resolution-time", campus(24))
    text = alt_text(table)
    assert (
        ". 25 bars from 2024-03 to 2026-03; lowest 2026-03: 2.0 hours; highest 2024-11: 49.0 hours. " in text
    )
    means = dict(zip(table.values("month"), table.values("mean_hours"), strict=True))
    assert (means["2026-03"], means["2024-11"]) == (min(means.values()), max(means.values())) == (2, 49)


def test_alternative_text_of_a_long_table_counts_existing_bars_only():
    opened = [datetime(2025, 1, 10, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC)]
    tickets = [
        ("it", "closed", at, at + timedelta(hours=hours)) for at, hours in zip(opened, (5, 7), strict=True)
    ]
    text = alt_text(table_of("resolution-time", Facts(make_facts(*tickets), AS_OF)))
    assert ". 2 bars from 2025-01 to 2026-03; lowest 2025-01: 5.0 hours; highest 2026-02: 7.0 hours. " in text


def test_alternative_text_without_a_chart_explains_why():
    table = table_of("active-by-category", Facts(make_facts(), AS_OF))
    assert alt_text(table) == "Active tickets by category. No tickets are active now."
    assert table.headline == Headline(0, "tickets are active now", "tickets")
