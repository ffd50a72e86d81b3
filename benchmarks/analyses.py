"""From the click to the chart: web, queue and worker as deployed, compared with a minimal notebook."""

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pandas as pd
import psutil
import psycopg
import seaborn as sns
from matplotlib.figure import Figure

from analytics_workers.catalogue import SERVICES
from analytics_workers.figures import PIXELS_AN_INCH, SIZE_INCHES
from benchmarks.environment import own_database, read_memory, web_process
from benchmarks.facts import read_baseline
from benchmarks.interleave import interleave
from tests.support.workers import worker_process

SIZES = (100_000, 1_000_000)
MEASURED = ("unresolved", "resolution-time", "active-by-category")
ROUNDS, CLIENTS, CHANGED = 7, 8, 1000
PARAMS = {"unresolved": {"period": "3650d"}, "backlog": {"days": 365}}
CHANGE = """
UPDATE tickets_ticket SET building = 'Building ' || (random() * 40)::int
WHERE id IN (SELECT id FROM tickets_ticket WHERE status <> 'closed' ORDER BY random() LIMIT %s)
"""


class AnalystClient:
    """A helpdesk session that requests analyses and waits for their charts."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self.http.get("/")
        form = {"role": "helpdesk", "csrfmiddlewaretoken": self.http.cookies["csrftoken"]}
        self.http.post("/enter/", data=form)

    def request(self, service: str, *, is_fresh: bool) -> dict:
        body = {"service": service, "is_fresh": is_fresh} | PARAMS.get(service, {})
        token = {"X-CSRFToken": self.http.cookies["csrftoken"]}
        return self.http.post("/api/v1/analyses/", json=body, headers=token).raise_for_status().json()

    def wait_for(self, analysis: dict, pause: float = 0.01) -> bytes:
        """The chart as PNG. Raises RuntimeError with the reason if the analysis fails."""
        while analysis["state"] in ("queued", "running"):
            time.sleep(pause)
            analysis = self.http.get(f"/api/v1/analyses/{analysis['id']}/").json()
        if analysis["state"] != "done":
            raise RuntimeError(analysis["reason"])
        return self.http.get(analysis["charts"]["png"]).raise_for_status().content

    def read_months(self) -> pd.DataFrame:
        """Mean and median resolution time of each month, from the result of an analysis."""
        self.request_and_wait("resolution-time")
        rows = self.request("resolution-time", is_fresh=False)["result"]["rows"]
        return pd.DataFrame([row[3:5] for row in rows], [row[0] for row in rows], ["mean", "median"]).dropna()

    def request_and_wait(self, service: str) -> bytes:
        return self.wait_for(self.request(service, is_fresh=True))


@dataclass
class Environment:
    database: str
    url: str
    web: Callable[[], int]
    worker: int
    folder: Path

    def change_tickets(self) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(CHANGE, [CHANGED])

    def delete_copy(self) -> None:
        for file in self.folder.glob("facts/*.arrow"):
            file.unlink()

    def worker_memory(self) -> float:
        """MB of the worker's parent and children, with shared memory counted once."""
        family = [psutil.Process(self.worker), *psutil.Process(self.worker).children()]
        return sum(process.memory_full_info().pss for process in family) / 1e6


def measure() -> Iterator[tuple[str, str, str]]:
    fewer: dict[str, float] = {}
    for count in SIZES:
        with build_environment(count) as environment:
            client = AnalystClient(environment.url)
            yield from measure_first(environment, client, count)
            *durations, figure = measure_warm(environment, client)
            name = "one seaborn figure alone: months as bars and points, PNG and SVG"
            yield name, f"{figure * 1000:,.0f} ms", "1.0"
            for service, duration in zip(MEASURED, durations, strict=True):
                name = f"POST to PNG, 1,000 changed, {service}, {count:,} (3)"
                yield name, f"{duration * 1000:,.0f} ms", f"{duration / figure:.2f}"
                if service in fewer:
                    yield "  compared with fewer tickets (1.5)", "", f"{duration / fewer[service]:.2f}"
                fewer.setdefault(service, duration)
            yield from measure_repeat(client, count)
            if count == SIZES[-1]:
                yield from measure_parallel(environment)


