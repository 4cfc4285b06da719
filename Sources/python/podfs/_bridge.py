"""libpodfs.so, called through ctypes.

Every function of the library returns a status and leaves its answer, JSON text or the text of an
error, in memory of its own, which is freed here. Texts go as an address and a number of bytes.
"""

from __future__ import annotations

import ctypes
import enum
import functools
import io
import json
import os
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .errors import DamagedError, LibraryError, NotFoundError, PodfsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from .cells import Reads

__all__ = ["Capturing", "Loading", "StoreHandle", "Travel"]

#: The library's interface that this package is written for.
_INTERFACE = 7

#: Statuses with an error type of their own; the others are PodfsError.
_ERRORS: dict[int, type[PodfsError]] = {2: NotFoundError, 3: DamagedError}

_pointer = ctypes.c_void_p
_count = ctypes.c_int64
_flag = ctypes.c_int32
_text = (ctypes.c_char_p, _count)
_output = ctypes.POINTER(ctypes.c_void_p)
_addresses = ctypes.POINTER(ctypes.c_void_p)
_counts = ctypes.POINTER(ctypes.c_int64)

#: The arguments of each function; all but the last four return a status.
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "podfs_open": (*_text, _flag, _output, _output),
    "podfs_sessions": (_pointer, _output),
    "podfs_session": (_pointer, *_text, _flag, _output),
    "podfs_head": (_pointer, _count, _output),
    "podfs_step": (_pointer, _count, _output),
    "podfs_log": (_pointer, _count, _count, _output),
    "podfs_variables": (_pointer, _count, *_text, _output),
    "podfs_history": (_pointer, _count, *_text, _output),
    "podfs_plan": (_pointer, _count, _flag, *_text, _output),
    "podfs_travel": (_pointer, _count, _flag, *_text, _count, _flag, *_text, _output),
    "podfs_resolve": (_pointer, _count, *_text, _output),
    "podfs_references": (_pointer, _count, _output),
    "podfs_set_reference": (_pointer, _count, _flag, *_text, *_text, _flag, _output),
    "podfs_set_message": (_pointer, _count, *_text, *_text, _output),
    "podfs_capture_begin": (_pointer, _count, _count, *_text, _output, _output),
    "podfs_capture_seen": (_pointer, *_text, _count, _output),
    "podfs_capture_cell": (
        *(_pointer, *_text, _count, ctypes.c_double, *_text, *_text, *_text, _output),
    ),
    "podfs_capture_environment": (_pointer, *_text, _output),
    "podfs_capture_if_changed": (_pointer, _output),
    "podfs_capture_kept": (_pointer, _pointer, _count, *_text, _output),
    "podfs_capture_unsaved": (_pointer, *_text, *_text, *_text, _output),
    "podfs_capture_part": (_pointer, *_text, _pointer, _count, _output),
    "podfs_capture_buffer": (_pointer, _pointer, _count, _output),
    "podfs_capture_tuple": (
        *(_pointer, *_text, _pointer, _count, _addresses, _counts, _count, _output),
    ),
    "podfs_capture_commit": (_pointer, _output),
    "podfs_lineage": (_pointer, _count, *_text, *_text, _flag, _output),
    "podfs_capture_counts": (_output,),
    "podfs_capture_store": (_pointer, _output),
    "podfs_capture_wait": (_pointer, _count, _output),
    "podfs_load_begin": (_pointer, _count, *_text, *_text, _output, _output),
    "podfs_load_part": (_pointer, _count, _output, _output),
    "podfs_load_open": (_pointer, _count, _output),
    "podfs_load_read": (_pointer, _count, _count, _pointer, _count, _output),
    "podfs_close": (_pointer,),
    "podfs_capture_end": (_pointer,),
    "podfs_load_end": (_pointer,),
    "podfs_free": (_pointer,),
}
_WITHOUT_STATUS = ("podfs_close", "podfs_capture_end", "podfs_load_end", "podfs_free")


