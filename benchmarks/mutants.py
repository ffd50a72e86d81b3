"""The mutation score of the core: one small bug at a time, which its tests must find.

`make mutants`. The mutants are made in a copy of the tree; a module's own tests must kill them.
`ONLY=access` selects the modules with this in their path.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import tests.support.servers  # noqa: F401  starts PostgreSQL and Valkey for as long as this lasts

ROOT = Path(__file__).parent.parent
GOAL = 85  # per cent
SECONDS = 60  # for the tests of one module: some mutants never end
ENVIRONMENT = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # loading plugins takes half the time
GATEWAY = "tests/analytics_gateway"
SUITES = {
    "tickets/lifecycle.py": "tests/tickets/test_lifecycle.py tests/tickets/test_actions.py",
    "tickets/access.py": "tests/tickets/test_access.py tests/tickets/test_lifecycle.py",
    "tickets/actions.py": "tests/tickets/test_actions.py tests/tickets/test_history.py tests/messaging",
    "messaging/actions.py": "tests/messaging",
    "analytics_gateway/actions.py": f"{GATEWAY}/test_actions.py {GATEWAY}/test_result_cache.py",
    "analytics_gateway/attempts.py": f"{GATEWAY}/test_attempts.py",
    "analytics_gateway/reconciler.py": f"{GATEWAY}/test_reconciler.py",
    "analytics_gateway/recurrence.py": f"{GATEWAY}/test_recurrence.py {GATEWAY}/test_schedule_input.py",
    "analytics_gateway/queue.py": f"{GATEWAY}/test_queue.py {GATEWAY}/test_reconciler.py",
}
# Excluded: `*` and `|`, which occur mostly in signatures and types, where any change is found at once and
# would inflate the score; order comparisons of values that are only compared for equality; powers, shifts.
EXCLUDED = [
    "core/ReplaceBinaryOperator_(?!Add_Sub|Sub_Add)",
    "core/ReplaceComparisonOperator_(Eq|NotEq)_(?!Eq|NotEq)",
    "core/ReplaceComparisonOperator_(Lt|LtE|Gt|GtE)_(Is|IsNot)",
]


def main() -> None:
    """Exits with an error if the score misses its goal."""
    programs, counts = Path(sys.argv[1]).absolute(), Counter()
    with tempfile.TemporaryDirectory(prefix="helpdesk-mutants-") as folder:
        copy_tree(Path(folder) / "tree")
        for module, suite in SUITES.items():
            if os.environ.get("ONLY", "") in module:
                found = mutate(programs, Path(folder), module, suite)
                print(f"{module:<36}{format_counts(found)}", flush=True)
                counts += found
    print(f"{'the core':<36}{format_counts(counts)}   goal {GOAL} %")
    sys.exit(score(counts) < GOAL)


def copy_tree(tree: Path) -> None:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.split("\0"):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)


def mutate(programs: Path, folder: Path, module: str, suite: str) -> Counter[str]:
    """How many mutants of the module its tests killed and how many survived.

    The tests pass before the first and after the last mutant, which proves that failures come from mutants.
    """
    config, session = folder / "config.toml", folder / f"{module.replace('/', '.')}.sqlite"
    test = f"{sys.executable} -m pytest -q -x --reuse-db -p pytest_django.plugin -p no:cacheprovider {suite}"
    config.write_text(describe_session(module, test))

    def run(*command: str | Path) -> str:
        done = subprocess.run(command, cwd=folder / "tree", env=ENVIRONMENT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{done.stdout}{done.stderr}\n{module}: {' '.join(map(str, command))} failed")
        return done.stdout

    run(*test.split())
    run(programs / "cosmic-ray", "init", config, session)
    run(programs / "cr-filter-operators", session, config)
    run(programs / "cosmic-ray", "exec", config, session)
    run(*test.split())
    return read_outcomes(run(programs / "cosmic-ray", "dump", session))


def describe_session(module: str, test: str) -> str:
    return "\n".join(
        [
            "[cosmic-ray]",
            f"module-path = {json.dumps(module)}",
            f"timeout = {SECONDS}",
            "excluded-modules = []",
            f"test-command = {json.dumps(test)}",
            "[cosmic-ray.distributor]",
            'name = "local"',
            "[cosmic-ray.filters.operators-filter]",
            f"exclude-operators = {json.dumps(EXCLUDED)}",
        ]
    )


def read_outcomes(dump: str) -> Counter[str]:
    """Counts the outcomes and prints each mutant that survived."""
    outcomes: Counter[str] = Counter()
    for _, result in map(json.loads, dump.splitlines()):
        if result["worker_outcome"] == "skipped":
            continue
        outcomes[result["test_outcome"]] += 1
        if result["test_outcome"] == "survived":
            print(result["diff"], flush=True)
    return outcomes


def score(counts: Counter[str]) -> float:
    return 100 * counts["killed"] / (counts["killed"] + counts["survived"])


def format_counts(counts: Counter[str]) -> str:
    return f"{counts['killed']:>5} killed{counts['survived']:>5} survived{score(counts):>8.1f} %"


if __name__ == "__main__":
    main()