@contextmanager
def build_environment(count: int) -> Iterator[Environment]:
    """A database with `count` tickets, a web process, and a worker with two children."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(own_database(count))
        url, web = stack.enter_context(web_process(database))
        worker = stack.enter_context(worker_process(url, folder / "worker.log", children=2))
        yield Environment(database, url, web, worker.pid, folder)


def clock(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def draw(months: pd.DataFrame) -> None:
    """A minimal seaborn chart: bars and points."""
    figure = Figure(figsize=SIZE_INCHES)
    axes = figure.subplots()
    sns.barplot(x=months.index, y=months["mean"], ax=axes)
    sns.pointplot(x=months.index, y=months["median"], linestyle="none", ax=axes)
    figure.savefig(io.BytesIO(), format="png", dpi=PIXELS_AN_INCH)
    figure.savefig(io.BytesIO(), format="svg")


def measure_first(
    environment: Environment, client: AnalystClient, count: int
) -> Iterator[tuple[str, str, str]]:
    very_first = clock(lambda: client.request_and_wait("resolution-time"))

    def rebuild_and_request() -> None:
        environment.delete_copy()
        client.request_and_wait("resolution-time")

    product, baseline = interleave(
        rebuild_and_request, lambda: compute_baseline(environment.url), rounds=ROUNDS
    )
    yield f"COPY pull + pandas + figure, {count:,}", f"{baseline * 1000:,.0f} ms", "1.0"
    yield (
        f"POST to PNG, no copy of the facts, {count:,} (1.5)",
        f"{product * 1000:,.0f} ms",
        f"{product / baseline:.2f}",
    )
    yield "  the first after the start", f"{very_first * 1000:,.0f} ms", f"{very_first / baseline:.2f}"


def compute_baseline(url: str) -> None:
    """Mean resolution time by month as in a notebook, with months in UTC."""
    frame = read_baseline(url)
    hours = (frame["closed_at"] - frame["opened_at"]).dt.total_seconds() / 3600
    draw(hours.groupby(frame["opened_at"].dt.strftime("%Y-%m")).agg(["mean", "median"]))


def measure_warm(environment: Environment, client: AnalystClient) -> list[float]:
    """Median seconds from the click to the chart of each service, with 1,000 tickets changed before each;
    last those of the minimal chart alone."""
    months = client.read_months()
    variants = [partial(client.request_and_wait, service) for service in MEASURED]
    durations: list[list[float]] = [[] for _ in range(len(variants) + 1)]
    for _ in range(ROUNDS + 1):
        for variant, seconds in zip(variants, durations[:-1], strict=True):
            environment.change_tickets()
            seconds.append(clock(variant))
        durations[-1].append(clock(partial(draw, months)))
    return [statistics.median(seconds[1:]) for seconds in durations]


def measure_repeat(client: AnalystClient, count: int) -> Iterator[tuple[str, str, str]]:
    client.request_and_wait("active-by-category")
    repeat, nothing = interleave(
        lambda: client.request("active-by-category", is_fresh=False),
        lambda: client.http.get("/noop").raise_for_status(),
        rounds=ROUNDS * 5,
    )
    yield "a view that does nothing", f"{nothing * 1000:.1f} ms", "1.0"
    yield f"an unchanged request again, {count:,} (20)", f"{repeat * 1000:.1f} ms", f"{repeat / nothing:.1f}"


def measure_parallel(environment: Environment) -> Iterator[tuple[str, str, str]]:
    clients = [AnalystClient(environment.url) for _ in range(CLIENTS)]
    for is_fresh in (False, True):
        environment.change_tickets()
        with ThreadPoolExecutor(CLIENTS) as pool:
            durations = list(pool.map(partial(request_all, is_fresh=is_fresh), clients))
        how = "each computed" if is_fresh else "equal ones shared"
        done = sum(map(len, durations))
        name = f"{CLIENTS} clients, all {len(SERVICES)} services at once, {how}"
        yield name, f"{done} of {CLIENTS * len(SERVICES)} done", ""
        yield "  slowest", f"{max(map(max, durations)):.1f} s", ""
    yield "  web process, own memory", f"{read_memory(environment.web(), 'RssAnon'):.0f} MB", ""
    yield "  worker, parent and two children", f"{environment.worker_memory():.0f} MB", ""


def request_all(client: AnalystClient, *, is_fresh: bool) -> list[float]:
    """Seconds from the click to each service's chart, all requested at once."""
    start = time.perf_counter()
    analyses = [client.request(service, is_fresh=is_fresh) for service in SERVICES]
    return [wait_for_chart(client, analysis, start) for analysis in analyses]


def wait_for_chart(client: AnalystClient, analysis: dict, start: float) -> float:
    if not client.wait_for(analysis, pause=0.5).startswith(b"\x89PNG"):
        raise RuntimeError("the chart is not a PNG")
    return time.perf_counter() - start
