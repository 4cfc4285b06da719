"""Running a cell once more, in a namespace of its own."""

from __future__ import annotations

import ast
import asyncio
import io
import sys
import threading
import types
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from inspect import CO_COROUTINE
from typing import TYPE_CHECKING, Any

from .arrays import Carriers
from .capturing import capture_tuple
from .frames import StandIns
from .loading import load_each, load_values
from .namespace import Namespace
from .pickler import STORED_BY_VALUE, Pickler
from .telling import reason
from .variables import NameOrder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .place import Place
    from .unpickler import Loader
    from .why import Step

__all__ = ["CellError", "Scratch", "moved"]


class CellError(Exception):
    """A cell cannot be run once more, or did otherwise than before."""


class Scratch(Namespace):
    """The namespace that cells are run in.

    A variable that the code turns out to read, although that could not be seen in it, is loaded
    when it is looked up. In the end, what still runs in here finds the variables of the namespace
    that it belongs to.
    """

    __slots__ = ("_loads", "_others")

    def __init__(self) -> None:
        super().__init__()
        self._others: dict[str, Any] = {}
        self._loads: tuple[Place, int, frozenset[str]] | None = None

    def __missing__(self, name: str) -> Any:
        if self._loads is not None:
            place, commit, names = self._loads
            if name in names:
                dict.update(self, load_values(self, place, str(commit), [name]).values)
                return dict.__getitem__(self, name)
        return self._others[name]

    def begin(
        self, place: Place, commit: int | None, names: list[str], values: dict[str, Any]
    ) -> None:
        """Become what a cell began with: *names* of its parent *commit*, and *values*."""
        self.clear()
        self.update(values)
        self._loads, self._others = None, {}
        if commit is None:
            return
        if names:
            loaded = load_values(self, place, str(commit), names)
            self.update(loaded.values)
            self._others = loaded.references
        present = {answer["name"] for answer in place.handle.variables(place.number, str(commit))}
        self._loads = place, commit, frozenset(present)

    def failures(self, place: Place, commit: int, names: list[str]) -> set[str]:
        """Return those of *names* that cannot be loaded from a commit."""
        return set(load_each(_loader(self), place, str(commit), names).lost)

    def check(self, place: Place, commit: int | None, values: dict[str, Any]) -> None:
        """Refuse *values* that are not what a commit has stored by their names."""
        if not values:
            return
        other = Scratch()
        other.update(load_values(other, place, str(commit), values).values)
        for name, value in values.items():
            if not _are_alike(value, self, other[name], other):
                raise CellError(f"a cell before commit {commit} made another {name} this time")

    def run(self, step: Step, session: str) -> None:
        """Run the cell of *step*; it must end as it ended then."""
        what = f"the cell of commit {step.commit}"
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            try:
                self._run(step.code or "", f"<{session}@{step.commit}>", what)
            except (KeyboardInterrupt, MemoryError, CellError):
                raise
            except BaseException as error:
                if step.error is None or type(error).__name__ not in step.error:
                    raise CellError(f"{what} failed: {reason(error)}") from error
                return
        if step.error is not None:
            raise CellError(f"{what} did not fail this time")

    def _run(self, source: str, place: str, what: str) -> None:
        try:
            code = _compiled(source, place)
        except SyntaxError:
            shell = _shell()
            if shell is None:
                raise CellError(f"{what} is not plain Python; do it in IPython") from None
            with _in_place_of_the_users(shell, self):
                _execute(_compiled(shell.transform_cell(source), place), self)
            return
        _execute(code, self)

    def belong_to(self, namespace: dict[str, Any]) -> None:
        """Let what runs in here find the variables of *namespace* from now on."""
        self.clear()
        self._loads, self._others = None, namespace


def moved(values: dict[str, Any], scratch: Scratch, loader: Loader) -> dict[str, Any]:
    """Return *values* as if *loader* had loaded them, and no longer of *scratch*.

    What cannot be pickled, or be loaded from that, stays the object that it is.
    """
    scratch.clear()
    scratch.update(values)
    again = _copied(scratch, loader)
    if again is None:
        again = {}
        for name, value in values.items():
            scratch.clear()
            scratch[name] = value
            again.update(_copied(scratch, loader) or {})
    scratch.belong_to(loader.namespace)
    return {**values, **again}


def _copied(scratch: Scratch, loader: Loader) -> dict[str, Any] | None:
    """Return what *loader* makes of the pickle of the variables in *scratch*; None if it fails."""
    captured = capture_tuple(scratch, list(scratch), NameOrder())
    if captured is None:
        return {}
    buffers = [bytearray(buffer) for buffer in captured.buffers]
    try:
        values = loader.load(io.BytesIO(captured.stream), buffers)
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException:
        return None
    return dict(zip(captured.names.decode().split("\0"), values))


def _loader(namespace: dict[str, Any]) -> Loader:
    from .unpickler import Loader

    return Loader(namespace)


class _ComparingPickler(Pickler):
    """A pickler whose pickles are equal for equal values, and are never loaded."""

    def reducer_override(self, value: Any) -> Any:
        """Reduce functions to what they do: the file of their code is another each time it runs."""
        if type(value) is types.CodeType:
            return self.dispatch_table[types.CodeType](value.replace(co_filename=""))
        reduced = super().reducer_override(value)
        is_stored = isinstance(reduced, tuple) and len(reduced) == STORED_BY_VALUE
        if is_stored and isinstance(value, types.FunctionType):
            _, (code, *_), (state, slots), *_ = reduced
            return tuple, ([code, state, {**slots, "__globals__": {}}],)
        return reduced


def _are_alike(
    one: Any, one_namespace: dict[str, Any], other: Any, other_namespace: dict[str, Any]
) -> bool:
    """Tell whether values of two namespaces are pickled to the same, or say that they are equal."""
    pickled = _pickle(one, one_namespace)
    if pickled is not None and pickled == _pickle(other, other_namespace):
        return True
    try:
        return bool(one == other)
    except Exception:
        return False


def _pickle(value: Any, namespace: dict[str, Any]) -> bytes | None:
    file = io.BytesIO()
    pickler = _ComparingPickler(file, namespace, lambda _: True, Carriers(), StandIns())
    # Without a memo: which equal texts are one object is no part of a value.
    pickler.fast = True
    try:
        pickler.dump(value)
    except Exception:
        return None
    return file.getvalue()


def _compiled(source: str, place: str) -> types.CodeType:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: types.CodeType = compile(source, place, "exec", flags, dont_inherit=True)
    return code


def _execute(code: types.CodeType, namespace: dict[str, Any]) -> None:
    if not code.co_flags & CO_COROUTINE:
        exec(code, namespace)
        return
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(eval(code, namespace))
        except BaseException as error:
            failures.append(error)

    # A thread of its own, for this one may be running a loop already.
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    for failure in failures:
        raise failure


def _shell() -> Any:
    """Return the shell of IPython that this process runs, if any."""
    package = sys.modules.get("IPython")
    return None if package is None else package.get_ipython()


@contextmanager
def _in_place_of_the_users(shell: Any, namespace: dict[str, Any]) -> Iterator[None]:
    """Let the magics of *shell* work on *namespace*, and not on the user's."""
    users = shell.user_ns
    namespace["get_ipython"] = lambda: shell
    shell.user_ns = namespace
    try:
        yield
    finally:
        shell.user_ns = users
        namespace.pop("get_ipython", None)
