"""From the click to the picture: web, queue and worker as deployed, compared with the bare minimum."""

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
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
from benchmarks.facts import read_bare
from benchmarks.stage import own_database, read_memory, web_process
from benchmarks.turns import alternate
from tests.support.workers import worker_process

SIZES = (100_000, 1_000_000)
MEASURED = ("unresolved", "resolution-time", "active-by-category")
ROUNDS, PEOPLE, CHANGED = 7, 8, 1000
PARAMS = {"unresolved": {"period": "3650d"}, "backlog": {"days": 365}}
CHANGE = """
UPDATE tickets_ticket SET building = 'Building ' || (random() * 40)::int
WHERE id IN (SELECT id FROM tickets_ticket WHERE status <> 'closed' ORDER BY random() LIMIT %s)
"""


class AnalystClient:
    """Somebody at the desk: requests an analysis and waits for its picture."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self.client.get("/")
        form = {"role": "helpdesk", "csrfmiddlewaretoken": self.client.cookies["csrftoken"]}
        self.client.post("/enter/", data=form)

    def ask(self, service: str, *, is_fresh: bool) -> dict:
        body = {"service": service, "is_fresh": is_fresh} | PARAMS.get(service, {})
        token = {"X-CSRFToken": self.client.cookies["csrftoken"]}
        return self.client.post("/api/v1/analyses/", json=body, headers=token).raise_for_status().json()

    def wait_for(self, analysis: dict, pause: float = 0.01) -> bytes:
        """The picture. Raises RuntimeError if there will be none."""
        while analysis["state"] in ("queued", "running"):
            time.sleep(pause)
            analysis = self.client.get(f"/api/v1/analyses/{analysis['id']}/").json()
        if analysis["state"] != "done":
            raise RuntimeError(analysis["reason"])
        return self.client.get(analysis["charts"]["png"]).raise_for_status().content

    def read_months(self) -> pd.DataFrame:
        """Mean and median resolution time of each month, from the result of an analysis."""
        self.see("resolution-time")
        rows = self.ask("resolution-time", is_fresh=False)["result"]["rows"]
        return pd.DataFrame([row[3:5] for row in rows], [row[0] for row in rows], ["mean", "median"]).dropna()

    def see(self, service: str) -> bytes:
        return self.wait_for(self.ask(service, is_fresh=True))


@dataclass
class Stage:
    database: str
    url: str
    web: Callable[[], int]
    worker: int
    folder: Path

    def change_tickets(self) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(CHANGE, [CHANGED])

    def forget_copy(self) -> None:
        for file in self.folder.glob("facts/*.arrow"):
            file.unlink()

    def worker_memory(self) -> float:
        """MB of the worker's parent and children, with shared memory counted once."""
        family = [psutil.Process(self.worker), *psutil.Process(self.worker).children()]
        return sum(process.memory_full_info().pss for process in family) / 1e6


def measure() -> Iterator[tuple[str, str, str]]:
    fewer: dict[str, float] = {}
    for count in SIZES:
        with build_stage(count) as stage:
            person = AnalystClient(stage.url)
            yield from measure_first(stage, person, count)
            *laps, figure = measure_warm(stage, person)
            name = "one seaborn figure alone: months as bars and points, PNG and SVG"
            yield name, f"{figure * 1000:,.0f} ms", "1.0"
            for service, lap in zip(MEASURED, laps, strict=True):
                name = f"POST to PNG, 1,000 changed, {service}, {count:,} (3)"
                yield name, f"{lap * 1000:,.0f} ms", f"{lap / figure:.2f}"
                if service in fewer:
                    yield "  against the fewer tickets (1.5)", "", f"{lap / fewer[service]:.2f}"
                fewer.setdefault(service, lap)
            yield from measure_repeat(person, count)
            if count == SIZES[-1]:
                yield from measure_parallel(stage)


class build_stage(ExitStack):
    """A database with `count` tickets, a web process, and a worker with two children: a Stage."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def __enter__(self) -> Stage:
        super().__enter__()
        folder = Path(self.enter_context(tempfile.TemporaryDirectory()))
        database = self.enter_context(own_database(self.count))
        url, web = self.enter_context(web_process(database))
        worker = self.enter_context(worker_process(url, folder / "worker.log", children=2))
        return Stage(database, url, web, worker.pid, folder)


def clock(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def draw(months: pd.DataFrame) -> None:
    """What seaborn's first tutorial shows: bars, points, nothing else."""
    figure = Figure(figsize=SIZE_INCHES)
    axes = figure.subplots()
    sns.barplot(x=months.index, y=months["mean"], ax=axes)
    sns.pointplot(x=months.index, y=months["median"], linestyle="none", ax=axes)
    figure.savefig(io.BytesIO(), format="png", dpi=PIXELS_AN_INCH)
    figure.savefig(io.BytesIO(), format="svg")


