"""What ``%load_ext podfs`` does to a shell, and undoes."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ..cells import reads_of
from ..errors import PodfsError
from ..store import Store
from ..telling import reason
from .attachment import Attachment, Saved
from .commands import COMMANDS, run_line
from .completion import completions
from .hidden import hidden_names
from .naming import Claim, choose, notebook_path
from .recorder import CellRecorder
from .settings import Settings
from .tables import names_in_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..cells import Reads
    from ..revision import Cell, Unsaved

__all__ = ["Extension", "load", "unload"]

#: What there is for each shell that has the extension.
_extensions: WeakKeyDictionary[Any, Extension] = WeakKeyDictionary()

#: A line that is for podfs only, and makes nothing that is worth a commit.
_OWN_LINE = re.compile(
    r"\s*(#.*|%podfs\b.*|podfs\s+(" + "|".join(COMMANDS) + r")\b(?!\s*[=.(\[,;]).*"
    r"|%?(re|un)?load_ext\s+podfs\s*)?"
)


def load(shell: Any) -> None:
    """Begin to commit after each cell of *shell*."""
    if shell in _extensions:
        return
    extension = _extensions[shell] = Extension(shell)
    with extension.telling("not attached"):
        extension.attach()


def unload(shell: Any) -> None:
    """Leave *shell* as it was before."""
    extension = _extensions.pop(shell, None)
    if extension is not None:
        extension.close()


class Extension:
    """The extension in one shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.attachment: Attachment | None = None
        self.settings = Settings()
        self._told: tuple[str, ...] = ()
        self._recorder = CellRecorder(shell, self._before, self._after)
        shell.register_magic_function(self._magic, "line", "podfs")
        shell.set_hook("complete_command", self._complete, str_key="%podfs")

    def close(self) -> None:
        """Undo what was done to the shell."""
        self.detach()
        self._recorder.stop()
        self.shell.magics_manager.magics["line"].pop("podfs", None)
        self.shell.strdispatchers["complete_command"].strs.pop("%podfs", None)

    def attach(self, name: str | None = None) -> None:
        """Attach to the session *name*, or to that of the notebook."""
        store = Store(self.settings.store)
        path = notebook_path(self.shell.user_ns, os.environ)
        note: str | None = None
        if name is None:
            name, claim, note = choose(store.path, path)
        else:
            note = None if name in store.sessions() else "it is new"
            store.session(name)  # which checks the name
            claim = Claim.take(store.path, name)
            if not claim.is_ours:
                note = f"it is used by {claim.holder}, too"
        session = store.session(name)
        claim.sign(path)
        self.detach()
        session.exclude = self.settings.exclude
        self.attachment = Attachment(session, claim, self.shell.user_ns, hidden_names(self.shell))
        self._tell_attached(note)

    def attached(self) -> Attachment:
        """Return what is attached, which it is an error to lack."""
        if self.attachment is None:
            raise PodfsError("no session is attached; '%podfs attach' attaches one")
        return self.attachment

    def configure(self, option: str, words: list[str]) -> None:
        """Set *option* to what *words* say."""
        before = self.settings.store
        self.settings.set(option, words)
        if self.attachment is None:
            return
        self.attachment.session.exclude = self.settings.exclude
        if self.settings.store != before:
            try:
                self.attach(self.attachment.session.name)
            except BaseException:
                self.settings.store = before
                raise

    def pull(self) -> list[str]:
        """Bring in what others wrote; return what is to be said of it."""
        attachment = self.attached()
        if not attachment.is_behind():
            return []
        return self.noteworthy(
            attachment.save(message="changed between two cells", only_if_changed=True)
        )

    def noteworthy(self, saved: Saved) -> list[str]:
        """Return what is to be said of a commit, that was not said of the last one."""
        revision, overridden, parent = saved
        parts = []
        if revision.adopted:
            parts.append(f"from the workspace: {names_in_line(revision.adopted)}")
        if overridden:
            what = names_in_line(overridden)
            parts.append(f"kept your {what}; what others wrote is in commit {parent}")
        if revision.not_loaded:
            told = [f"{name} ({reason})" for name, _, reason in revision.not_loaded]
            parts.append(f"not loaded, kept as stored: {names_in_line(told)}")
        parts += self._not_saved(revision.told(wait=False))
        if self.settings.verbose:
            if revision.changed:
                parts.insert(0, f"changed: {names_in_line(revision.changed)}")
            parts.insert(0, f"commit {revision}")
        return parts

    def _not_saved(self, unsaved: Iterable[Unsaved]) -> list[str]:
        """Return what is to be said of what a commit could not keep, if that is new."""
        told = tuple(f"{name} ({kind}: {reason})" for name, kind, reason in unsaved)
        is_new, self._told = bool(told) and told != self._told, told
        return [f"not saved: {names_in_line(told)}"] if is_new else []

    def detach(self) -> None:
        """Commit no more cells."""
        if self.attachment is not None:
            self.attachment.close()
            self.attachment = None

    def say(self, text: str) -> None:
        """Print *text* as one line, whatever a cell has made of printing."""
        line = f"podfs: {printable(' '.join(text.split()))}\n"
        for stream in (sys.stdout, sys.__stdout__):
            try:
                stream.write(line)  # type: ignore[union-attr]
                return
            except Exception:
                continue

    @contextmanager
    def telling(self, what: str) -> Iterator[None]:
        """Turn whatever goes wrong into one line: nothing of podfs may break a cell."""
        try:
            yield
        except PodfsError as error:
            self.say(f"{what}: {error}")
        except KeyboardInterrupt:
            self.say(f"{what}: it was interrupted; the next one has all of it")
        except BaseException as error:  # a value's own methods can raise anything, SystemExit too
            self.say(f"{what}: {reason(error)}")

    def _tell_attached(self, note: str | None) -> None:
        assert self.attachment is not None
        session, found = self.attachment.session, self.attachment.found
        text = f"attached to {session.name}"
        if found is not None:
            text += f" at commit {found}; '%podfs attach' brings its variables back"
        self.say(text + (f" ({note})" if note else ""))

    def _magic(self, line: str) -> None:
        """Look at the versions of the variables, and go back to them; ``%podfs help`` says how."""
        from IPython.core.error import UsageError
        from IPython.display import display

        try:
            shown = run_line(self, line)
        except PodfsError as error:
            # One line instead of a traceback, and the cells after this one are not run.
            name = (line.split() or ["help"])[0]
            raise UsageError(printable(" ".join(f"%podfs {name}: {error}".split()))) from None
        if shown is not None:
            display(shown)

    def _complete(self, _: Any, event: Any) -> list[str]:
        try:
            return completions(self.attachment, event.text_until_cursor)
        except Exception:
            return []  # nobody wants to read of an error while typing

    def _before(self, source: str) -> Reads | None:
        """Bring in what others wrote since the last cell; return what the code *source* reads."""
        if self.attachment is None:
            return None
        news: list[str] = []
        # An interrupt ends no more than the wait.
        with self.telling("the last cell is not saved"), suppress(KeyboardInterrupt):
            saved = self.attachment.finish()
            news += self.noteworthy(saved) if saved is not None else []
        is_own = not self.settings.autosave or _is_own(source)
        # The commit after the cell has the same trouble, or brings the same in.
        with suppress(BaseException):
            news += [] if is_own else self.pull()
        if news:
            self.say("; ".join(news))
        try:
            return None if is_own else reads_of(source, self.shell.user_ns)
        except BaseException:
            return None  # the commit finds it out

    def _after(self, cell: Cell) -> None:
        """Commit what the cell made."""
        if self.attachment is None or not self.settings.autosave or _is_own(cell.source):
            return
        with self.telling("this cell is not saved"):
            commit = self.attachment.save if self.settings.verbose else self.attachment.begin
            saved = commit(cell)
            if saved is None:
                news = self._not_saved(self.attachment.unsaved)
            else:
                news = self.noteworthy(saved)
            if news:
                self.say("; ".join(news))


def _is_own(source: str) -> bool:
    """Tell whether a cell is for podfs only."""
    return all(map(_OWN_LINE.fullmatch, source.splitlines()))
