"""The available memory, and the corresponding settings of PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MEBIBYTE = 2**20
MIN_BUFFERS, MAX_BUFFERS = 128 * MEBIBYTE, 2048 * MEBIBYTE
GROUPS, LIMITS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def find_memory(groups: Path = GROUPS, limits: Path = LIMITS) -> int:
    """Bytes of the machine, or of its container or slice if fewer."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([machine, *read_limits(groups, limits)])


def read_limits(groups: Path, limits: Path) -> Iterator[int]:
    """Of this control group and its parents, version 1 and 2. None if there are none."""
    lines = groups.read_text().splitlines() if groups.exists() else []
    for _, controllers, group in (line.split(":", 2) for line in lines):
        if not controllers:
            yield from read_each(limits, group, "memory.max")
        elif "memory" in controllers.split(","):
            yield from read_each(limits / "memory", group, "memory.limit_in_bytes")


def read_each(root: Path, group: str, name: str) -> Iterator[int]:
    """In a container the group's own path may be that of the host: then only the root exists."""
    path = PurePosixPath(group.lstrip("/"))
    for folder in (path, *path.parents):
        file = root / folder / name
        if file.exists() and (limit := file.read_text().strip()).isdigit():
            yield int(limit)


def memory_settings(memory: int) -> dict[str, str]:
    """PostgreSQL's own defaults suit a machine with half a gigabyte.

    One eighth for the buffers, because web, workers and the user's own programs also run here. Most of the
    rest is the kernel's file cache: query planning may count on half.
    """
    buffers = max(MIN_BUFFERS, min(memory // 8, MAX_BUFFERS))
    return {
        "shared_buffers": f"{buffers // MEBIBYTE}MB",
        "effective_cache_size": f"{max(memory // 2, buffers) // MEBIBYTE}MB",
    }