class Library:
    """libpodfs.so with the types of its functions declared."""

    def __init__(self, path: Path) -> None:
        try:
            # The first lets other threads of Python run during a call. The second does not: while
            # a namespace is captured, nothing written in Python may change it.
            self._releasing = ctypes.CDLL(str(path))
            self._holding = ctypes.PyDLL(str(path))
            interface = self._releasing.podfs_interface()
            if interface != _INTERFACE:
                raise LibraryError(
                    f"'{path}' has interface {interface}, this package needs {_INTERFACE}; "
                    "run 'podfs python install' again"
                )
            for name, arguments in _SIGNATURES.items():
                for library in (self._releasing, self._holding):
                    function = getattr(library, name)
                    function.argtypes = arguments
                    function.restype = None if name in _WITHOUT_STATUS else ctypes.c_int32
        except (OSError, AttributeError) as error:
            raise LibraryError(
                f"'{path}' cannot be used ({error}); run 'podfs python install' again"
            ) from error

    def call(self, name: str, *arguments: Any, hold: bool = False) -> str:
        """Call the function *name*, and return its answer or raise its error.

        With *hold*, no other thread of Python runs meanwhile.
        """
        answer = ctypes.c_void_p()
        function = getattr(self._holding if hold else self._releasing, name)
        status = function(*arguments, ctypes.byref(answer))
        text = ""
        if answer.value is not None:
            text = ctypes.string_at(answer.value).decode()
            self._releasing.podfs_free(answer)
        if status != 0:
            raise _ERRORS.get(status, PodfsError)(text)
        return text

    def begin(self, name: str, *arguments: Any) -> tuple[int, str]:
        """Call the function *name*, which makes something; return its handle and the answer."""
        handle = ctypes.c_void_p()
        answer = self.call(name, *arguments, ctypes.byref(handle))
        if handle.value is None:
            raise PodfsError(f"{name} made nothing; run 'podfs python install' again")
        return handle.value, answer

    def end(self, name: str, handle: int) -> None:
        """Call the function *name*, which frees what *handle* stands for."""
        getattr(self._releasing, name)(handle)


@functools.cache
def library() -> Library:
    """Return the library, loaded on the first call."""
    package = Path(__file__).resolve().parent
    candidates = [package / "libpodfs.so"]
    if len(package.parents) > 2 and (package.parents[2] / "Package.swift").exists():
        candidates.append(package.parents[2] / ".build-bridge" / "libpodfs.so")
    if "PODFS_LIBRARY" in os.environ:
        candidates = [Path(os.environ["PODFS_LIBRARY"])]
    for path in candidates:
        if path.exists():
            return Library(path)
    places = "' or '".join(map(str, candidates))
    raise LibraryError(
        f"libpodfs.so is not at '{places}'; run 'podfs python install', "
        "or mount-scripts/build in a source folder"
    )


class _Buffer(ctypes.Structure):
    """Py_buffer, the same in all versions of CPython from 3.0 to 3.13."""

    _fields_ = (
        ("start", ctypes.c_void_p),
        ("owner", ctypes.py_object),
        ("byte_count", ctypes.c_ssize_t),
        ("item_size", ctypes.c_ssize_t),
        ("is_readonly", ctypes.c_int),
        ("dimensions", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    )


def address(view: memoryview) -> int | None:
    """Return where the bytes of *view* are: valid as long as it is there, readonly or not."""
    buffer = _Buffer()
    ctypes.pythonapi.PyObject_GetBuffer(
        ctypes.py_object(view), ctypes.byref(buffer), ctypes.c_int(0)
    )
    try:
        start: int | None = buffer.start
        return start
    finally:
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))


def _utf8(text: str | None) -> tuple[bytes | None, int]:
    """Return *text* as two arguments, its bytes and their number."""
    if text is None:
        return None, 0
    data = text.encode("utf-8", "backslashreplace")
    return data, len(data)


