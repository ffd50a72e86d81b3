"""The layout of the tests: which of their modules may import each other."""

import grimp

GRAPH = grimp.build_graph("tests", cache_dir=None)
MODULES = [name for name in GRAPH.modules if name.rpartition(".")[2].startswith(("test_", "conftest"))]


def test_no_module_imports_a_test_module():
    """What two of them need is in tests/support/."""
    taken = {name: sorted(GRAPH.find_modules_that_directly_import(name)) for name in MODULES}
    assert len(MODULES) > 150
    assert {name: by for name, by in taken.items() if by} == {}


def test_helpers_are_only_in_support():
    named = {name.removeprefix("tests.") for name in GRAPH.modules if not GRAPH.find_children(name)}
    others = {name for name in named if not name.startswith("support.") and f"tests.{name}" not in MODULES}
    assert others == set()
