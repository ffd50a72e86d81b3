"""A real mailbox: Debian's Dovecot on a free port of this machine."""

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from campus_helpdesk.local_stack.valkey_server import free_port
from tests.support.own_valkey import accepts
from tests.support.processes import wait_until

DOVECOT = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
PASSWORD = "p@ss/word:of-the-mailbox"
SETTINGS = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
auth_username_chars =
mail_location = maildir:{folder}/mail/%u
imap_capability = {capability}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
"""


class MailServer:
    """Seen by one of its users. Each name has a mailbox, empty at first."""

    def __init__(self, port: int, user: str = "helpdesk"):
        self.port, self.user = port, user
        self.url = f"imap://{user}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/INBOX"

    @contextmanager
    def connect(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as server:
            server.login(self.user, PASSWORD)
            yield server

    def deliver(self, *mails: bytes) -> None:
        with self.connect() as server:
            for raw in mails:
                state, answer = server.append("INBOX", None, None, raw.replace(b"\n", b"\r\n"))
                assert state == "OK", answer

    def count(self, folder: str, *criteria: str) -> int:
        with self.connect() as server:
            if server.select(folder, readonly=True)[0] != "OK":
                return 0
            return len(server.search(None, *(criteria or ("ALL",)))[1][0].split())


@contextmanager
def mail_server(capability: str = "") -> Iterator[MailServer]:
    """capability: all that the server says it can, instead of what it can."""
    is_root = os.getuid() == 0
    user = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.getuid())
    server = MailServer(free_port())
    values = {"user": user.pw_name, "group": grp.getgrgid(user.pw_gid).gr_name, "port": server.port}
    with tempfile.TemporaryDirectory(prefix="helpdesk-mails-") as folder:
        Path(folder).chmod(0o711)  # as root, the server's user is another one
        (mails := Path(folder) / "mail").mkdir()
        if is_root:
            shutil.chown(mails, user.pw_name)
        config = Path(folder) / "dovecot.conf"
        config.write_text(SETTINGS.format(folder=folder, capability=capability, password=PASSWORD, **values))
        process = subprocess.Popen([DOVECOT, "-F", "-c", config], stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: accepts(server.port), what=f"dovecot answers; see {folder}/log")
            yield server
        finally:
            process.terminate()
            process.wait()