class StoreHandle:
    """A store that is open in this process, and in each process that is forked off it.

    A database connection must not be used in two processes, so the first use in a new one opens
    the store again.
    """

    def __init__(self, path: str | None, *, create: bool) -> None:
        self._library = library()
        self._open(path, create=create)

    def _open(self, path: str | None, *, create: bool) -> None:
        self._value, answer = self._library.begin("podfs_open", *_utf8(path), int(create))
        self.path: str = json.loads(answer)
        self._process = os.getpid()
        self._finalizer = weakref.finalize(self, _close, self._library, self._value, self._process)

    def close(self) -> None:
        """Close the store; what was saved stays."""
        self._finalizer()

    @property
    def value(self) -> int:
        """What the library knows the store by."""
        if self._process != os.getpid():
            self._finalizer.detach()
            self._open(self.path, create=False)
        if not self._finalizer.alive:
            raise PodfsError(f"the store at '{self.path}' was closed; open it again")
        return self._value

    def sessions(self) -> list[dict[str, Any]]:
        """Return the sessions, in the order of their names."""
        sessions: list[dict[str, Any]] = self._json("podfs_sessions")
        return sessions

    def session(self, name: str, *, create: bool) -> int:
        """Return the number of the session *name*."""
        return int(self._json("podfs_session", *_utf8(name), int(create)))

    def head(self, session: int) -> int | None:
        """Return the number of the commit that a session has checked out, if any."""
        head: int | None = self._json("podfs_head", session)
        return head

    def step(self, session: int) -> tuple[int | None, dict[str, int]]:
        """Return the commit that is checked out, and what the workspace has otherwise.

        That is versions' numbers by the names of the variables, 0 for what was removed.
        """
        facts = self._json("podfs_step", session)
        return facts["head"], dict(facts["changes"])

    def log(self, session: int, limit: int) -> list[dict[str, Any]]:
        """Return the last *limit* commits of a session, the newest first."""
        log: list[dict[str, Any]] = self._json("podfs_log", session, limit)
        return log

    def variables(self, session: int, revision: str | None) -> list[dict[str, Any]]:
        """Return what is told of the variables of a commit, or of the workspace."""
        variables: list[dict[str, Any]] = self._json("podfs_variables", session, *_utf8(revision))
        return variables

    def history(self, session: int, name: str) -> list[dict[str, Any]]:
        """Return what is told of the versions of a variable, the newest first."""
        history: list[dict[str, Any]] = self._json("podfs_history", session, *_utf8(name))
        return history

    def plan(self, session: int, travel: Travel, revision: str | None) -> dict[str, Any]:
        """Return what a namespace must change to be at another commit."""
        plan: dict[str, Any] = self._json("podfs_plan", session, travel, *_utf8(revision))
        return plan

    def travel(
        self,
        session: int,
        travel: Travel,
        revision: str | None,
        start: int,
        *,
        force: bool,
        message: str | None = None,
    ) -> int:
        """Check out another commit, if *start* is checked out, or is negative.

        Uncommitted changes of the workspace are lost with *force*, and committed with *message*.
        """
        arguments = (*_utf8(revision), start, int(force), *_utf8(message))
        return int(self._json("podfs_travel", session, travel, *arguments))

    def resolve(self, session: int, revision: str | None) -> int:
        """Return the number of the commit that a revision means."""
        return int(self._json("podfs_resolve", session, *_utf8(revision)))

    def references(self, session: int) -> dict[str, Any]:
        """Return the branch that is checked out, all branches and all tags."""
        references: dict[str, Any] = self._json("podfs_references", session)
        return references

    def set_reference(
        self, session: int, name: str, revision: str | None, *, is_tag: bool, replace: bool
    ) -> int | None:
        """Make a branch or a tag, or remove it without a revision."""
        texts = (*_utf8(name), *_utf8(revision))
        arguments = (session, int(is_tag), *texts, int(replace))
        number: int | None = self._json("podfs_set_reference", *arguments)
        return number

    def set_message(self, session: int, revision: str, message: str) -> int:
        """Make a commit say something else; return its number."""
        texts = (*_utf8(revision), *_utf8(message))
        return int(self._json("podfs_set_message", session, *texts))

    def lineage(
        self, session: int, revision: str | None, names: Iterable[str], *, follow: bool
    ) -> dict[str, Any]:
        """Return the cells that lead to variables; with *follow*, to all that these read, too."""
        wanted = "".join(f"{name}\0" for name in names)
        arguments = (session, *_utf8(revision), *_utf8(wanted), int(follow))
        lineage: dict[str, Any] = self._json("podfs_lineage", *arguments)
        return lineage

    def _json(self, name: str, *arguments: Any) -> Any:
        return json.loads(self._library.call(name, self.value, *arguments))


