"""A small mail server that speaks the few IMAP commands a mailbox is read with, over real sockets."""

import contextlib
import re
import socket
import threading
from dataclasses import dataclass, field


@dataclass
class Stored:
    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)


class FakeImap:
    """One user, folders of mails, and ways to misbehave."""

    def __init__(self) -> None:
        self.user, self.password = "answers", "secret"
        self.folders: dict[str, list[Stored]] = {"INBOX": [], "Done": []}
        self.validity = 7
        self.next_uid = 1
        self.seen_commands: list[str] = []
        self.hang_up_at = ""
        self.greeting = b"* OK ready\r\n"
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def add(self, raw: bytes, folder: str = "INBOX") -> int:
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.folders[folder].append(Stored(uid, raw))
        return uid

    def flags(self, uid: int, folder: str = "INBOX") -> set[str]:
        return next(one.flags for one in self.folders[folder] if one.uid == uid)

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_safely, args=(connection,), daemon=True).start()

    def _serve_safely(self, connection: socket.socket) -> None:
        # Clients hang up at any moment.
        with contextlib.suppress(OSError):
            self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        selected: list[Stored] = []
        with connection, connection.makefile("rb") as lines:
            connection.sendall(self.greeting)
            for line in lines:
                tag, _space, command = line.decode("utf-8", "replace").strip().partition(" ")
                self.seen_commands.append(command)
                if self.hang_up_at and command.upper().startswith(self.hang_up_at):
                    return
                answer, selected = self._answer(command, selected)
                connection.sendall(answer.replace(b"{tag}", tag.encode()))
                if command.upper().startswith("LOGOUT"):
                    return

    def _answer(self, command: str, selected: list[Stored]) -> tuple[bytes, list[Stored]]:
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]
        name = words[0].upper() if words else ""
        done = b"{tag} OK done\r\n"
        if name == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 MOVE\r\n" + done, selected
        if name == "LOGIN":
            fine = words[1:3] == [self.user, self.password]
            return (done if fine else b"{tag} NO wrong\r\n"), selected
        if name == "LIST":
            told = "".join(f'* LIST () "/" "{folder}"\r\n' for folder in self.folders)
            return told.encode() + done, selected
        if name in ("SELECT", "EXAMINE"):
            if words[1] not in self.folders:
                return b"{tag} NO no such folder\r\n", selected
            found = self.folders[words[1]]
            head = f"* {len(found)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] x\r\n"
            return f"{head}* OK [UIDNEXT {self.next_uid}] x\r\n".encode() + done, found
        if name == "UID":
            return self._uid(words[1].upper(), words[2:], command, selected) + done, selected
        if name in ("NOOP", "CLOSE"):
            return done, selected
        if name == "LOGOUT":
            return b"* BYE bye\r\n" + done, selected
        return b"{tag} BAD unknown\r\n", selected

    def _uid(self, name: str, words: list[str], command: str, selected: list[Stored]) -> bytes:
        if name == "SEARCH":
            return f"* SEARCH {' '.join(map(str, self._search(words, selected)))}\r\n".encode()
        chosen = [one for one in selected if str(one.uid) in words[0].split(",")]
        if name == "STORE":
            for one in chosen:
                one.flags.add(words[-1].strip("()"))
            return b""
        if name == "MOVE":
            for one in chosen:
                selected.remove(one)
                self.folders[words[1]].append(one)
            return b""
        return b"".join(self._fetched(one, command) for one in chosen)

    def _search(self, words: list[str], selected: list[Stored]) -> list[int]:
        uids = [one.uid for one in selected]
        found = re.search(r"(\d+):\*", " ".join(words))
        if found is None:
            return uids
        later = [uid for uid in uids if uid >= int(found[1])]
        # As real servers do: the newest one always fits.
        return later or uids[-1:]

    def _fetched(self, one: Stored, command: str) -> bytes:
        if "RFC822.SIZE" in command:
            return f"* 1 FETCH (UID {one.uid} RFC822.SIZE {len(one.raw)})\r\n".encode()
        part = re.search(r"BODY\.PEEK\[\](?:<0\.(\d+)>)?", command)
        raw = one.raw[: int(part[1])] if part and part[1] else one.raw
        if not part:
            one.flags.add("\\Seen")
        name = "BODY[]<0>" if part and part[1] else "BODY[]"
        return f"* 1 FETCH (UID {one.uid} {name} {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
