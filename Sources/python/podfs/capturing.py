"""Capturing a namespace: what its variables are pickled to, and what cannot be."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from .arrays import BUFFER_LIMIT, Carriers, expected_carriers
from .frames import StandIns
from .lazy import bound_items
from .pickler import Pickler
from .revision import Unsaved
from .telling import reason, type_name
from .variables import Choice, NameOrder, variables_of

if TYPE_CHECKING:
    import pickle
    from collections.abc import Callable, Collection, Iterable

    from ._bridge import Capturing

__all__ = [
    "Alone",
    "Capture",
    "Part",
    "TupleCapture",
    "capture",
    "capture_namespace",
    "capture_tuple",
    "pickled_alone",
]


class Part(NamedTuple):
    """What one variable was pickled to: a piece of the stream, and the buffers it refers to."""

    name: str
    stream: memoryview
    buffers: list[memoryview]


class Capture(NamedTuple):
    """A namespace as it was: the parts of one stream, which share a memo, and what was left out."""

    parts: list[Part]
    unsaved: list[Unsaved]
    #: The types that were met, apart from the simplest.
    kinds: Collection[type]
    pickler: Pickler

    @property
    def size(self) -> int:
        """How many bytes the pickles have, with their buffers."""
        return sum(_size(part.stream, part.buffers) for part in self.parts)

    def give_to(self, capturing: Capturing) -> None:
        """Hand the variables over to the library."""
        for part in self.parts:
            capturing.add_part(part.name, part.stream, part.buffers)


class TupleCapture(NamedTuple):
    """The same, as one pickle of the tuple of all values; *names* has a NUL between each two."""

    names: bytes
    stream: memoryview
    buffers: list[memoryview]
    unsaved: list[Unsaved]
    kinds: Collection[type]
    pickler: Pickler

    @property
    def size(self) -> int:
        """How many bytes the pickle has, with its buffers."""
        return _size(self.stream, self.buffers)

    def give_to(self, capturing: Capturing) -> None:
        """Hand the variables over to the library."""
        capturing.add_tuple(self.names, self.stream, self.buffers)


class Alone(NamedTuple):
    """What one value was pickled to, by itself, and the pickler, which knows what it met."""

    stream: memoryview
    buffers: list[memoryview]
    pickler: Pickler


def _size(stream: memoryview, buffers: Iterable[memoryview]) -> int:
    return stream.nbytes + sum(buffer.nbytes for buffer in buffers)


def capture_namespace(
    namespace: dict[str, Any],
    suspects: Iterable[str] = (),
    order: NameOrder | None = None,
    choice: Choice = Choice(),  # noqa: B008
) -> Capture | TupleCapture:
    """Pickle those variables of *namespace* that *choice* does not leave out.

    At once, or one by one if a variable cannot be pickled, or if no *order* is given. *suspects*
    are names that are likely to fail or to be too large, and are tried by themselves first.
    """
    limit = choice.exclude.larger_than
    names = set(suspects)
    while True:
        at_once = None if order is None else capture_tuple(namespace, names, order, choice)
        captured = at_once or capture(namespace, names, choice)
        if limit is None or captured.size <= limit:
            return captured
        bound = {name for name, _ in bound_items(namespace)}
        if bound <= names:
            return captured
        names = bound


def capture_tuple(
    namespace: dict[str, Any],
    suspects: Iterable[str],
    order: NameOrder,
    choice: Choice = Choice(),  # noqa: B008
) -> TupleCapture | None:
    """Pickle the variables of *namespace* as one tuple; return None if any of them fails.

    That takes a fraction of the time of a dump() for each, of which only the one that fails can be
    named.
    """
    names, values, block, unsaved = order.sort(namespace, choice)
    if suspects:
        variables = dict(zip(names, values))
        trial = _Trial(namespace, variables, unsaved, choice.exclude.larger_than)
        trial.try_each(suspects)
        block, values = "\0".join(variables).encode(), tuple(variables.values())
    stream = _pass(namespace, values, lambda stream: stream.dump_tuple(values))
    if stream is None:
        return None
    pickler = stream.pickler
    return TupleCapture(block, stream.view(), stream.buffers, unsaved, pickler.kinds(), pickler)


def capture(
    namespace: dict[str, Any],
    suspects: Iterable[str] = (),
    choice: Choice = Choice(),  # noqa: B008
) -> Capture:
    """Pickle the variables of *namespace* one by one, apart from those that cannot be.

    A dump() that fails leaves a memo that refers to what was never written, so everything is then
    pickled anew without all that fails.
    """
    variables, unsaved = variables_of(bound_items(namespace), choice)
    trial = _Trial(namespace, variables, unsaved, choice.exclude.larger_than)
    trial.try_each(suspects)
    failed = 0

    def dump(stream: _Stream) -> bool:
        nonlocal failed
        index = stream.dump(variables, unsaved)
        failed = -1 if index is None else index
        return index is None

    while True:
        stream = _pass(namespace, variables.values(), dump)
        if stream is not None:
            pickler = stream.pickler
            return Capture(stream.parts(), unsaved, pickler.kinds(), pickler)
        trial.try_each(list(variables)[failed:])


def _pass(
    namespace: dict[str, Any], values: Iterable[Any], dump: Callable[[_Stream], bool]
) -> _Stream | None:
    """Pickle *values* by *dump* so that arrays go on sharing memory; return None if it fails."""
    numpy = sys.modules.get("numpy")
    carriers = Carriers()
    if hasattr(numpy, "ndarray"):
        carriers = expected_carriers(numpy, values)
    stand_ins = StandIns()
    is_settled = False
    while True:
        stream = _Stream(namespace, carriers, stand_ins)
        if not dump(stream):
            return None
        found = stream.pickler.carriers()
        if is_settled or found.is_same(carriers):
            return stream
        carriers, is_settled = found, True


def pickled_alone(namespace: dict[str, Any], value: Any) -> Alone | None:
    """Pickle a variable of *namespace* by itself; return None if that fails."""
    stream = _pass(namespace, (value,), lambda stream: stream.dump_tuple((value,)))
    return None if stream is None else Alone(stream.view(), stream.buffers, stream.pickler)


class _TooLargeError(Exception):
    """A pickle has more bytes than it may."""


class _Count:
    """A file and a buffer callback for a pickle that is made only to see whether it can be."""

    def __init__(self, limit: int | None) -> None:
        self._room = limit

    def write(self, data: Any) -> int:
        """Count and drop *data*."""
        return self._count(memoryview(data).nbytes)

    def __call__(self, buffer: pickle.PickleBuffer) -> bool:
        """Count and drop the memory of *buffer*."""
        self._count(buffer.raw().nbytes)
        return False

    def _count(self, size: int) -> int:
        if self._room is not None:
            self._room -= size
            if self._room < 0:
                raise _TooLargeError
        return size


class _Trial:
    """Tries variables by themselves, and moves those to *unsaved* that fail or are too large."""

    def __init__(
        self,
        namespace: dict[str, Any],
        variables: dict[str, Any],
        unsaved: list[Unsaved],
        limit: int | None,
    ) -> None:
        self._namespace = namespace
        self._variables = variables
        self._unsaved = unsaved
        self._limit = limit

    def try_each(self, names: Iterable[str]) -> None:
        """Try those of *names* that are variables."""
        for name in sorted(self._variables.keys() & set(names)):
            problem = self._problem(self._variables[name])
            if problem is not None:
                value = self._variables.pop(name)
                self._unsaved.append(Unsaved(name, type_name(value), problem))

    def _problem(self, value: object) -> str | None:
        file = _Count(self._limit)
        try:
            Pickler(file, self._namespace, file, Carriers(), StandIns()).dump(value)
        except (KeyboardInterrupt, SystemExit):
            raise
        except _TooLargeError:
            return f"excluded by size: more than {self._limit} bytes"
        except BaseException as error:
            return reason(error)
        return None


class _Buffers:
    """A pickler's buffer callback, which keeps the large ones."""

    def __init__(self) -> None:
        self.kept: list[memoryview] = []

    def __call__(self, buffer: pickle.PickleBuffer) -> bool:
        """Keep *buffer* if it is large; return whether it is to be in the stream instead."""
        memory = buffer.raw()
        if memory.nbytes < BUFFER_LIMIT:
            return True
        self.kept.append(memory)
        return False


