"""The connections of a site on which wires can be put."""

from urllib.parse import quote, urlsplit

from psycopg.conninfo import conninfo_to_dict

from campus_helpdesk.local_stack.postgres_server import NAME
from campus_helpdesk.local_stack.site_socket import HOST
from tests.support.chaos.wire import Wire

WIRES = ("web-database", "web-broker", "worker-broker", "worker-web")


class Wires(dict[str, Wire]):
    """Those of `names`. database, broker: the addresses behind them; port: the web's."""

    def __init__(self, names: tuple[str, ...], *, database: str, broker: str, port: int):
        assert set(names) <= set(WIRES), names
        self._database, self._broker = conninfo_to_dict(database), urlsplit(broker)
        targets = {"web-database": self._database_target(), "worker-web": (HOST, port)}
        super().__init__({name: Wire(targets.get(name) or self._broker_target()) for name in names})

    def url(self, name: str) -> str | None:
        """The address of this wire; None if there is none."""
        if name not in self:
            return None
        place = f"{HOST}:{self[name].port}"
        if name == "web-database":
            return f"postgres://{NAME}:{quote(str(self._database['password']), safe='')}@{place}/{NAME}"
        if name == "worker-web":
            return f"http://{place}"
        password = self._broker.password
        return f"redis://{f':{password}@' if password else ''}{place}/0"

    def _database_target(self) -> tuple[str, int] | str:
        host, port = str(self._database["host"]), int(self._database.get("port") or 5432)
        return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)

    def _broker_target(self) -> tuple[str, int] | str:
        return self._broker.path if self._broker.scheme == "unix" else (HOST, self._broker.port or 0)
