"""The system user that runs PostgreSQL: the current one, or a separate one for root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "campus-helpdesk"


@dataclass(frozen=True)
class SystemUser:
    name: str
    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        """How `subprocess` switches to this user; empty if it is the current one."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, permission: str, path: Path) -> bool:
        """Whether this user may read ("r"), write ("w") or enter ("x") the path, parents included.

        A process of that user asks the kernel, which also knows ACLs and mount options.
        """
        answer = subprocess.run(["test", f"-{permission}", str(path)], check=False, **self.popen_arguments())
        return answer.returncode == 0


def database_user() -> SystemUser:
    """PostgreSQL refuses root: as root this is a system user of its own, created if missing."""
    if os.geteuid() != 0:
        return _read_entry(pwd.getpwuid(os.geteuid()))
    try:
        return _read_entry(pwd.getpwnam(NAME))
    except KeyError:
        pass
    return _read_entry(pwd.getpwnam(NAME if _create_user() else "nobody"))


def owner_of(path: Path) -> SystemUser:
    return _read_entry(pwd.getpwuid(path.stat().st_uid))


def _read_entry(entry: pwd.struct_passwd) -> SystemUser:
    return SystemUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _create_user() -> bool:
    """A system user, because systemd removes the shared memory of ordinary users at logout."""
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        return False
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    made = subprocess.run([*command, "--shell", "/usr/sbin/nologin", NAME], check=False, capture_output=True)
    return made.returncode == 0
