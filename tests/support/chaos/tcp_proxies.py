"""The connections of a site that can go through a TCP proxy."""

from urllib.parse import quote, urlsplit

from psycopg.conninfo import conninfo_to_dict

from campus_helpdesk.local_stack.postgres_server import NAME
from campus_helpdesk.local_stack.site_socket import HOST
from tests.support.chaos.tcp_proxy import TcpProxy

CONNECTIONS = ("web-database", "web-broker", "worker-broker", "worker-web")


class TcpProxies(dict[str, TcpProxy]):
    """A proxy for each of `names`. database, broker: URLs of the servers. port: that of the web process."""

    def __init__(self, names: tuple[str, ...], *, database: str, broker: str, port: int):
        assert set(names) <= set(CONNECTIONS), names
        self._database, self._broker = conninfo_to_dict(database), urlsplit(broker)
        targets = {"web-database": self._database_target(), "worker-web": (HOST, port)}
        super().__init__({name: TcpProxy(targets.get(name) or self._broker_target()) for name in names})

    def url(self, name: str) -> str | None:
        """The URL of the server through this proxy; None if there is no such proxy."""
        if name not in self:
            return None
        address = f"{HOST}:{self[name].port}"
        if name == "web-database":
            return f"postgres://{NAME}:{quote(str(self._database['password']), safe='')}@{address}/{NAME}"
        if name == "worker-web":
            return f"http://{address}"
        password = self._broker.password
        return f"redis://{f':{password}@' if password else ''}{address}/0"

    def _database_target(self) -> tuple[str, int] | str:
        host, port = str(self._database["host"]), int(self._database.get("port") or 5432)
        return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)

    def _broker_target(self) -> tuple[str, int] | str:
        return self._broker.path if self._broker.scheme == "unix" else (HOST, self._broker.port or 0)