def _close(library: Library, handle: int, process: int) -> None:
    if process == os.getpid():
        library.end("podfs_close", handle)


class Travel(enum.IntEnum):
    """The ways in which a session comes to have another commit checked out."""

    CHECKOUT = 0
    UNDO = 1
    REDO = 2


_Self = TypeVar("_Self", bound="_Transaction")


class _Transaction:
    """Something that the library keeps until the end of a with statement, or of this object."""

    _end: str

    def __init__(self, handle: int) -> None:
        self._library = library()
        self._value = handle
        self._finalizer = weakref.finalize(self, self._library.end, self._end, handle)

    @property
    def value(self) -> int:
        """What the library knows it by."""
        return self._value

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._finalizer()


class Capturing(_Transaction):
    """A namespace on its way into a store.

    *base* is the commit that the namespace was last in step with: 0 if there was none, None if it
    is not known. Memory that is given as a view is read by :meth:`commit`, in place. The calls of a
    capture keep other threads from running, so that it is the namespace of one moment.
    """

    _end = "podfs_capture_end"

    def __init__(self, store: StoreHandle, session: int, base: int | None, message: str) -> None:
        arguments = (store.value, session, -1 if base is None else base, *_utf8(message))
        super().__init__(library().begin("podfs_capture_begin", *arguments)[0])
        self._views: list[memoryview] = []

    def add_seen(self, name: str, version: int) -> None:
        """Tell of a change of the workspace that the namespace was loaded with."""
        self._call("seen", *_utf8(name), version)

    def add_cell(
        self,
        source: str,
        count: int | None,
        duration: float | None,
        output: str,
        error: str | None,
        reads: Reads | None,
    ) -> None:
        """Tell the code whose run made the namespace, and what it reads."""
        number = -1 if count is None else count
        seconds = -1.0 if duration is None else duration
        texts = (*_utf8(output), *_utf8(error), *_utf8(reads and reads.encoded()))
        self._call("cell", *_utf8(source), number, seconds, *texts)

    def add_environment(self, environment: str) -> None:
        """Tell what the namespace was made in."""
        self._call("environment", *_utf8(environment))

    def skip_unchanged(self) -> None:
        """Ask for no commit if nothing is otherwise than at the base."""
        self._call("if_changed")

    def add_kept(self, loading: Loading, index: int, names: Iterable[str] | None) -> None:
        """Add co-variable *index* of a load, or those *names* of it, as they are stored."""
        wanted = None if names is None else "".join(f"{name}\0" for name in names)
        self._call("kept", loading.value, index, *_utf8(wanted))

    def add_unsaved(self, name: str, kind: str, reason: str) -> None:
        """Tell of a variable that was left out."""
        self._call("unsaved", *_utf8(name), *_utf8(kind), *_utf8(reason))

    def add_part(self, name: str, stream: memoryview, buffers: Iterable[memoryview]) -> None:
        """Add a variable: its piece of the stream, and the buffers this refers to."""
        self._call("part", *_utf8(name), *self._memory(stream))
        for buffer in buffers:
            self._call("buffer", *self._memory(buffer))

    def add_tuple(self, names: bytes, stream: memoryview, buffers: Sequence[memoryview]) -> None:
        """Add all variables at once: the pickle of the tuple of their values, and its buffers.

        *names* has a NUL between each two.
        """
        memory = [self._memory(buffer) for buffer in buffers]
        addresses = (ctypes.c_void_p * len(memory))(*(start for start, _ in memory))
        counts = (ctypes.c_int64 * len(memory))(*(count for _, count in memory))
        arguments = (*self._memory(stream), addresses, counts, len(memory))
        self._call("tuple", names, len(names), *arguments)

    def commit(self) -> dict[str, Any]:
        """Store it all, or wait until it is stored, and return what the commit is."""
        answer: dict[str, Any] = json.loads(self._call("commit"))
        return answer

    def store(self) -> bool:
        """Begin to store it all on a thread of the library; return whether that could be begun.

        What the views show may change from then on.
        """
        return bool(json.loads(self._call("store")))

    def wait(self, seconds: float) -> bool:
        """Wait at most so long until all is stored; return whether it is.

        Other threads run meanwhile.
        """
        steps = int(seconds * 5000)
        return bool(json.loads(self._library.call("podfs_capture_wait", self._value, steps)))

    @staticmethod
    def counts() -> dict[str, int]:
        """Return how this process found changes of long buffers.

        Its bytes that the kernel watches, those that it proved unchanged, and those that were read.
        """
        counts: dict[str, int] = json.loads(library().call("podfs_capture_counts"))
        return counts

    def _memory(self, view: memoryview) -> tuple[int | None, int]:
        self._views.append(view)
        return address(view), view.nbytes

    def _call(self, name: str, *arguments: Any) -> str:
        return self._library.call(f"podfs_capture_{name}", self._value, *arguments, hold=True)


