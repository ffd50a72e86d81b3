import os
from pathlib import Path

import pytest

from campus_helpdesk.local_stack.memory import MEBIBYTE, find_memory, memory_settings

MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
LIMIT = 300 * MEBIBYTE


def find_in(folder: Path, groups: str, files: dict[str, str]) -> int:
    """The memory if the kernel reports this of our group and its limits."""
    (folder / "groups").write_text(groups)
    for name, text in files.items():
        (folder / "limits" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "limits" / name).write_text(text)
    return find_memory(folder / "groups", folder / "limits")


@pytest.mark.parametrize(
    ("groups", "files", "memory"),
    [
        ("0::/\n", {"memory.max": f"{LIMIT}\n"}, LIMIT),
        ("0::/a.slice/b\n", {"a.slice/memory.max": f"{LIMIT}\n", "a.slice/b/memory.max": "max\n"}, LIMIT),
        ("4:memory:/docker/1\n0::/\n", {"memory/docker/1/memory.limit_in_bytes": f"{LIMIT}\n"}, LIMIT),
        ("4:cpu,memory:/docker/1\n", {"memory/memory.limit_in_bytes": f"{LIMIT}\n"}, LIMIT),
        ("0::/\n", {"memory.max": "max\n"}, MACHINE),
        ("4:memory:/\n", {"memory/memory.limit_in_bytes": f"{2**63 - 4096}\n"}, MACHINE),
        ("3:cpu:/\n", {"cpu/memory.limit_in_bytes": f"{LIMIT}\n"}, MACHINE),
        ("", {}, MACHINE),
    ],
)
def test_memory_is_that_of_the_machine_or_container(tmp_path, groups, files, memory):
    assert find_in(tmp_path, groups, files) == memory


def test_memory_without_control_groups_is_that_of_the_machine(tmp_path):
    assert find_memory(tmp_path / "none", tmp_path) == MACHINE


@pytest.mark.parametrize(
    ("memory", "buffers", "cache"),
    [(256, "128MB", "128MB"), (4096, "512MB", "2048MB"), (24576, "2048MB", "12288MB")],
)
def test_buffers_grow_with_the_memory_and_stay_within_bounds(memory, buffers, cache):
    settings = memory_settings(memory * MEBIBYTE)
    assert settings == {"shared_buffers": buffers, "effective_cache_size": cache}
