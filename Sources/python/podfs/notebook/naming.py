"""Which session a notebook is: what it is called, and whose that name is already."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_NAME", "Claim", "Holder", "choose", "notebook_path", "session_name"]

#: The session of shells that run no notebook, and of the functions of the package.
DEFAULT_NAME = "default"

_NAME_LIMIT = 200

#: What editors append to the path of a notebook to tell its kernels apart.
_MARKS = re.compile(
    r"(-jvsc-[0-9a-f-]+(\.ipynb)?|-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.IGNORECASE
)


def notebook_path(namespace: Mapping[str, Any], environment: Mapping[str, str]) -> str | None:
    """Return the path of the notebook that runs in this kernel, if an editor or server tells it."""
    for value in (namespace.get("__vsc_ipynb_file__"), environment.get("JPY_SESSION_NAME")):
        if isinstance(value, str) and value.strip():
            return _MARKS.sub("", value)
    return None


def session_name(path: str | None) -> str:
    """Return a name that a session can have, after the file name of the notebook at *path*."""
    if path is None:
        return DEFAULT_NAME
    name = unicodedata.normalize("NFC", Path(path.rstrip("/")).name)
    name = name[: -len(".ipynb")] if name.endswith(".ipynb") else name
    name = "".join(" " if unicodedata.category(c)[0] in "CZ" or c in "@:~^/" else c for c in name)
    name = "-".join(name.split()).lstrip(".-")
    name = name.encode("utf-8", "ignore")[:_NAME_LIMIT].decode("utf-8", "ignore")
    if not name:
        return DEFAULT_NAME
    if name in ("HEAD", "README") or all(unicodedata.category(c)[0] == "N" for c in name):
        return f"notebook-{name}"
    return name


@dataclass(frozen=True)
class Holder:
    """Who uses a session, or did last: a process, and the path of its notebook if it has one."""

    process: int | None = None
    notebook: str | None = None

    def __str__(self) -> str:
        process = f"process {self.process}" if self.process else "another process"
        return f"{self.notebook} ({process})" if self.notebook else process


class Claim:
    """That this process uses a session, for others to see while it lives.

    It is a locked file in the store's folder for what can be lost. Without it, as on a disk that
    cannot be written, sessions are chosen by their names alone.
    """

    def __init__(self, descriptor: int | None, holder: Holder | None, is_ours: bool) -> None:
        self._descriptor = descriptor
        #: Who uses the session, or used it last.
        self.holder = holder
        #: Whether nobody else is using it.
        self.is_ours = is_ours

    @classmethod
    def take(cls, store: str, session: str) -> Claim:
        """Claim *session* of the store at the path *store*, or tell who has it."""
        try:
            descriptor = _open(store, session)
        except OSError:
            return cls(None, None, is_ours=True)
        try:
            # A lock of the process, which those that it forks do not have.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = _read(descriptor)
            os.close(descriptor)
            return cls(None, holder or Holder(), is_ours=False)
        return cls(descriptor, _read(descriptor), is_ours=True)

    def sign(self, notebook: str | None) -> None:
        """Say who has the session: this process, which runs *notebook*."""
        if self._descriptor is None:
            return
        text = json.dumps({"process": os.getpid(), "notebook": notebook}).encode()
        try:
            os.pwrite(self._descriptor, text, 0)
            os.ftruncate(self._descriptor, len(text))
        except OSError:
            pass  # a full disk costs no more than the warning to others

    def release(self) -> None:
        """Let others use the session."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _open(store: str, session: str) -> int:
    """Open the file of a claim; whoever made the store cannot make it another file.

    No link is followed in the store, and what is not a regular file is refused. What root makes
    belongs to the owner of the store, who could not use it otherwise.
    """
    folder = os.open(store, os.O_PATH | os.O_DIRECTORY)
    try:
        owner = os.fstat(folder)
        for name in ("cache", "attached"):
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=folder)
                _hand_over(name, folder, owner)
            flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW
            inner = os.open(name, flags, dir_fd=folder)
            os.close(folder)
            folder = inner
        with contextlib.suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            os.close(os.open(session, flags, 0o600, dir_fd=folder))
            _hand_over(session, folder, owner)
        descriptor = os.open(session, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)
    status = os.fstat(descriptor)
    is_linked = status.st_nlink > 1 and status.st_uid != owner.st_uid
    if not stat.S_ISREG(status.st_mode) or is_linked:
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a file of the store", session)
    return descriptor


def _hand_over(name: str, folder: int, owner: os.stat_result) -> None:
    """Give what was just made in *folder* to the *owner* of the store, if root made it."""
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(name, owner.st_uid, owner.st_gid, dir_fd=folder, follow_symlinks=False)


def _read(descriptor: int) -> Holder | None:
    try:
        facts = json.loads(os.pread(descriptor, 1 << 16, 0))
        process, notebook = facts["process"], facts["notebook"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return Holder(
        process if isinstance(process, int) else None,
        notebook if isinstance(notebook, str) else None,
    )


def choose(store: str, notebook: str | None) -> tuple[str, Claim, str | None]:
    """Return a session for *notebook*, the claim to it, and what is to be said of the choice.

    It is named after the notebook. If that name is the one of a notebook in another folder, or if
    another process uses it, a number is appended.
    """
    wanted = session_name(notebook)
    reason: str | None = None
    for number in range(1, 1000):
        name = wanted if number == 1 else f"{wanted}-{number}"
        claim = Claim.take(store, name)
        holder = claim.holder
        if holder is None or holder.notebook == notebook:
            if claim.is_ours:
                return name, claim, reason
            if notebook is not None:
                return name, claim, reason or f"'{name}' is used by {holder}, too"
        if reason is None and holder is not None:
            verb = "belongs to" if claim.is_ours else "is used by"
            whose = holder.notebook if claim.is_ours else holder
            reason = f"'{name}' {verb} {whose or 'a shell without a notebook'}"
        claim.release()
    return wanted, Claim(None, None, is_ours=True), None
