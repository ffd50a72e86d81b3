"""The stack's processes as fault tests start them."""

from pathlib import Path

from campus_helpdesk.local_stack.site_socket import SiteSocket as Address
from campus_helpdesk.local_stack.stack import Stack
from campus_helpdesk.local_stack.supervisor import ManagedProcess, Supervisor
from campus_helpdesk.local_stack.valkey_server import Valkey


class StackProcesses(Stack):
    """The stack's processes with the environment of a test, without its supervisor."""

    def __init__(self, folder: Path, address: Address, environment: dict[str, str], extra: dict[str, str]):
        super().__init__(folder, address, Supervisor())
        self._environment, self._extra = environment | extra, extra
        (folder / "log").mkdir(parents=True, exist_ok=True)

    def make(self, name: str) -> ManagedProcess:
        makers = {"web": self._web, "gateway": self._gateway_worker, "worker": self._analytics_worker}
        return (makers | {"beat": self._beat})[name]()

    def _analytics_environment(self) -> dict[str, str]:
        return super()._analytics_environment() | self._extra


class UnpersistedValkey(Valkey):
    """Starts empty every time."""

    def _settings(self) -> list[str]:
        return ["appendonly no" if line == "appendonly yes" else line for line in super()._settings()]
