"""A private MariaDB on a socket in a folder of its own, for one run of tests."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pymysql

SERVERS = ("mariadbd", "mysqld")
INSTALLERS = ("mariadb-install-db", "mysql_install_db")


def _find(names):
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def is_installed():
    return bool(_find(SERVERS) and _find(INSTALLERS))


class MariaDB:
    """The server; `url` names a database of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Sockets have short names; pytest's folders have long ones.
        self.socket = f"/tmp/kaiin-mariadb-{os.getpid()}.sock"
        own = ["--user=root"] if os.geteuid() == 0 else []
        data = folder / "data"
        common = ["--no-defaults", f"--datadir={data}", *own]
        made = [_find(INSTALLERS), *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(made, check=True, capture_output=True, timeout=120)
        with (folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
            [_find(SERVERS), *common, f"--socket={self.socket}", "--skip-networking", "--skip-log-bin",
             f"--pid-file={folder / 'pid'}", "--innodb-flush-log-at-trx-commit=0",
             "--innodb-buffer-pool-size=32M",
             "--character-set-server=utf8mb4"],
            stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
        self._wait()

    def _wait(self):
        until = time.monotonic() + 60
        while True:
            if Path(self.socket).exists():
                self.connect().close()
                return
            if time.monotonic() > until or self._server.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def connect(self, database=None):
        return pymysql.connect(
            unix_socket=self.socket, user="root", database=database, charset="utf8mb4", autocommit=True
        )

    def new_database(self, name):
        with self.connect() as link, link.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            cursor.execute("CREATE USER IF NOT EXISTS reader@localhost IDENTIFIED BY 'geheim:/@7'")
            cursor.execute(f"GRANT SELECT ON {name}.* TO reader@localhost")
        return f"mysql://reader:geheim%3A%2F%407@localhost/{name}?socket={self.socket}"

    def stop(self):
        self._server.terminate()
        self._server.wait(30)
        Path(self.socket).unlink(missing_ok=True)