class _Stream:
    """One attempt to pickle all variables into one stream."""

    def __init__(self, namespace: dict[str, Any], carriers: Carriers, stand_ins: StandIns) -> None:
        self._file = io.BytesIO()
        self._kept = _Buffers()
        self._ends: list[tuple[str, int, int]] = []
        self.pickler = Pickler(self._file, namespace, self._kept, carriers, stand_ins)

    def dump(self, variables: dict[str, Any], unsaved: list[Unsaved]) -> int | None:
        """Pickle *variables*; move the first that fails to *unsaved* and return its index."""
        for index, (name, value) in enumerate(variables.items()):
            try:
                self.pickler.dump(value)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:
                del variables[name]
                unsaved.append(Unsaved(name, type_name(value), reason(error)))
                return index
            self._ends.append((name, self._file.tell(), len(self._kept.kept)))
        return None

    def dump_tuple(self, values: tuple[Any, ...]) -> bool:
        """Pickle *values* at once; return whether that worked."""
        try:
            self.pickler.dump(values)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:
            return False
        return True

    def view(self) -> memoryview:
        """Return all that was pickled."""
        return memoryview(self._file.getvalue())

    @property
    def buffers(self) -> list[memoryview]:
        """The buffers that what was pickled refers to."""
        return self._kept.kept

    def parts(self) -> list[Part]:
        """Return what was pickled, as pieces of one buffer."""
        stream = self.view()
        starts = [("", 0, 0), *self._ends]
        return [
            Part(name, stream[start:end], self._kept.kept[first:last])
            for (_, start, first), (name, end, last) in zip(starts, self._ends)
        ]