def measure_first(stage: Stage, person: AnalystClient, count: int) -> Iterator[tuple[str, str, str]]:
    ever = clock(lambda: person.see("resolution-time"))

    def see_anew() -> None:
        stage.forget_copy()
        person.see("resolution-time")

    anew, bare = alternate(see_anew, lambda: answer_bare(stage.url), rounds=ROUNDS)
    yield f"COPY pull + pandas + figure, {count:,}", f"{bare * 1000:,.0f} ms", "1.0"
    yield (
        f"POST to PNG, no copy of the facts, {count:,} (1.5)",
        f"{anew * 1000:,.0f} ms",
        f"{anew / bare:.2f}",
    )
    yield "  the very first after the start of all", f"{ever * 1000:,.0f} ms", f"{ever / bare:.2f}"


def answer_bare(url: str) -> None:
    """Mean resolution time by month as one would compute it in a notebook, months cut in UTC."""
    frame = read_bare(url)
    hours = (frame["closed_at"] - frame["opened_at"]).dt.total_seconds() / 3600
    draw(hours.groupby(frame["opened_at"].dt.strftime("%Y-%m")).agg(["mean", "median"]))


def measure_warm(stage: Stage, person: AnalystClient) -> list[float]:
    """Median seconds from the click to the picture of each service, with 1,000 tickets changed before each;
    and of a plain chart of the months' means and medians alone."""
    months = person.read_months()
    ways = [partial(person.see, service) for service in MEASURED]
    laps: list[list[float]] = [[] for _ in range(len(ways) + 1)]
    for _ in range(ROUNDS + 1):
        for way, seconds in zip(ways, laps[:-1], strict=True):
            stage.change_tickets()
            seconds.append(clock(way))
        laps[-1].append(clock(partial(draw, months)))
    return [statistics.median(seconds[1:]) for seconds in laps]


def measure_repeat(person: AnalystClient, count: int) -> Iterator[tuple[str, str, str]]:
    person.see("active-by-category")
    repeat, nothing = alternate(
        lambda: person.ask("active-by-category", is_fresh=False),
        lambda: person.client.get("/noop").raise_for_status(),
        rounds=ROUNDS * 5,
    )
    yield "a view that does nothing", f"{nothing * 1000:.1f} ms", "1.0"
    yield f"an unchanged request again, {count:,} (20)", f"{repeat * 1000:.1f} ms", f"{repeat / nothing:.1f}"


def measure_parallel(stage: Stage) -> Iterator[tuple[str, str, str]]:
    clients = [AnalystClient(stage.url) for _ in range(PEOPLE)]
    for is_fresh in (False, True):
        stage.change_tickets()
        with ThreadPoolExecutor(PEOPLE) as pool:
            laps = list(pool.map(partial(see_all, is_fresh=is_fresh), clients))
        words = "each computed" if is_fresh else "equal ones joined"
        done = sum(len(lap) for lap in laps)
        name = f"{PEOPLE} people, all {len(SERVICES)} services at once, {words}"
        yield name, f"{done} of {PEOPLE * len(SERVICES)} done", ""
        yield "  slowest", f"{max(map(max, laps)):.1f} s", ""
    yield "  web process, own memory", f"{read_memory(stage.web(), 'RssAnon'):.0f} MB", ""
    yield "  worker, parent and two children", f"{stage.worker_memory():.0f} MB", ""


def see_all(person: AnalystClient, *, is_fresh: bool) -> list[float]:
    """Seconds from the click to each service's picture, all requested at once."""
    start = time.perf_counter()
    analyses = [person.ask(service, is_fresh=is_fresh) for service in SERVICES]
    return [waited(person, analysis, start) for analysis in analyses]


def waited(person: AnalystClient, analysis: dict, start: float) -> float:
    if not person.wait_for(analysis, pause=0.5).startswith(b"\x89PNG"):
        raise RuntimeError("no picture came")
    return time.perf_counter() - start
