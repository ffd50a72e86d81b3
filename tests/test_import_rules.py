"""Who may import whom: an allow-list. A module that no entry covers fails, and so does any other import."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
GENERAL = {"common", "django_common"}
# A package covers its own modules and those of its folders, but for what has an entry of its own.
RULES: dict[str, set[str]] = {
    "common": set(),
    "django_common": {"common"},
    "places": GENERAL,
    "tickets": {*GENERAL, "tickets.triage", "places"},
    "tickets.triage": {"common"},
    "messaging": {*GENERAL, "tickets", "places"},
    "incoming_mail": {*GENERAL, "incoming_mail.parsing", "tickets", "messaging"},
    "incoming_mail.parsing": set(),
    "notifications": {*GENERAL, "tickets", "messaging", "incoming_mail"},
    "analytics_gateway": {*GENERAL, "analytics_workers.catalogue"},
    "analytics_workers": {"common", "analytics_workers.catalogue"},
    "analytics_workers.catalogue": {"common", "analytics_workers"},
    "campus_helpdesk.api": GENERAL,
    "campus_helpdesk.configuration": {"common"},
    "campus_helpdesk.demo": {*GENERAL, "places", "tickets", "analytics_gateway"},
    "campus_helpdesk.entrance": {*GENERAL, "analytics_gateway"},
    "campus_helpdesk.imports": {*GENERAL, "tickets", "tickets.triage", "messaging"},
    "campus_helpdesk.local_stack": {*GENERAL, "analytics_gateway"},
    "campus_helpdesk.middleware": GENERAL,
    "campus_helpdesk.operations": {*GENERAL, "tickets", "messaging", "analytics_gateway"},
    "campus_helpdesk.serving": {"common"},
    "campus_helpdesk.web": {
        *GENERAL,
        "places",
        "tickets",
        "tickets.triage",
        "messaging",
        "incoming_mail",
        "notifications",
        "analytics_gateway",
        "campus_helpdesk.entrance",
    },
}
# The root of the project joins everything; each of its modules is named, so that none slips in.
JOINS = {
    f"campus_helpdesk.{name}"
    for name in ("apps", "celery", "management", "migrations", "models", "settings", "tasks", "urls", "wsgi")
}
SCRIPTS = {  # programs outside all packages -> what they import of ours
    "manage.py": {"django_common.command_line", "campus_helpdesk.local_stack.commands"},
    "deploy/gunicorn.py": {
        "common.json_logging",
        "common.process_lifetime",
        "campus_helpdesk.configuration.log_settings",
        "campus_helpdesk.entrance.startup_warnings",
        "campus_helpdesk.serving.incoming_request",
        "campus_helpdesk.serving.metrics_dir",
    },
    "deploy/health.py": {"common.heartbeats", "common.service_keys"},
}
NOT_PRODUCT = {"tests", "benchmarks", "docs", "findings"}
# Where Django, Celery, gunicorn or Python (for a program) ask for a module by its name in a text.
NAMES_MODULES = {
    "manage.py",
    "deploy/gunicorn.py",
    "analytics_workers/app.py",
    "campus_helpdesk/api/openapi.py",
    "campus_helpdesk/apps.py",
    "campus_helpdesk/celery.py",
    "campus_helpdesk/configuration/environment.py",
    "campus_helpdesk/local_stack/stack.py",
    "campus_helpdesk/settings.py",
    "campus_helpdesk/urls.py",
    "campus_helpdesk/wsgi.py",
    "messaging/attachments/apps.py",
    "messaging/attachments/preparing.py",
}
# The folders of `services/` are found, not listed: to add an analysis is to add a folder.
FIND_MODULES = {"analytics_workers/catalogue.py", "analytics_workers/pipeline.py"}
FINDERS = {"import_module", "import_string", "__import__", "autodiscover_modules"}


def owner_of(module: str, rules: Iterable[str] = RULES, joins: Iterable[str] = JOINS) -> str | None:
    """The entry that covers a module, None where there is none."""
    covering = [entry for entry in (*rules, *joins) if f"{module}.".startswith(f"{entry}.")]
    return max(covering, key=len, default=None)


def find_broken(imports: Iterable[tuple[str, str]]) -> list[str]:
    """imports: pairs of modules, the importer first. What is not allowed, as lines to read."""
    broken = []
    for importer, imported in imports:
        source, target = owner_of(importer), owner_of(imported)
        if source in JOINS or importer == "campus_helpdesk":
            continue
        if source != target and target not in RULES.get(source or "", set()):
            broken.append(f"{importer} imports {imported}")
    return sorted(broken)


@lru_cache
def our_packages() -> tuple[str, ...]:
    folders = {path.relative_to(ROOT).parts[0] for path in ROOT.glob("*/**/*.py")}
    hidden = {name for name in folders if name.startswith((".", "_"))}
    return tuple(sorted(folders - hidden - NOT_PRODUCT - {"deploy", "var"}))


@lru_cache
def our_graph() -> grimp.ImportGraph:
    return grimp.build_graph(*our_packages(), include_external_packages=True, cache_dir=None)


def our_imports() -> list[tuple[str, str]]:
    graph = our_graph()
    ours = {name for name in graph.modules if name.split(".")[0] in our_packages()}
    return [(name, found) for name in ours for found in graph.find_modules_directly_imported_by(name) & ours]


def our_files() -> Iterator[Path]:
    for package in our_packages():
        yield from (path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)
    yield from (ROOT / script for script in SCRIPTS)


def test_every_module_is_assigned():
    assert {path.name for path in ROOT.glob("*.py")} <= SCRIPTS.keys()
    modules = {name for name in our_graph().modules if name.split(".")[0] in our_packages()}
    assert len(modules) > 300
    assert [name for name in sorted(modules - {"campus_helpdesk"}) if owner_of(name) is None] == []


def test_every_import_is_listed():
    assert find_broken(our_imports()) == []


def test_every_rule_is_needed():
    """An entry that nobody uses would let in what nobody thought of."""
    used = {(owner_of(importer), owner_of(imported)) for importer, imported in our_imports()}
    unused = {(entry, target) for entry, targets in RULES.items() for target in targets - GENERAL} - used
    assert unused == set()


def test_packages_have_no_cycle():
    """The catalogue is a part of the workers that others may see."""
    edges = {
        (owner_of(importer), owner_of(imported))
        for importer, imported in our_imports()
        if not {owner_of(importer), owner_of(imported)} & {"analytics_workers.catalogue", *JOINS}
    }
    remaining = {entry for entry in RULES if entry != "analytics_workers.catalogue"}
    while leaves := {
        one for one in remaining if not any((one, other) in edges for other in remaining - {one})
    }:
        remaining -= leaves
    assert remaining == set()


def test_production_code_imports_no_tests():
    graph = our_graph()
    assert not graph.modules & NOT_PRODUCT


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_imports_what_is_listed(script):
    nodes = ast.walk(ast.parse((ROOT / script).read_text()))
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    assert {name for name in names if name.split(".")[0] in our_packages()} == SCRIPTS[script]


def find_names(text: str, modules: Iterable[str]) -> list[str]:
    """Strings of a program that name one of the modules, or something in it."""
    known = set(modules)
    strings = [
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    dotted = [value for value in strings if re.fullmatch(r"[a-z_]+(\.\w+)+(:\w+)?", value)]
    return [
        value
        for value in dotted
        if {value.partition(":")[0], value.rpartition(".")[0]} & known
        and value.split(".")[0] in our_packages()
    ]


def test_no_string_names_a_module_of_the_project():
    modules = {name for name in our_graph().modules if "." in name}
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in our_files()
        if (names := find_names(path.read_text(), modules))
    }
    assert found.keys() == NAMES_MODULES


def test_no_module_is_imported_by_a_string():
    calls = {
        path.relative_to(ROOT).as_posix()
        for path in our_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name | ast.Attribute) and (getattr(node, "id", None) or node.attr) in FINDERS
    }
    assert calls == FIND_MODULES


def test_unassigned_module_is_reported():
    assert owner_of("notes.models") is None
    assert owner_of("campus_helpdesk.news") is None
    assert owner_of("campus_helpdesk.web.desk.queue") == "campus_helpdesk.web"


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("common.roles", "tickets.access"),
        ("django_common.retry", "tickets.models"),
        ("tickets.actions", "messaging.models"),
        ("tickets.triage.predict", "tickets.models"),
        ("analytics_gateway.actions", "tickets.access"),
        ("analytics_gateway.actions", "analytics_workers.pipeline"),
        ("analytics_workers.tasks", "analytics_gateway.models"),
        ("messaging.actions", "campus_helpdesk.settings"),
        ("messaging.actions", "notifications.outbox"),
        ("campus_helpdesk.operations.backups", "campus_helpdesk.local_stack.data_dir"),
        ("campus_helpdesk.entrance.views", "campus_helpdesk.web.error_pages"),
        ("campus_helpdesk.web.desk.queue", "campus_helpdesk.celery"),
    ],
)
def test_unlisted_import_is_reported(importer, imported):
    assert find_broken([(importer, imported)]) == [f"{importer} imports {imported}"]


def test_module_name_in_a_string_is_reported():
    program = 'load("tickets.actions.open_ticket"), log("tickets.csv"), log("Our tickets.actions are open.")'
    assert find_names(program, {"tickets.actions"}) == ["tickets.actions.open_ticket"]