class CoVariable(NamedTuple):
    """Variables that are stored together: their names, and the form of their content.

    One that is raw was written as a file. It may be a pickle all the same.
    """

    names: tuple[str, ...]
    is_raw: bool


class Loading(_Transaction):
    """Stored variables on their way into a namespace."""

    _end = "podfs_load_end"

    def __init__(
        self, store: StoreHandle, session: int, revision: str | None, names: Iterable[str] | None
    ) -> None:
        wanted = None if names is None else "".join(f"{name}\0" for name in names)
        arguments = (store.value, session, *_utf8(revision), *_utf8(wanted))
        handle, answer = library().begin("podfs_load_begin", *arguments)
        super().__init__(handle)
        self._store = store.path
        facts = json.loads(answer)
        #: The commit that the session had checked out.
        self.head: int | None = facts["head"]
        #: What the workspace has otherwise: names, and versions' numbers or 0 for what was removed.
        self.changes: dict[str, int] = dict(facts["changes"])
        self.co_variables = [
            CoVariable(tuple(entry["names"]), entry["raw"]) for entry in facts["coVariables"]
        ]

    def part(self, index: int) -> Loading:
        """Return a load of co-variable *index* alone, which keeps no other in the store."""
        part = Loading.__new__(Loading)
        handle, _ = self._library.begin("podfs_load_part", self._value, index)
        _Transaction.__init__(part, handle)
        part._store, part.head, part.changes = self._store, self.head, {}
        part.co_variables = [self.co_variables[index]]
        return part

    def is_of(self, store: StoreHandle, name: str) -> bool:
        """Tell whether this is a load of the variable *name*, and no other, from *store*."""
        return self._store == store.path and self.co_variables[0].names == (name,)

    def file(self, index: int) -> tuple[io.BufferedReader, Content, bool]:
        """Return the content of co-variable *index*, what reads it, and whether it is a pickle.

        No more is read than is asked for, unless it was written as a file.
        """
        answer = json.loads(self._library.call("podfs_load_open", self._value, index))
        content = Content(self._library, self._value, index, answer["count"])
        return io.BufferedReader(content, 1 << 17), content, answer["isPickle"]


class Content(io.RawIOBase):
    """The bytes of one co-variable, copied from the store to where the reader wants them."""

    def __init__(self, library: Library, load: int, index: int, length: int) -> None:
        self._library = library
        self._load = load
        self._index = index
        self._length = length
        self._position = 0
        #: The error that a read ended with.
        self.error: PodfsError | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readall(self) -> bytes:
        data = bytearray(max(0, self._length - self._position))
        self.readinto(data)
        return bytes(data)

    def readinto(self, target: Any, /) -> int:
        view = memoryview(target)
        count = min(view.nbytes, self._length - self._position)
        if count <= 0:
            return 0
        arguments = (self._load, self._index, self._position, address(view), count)
        try:
            self._library.call("podfs_load_read", *arguments)
        except PodfsError as error:
            self.error = error
            raise
        self._position += count
        return count
