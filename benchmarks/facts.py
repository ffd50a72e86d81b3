"""Facts to a DataFrame over HTTP, compared with COPY's CSV passed through a minimal view of the same web
process. Both are measured in turns.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
from django.conf import settings as django_settings

from analytics_workers.facts_copy.local_copy import fetch
from analytics_workers.frames import FIELDS, make_frame
from analytics_workers.helpdesk_api import HelpdeskApi
from analytics_workers.settings import Settings
from benchmarks.environment import own_database, read_memory, web_process
from benchmarks.interleave import interleave

SIZES = (100_000, 1_000_000)
ROUNDS = 7


def measure() -> Iterator[tuple[str, str, str]]:
    for count in SIZES:
        yield from measure_size(count)


def measure_size(count: int) -> Iterator[tuple[str, str, str]]:
    with own_database(count) as database, web_process(database) as (url, web):
        idle, idle_own = (read_memory(web(), name) for name in ("VmRSS", "RssAnon"))
        key = django_settings.SERVICE_KEY
        with HelpdeskApi(Settings("redis://none/0", key, f"{url}/api/v1/", Path())) as api:
            size = max(count_bytes(api) for _ in range(ROUNDS))
            peak, libraries = (read_memory(web(), name) for name in ("VmHWM", "RssFile"))
            product, baseline, download = interleave(
                lambda: read_product(api),
                lambda: read_baseline(url),
                lambda: download_baseline(url),
                rounds=ROUNDS,
            )
    name = f"COPY CSV through a minimal view, {count:,}"
    yield name, f"{download * 1000:,.0f} ms", f"{download / baseline:.2f}"
    yield "  to a frame", f"{baseline * 1000:,.0f} ms", "1.0"
    yield f"facts to a frame, {count:,} (2.0)", f"{product * 1000:,.0f} ms", f"{product / baseline:.2f}"
    yield "  bytes per row (50)", f"{size / count:.1f} B", ""
    yield "  web process, private memory above idle (25 MB)", f"{peak - libraries - idle_own:.1f} MB", ""
    yield "  with the pages of shared libraries", f"{peak - idle:.1f} MB", ""


def read_product(api: HelpdeskApi) -> pd.DataFrame:
    return make_frame(fetch(api, None, lambda percent: None).columns)


def count_bytes(api: HelpdeskApi) -> int:
    """The number of bytes of the facts."""
    return api.fetch_facts({}, lambda headers, stream: len(stream.read()))


def read_baseline(url: str) -> pd.DataFrame:
    content = httpx.get(f"{url}/baseline", timeout=60, trust_env=False).content
    moments = [name for name in FIELDS if name.endswith("_at")]
    return pd.read_csv(io.BytesIO(content), names=list(FIELDS), engine="pyarrow", parse_dates=moments)


def download_baseline(url: str) -> int:
    return len(httpx.get(f"{url}/baseline", timeout=60, trust_env=False).content)
