"""numpy arrays that share memory, so that they still do when they are loaded.

pickle copies a view, which then is an array of its own. Here the arrays that a save meets are
compared by the memory they span. Of those that overlap, one is pickled as numpy does it and
carries the memory; the others are pickled as ``numpy.ndarray(shape, dtype, carrier, offset,
strides)``, which any unpickler turns into views of it. Where none of them spans the whole, the
carrier is an array of the bytes between the first and the last.

An array whose memory no other reaches is pickled as numpy does it, however large its base is.
Not kept: sharing with what is no plain ``ndarray`` (a memmap, a matrix, a bytearray),
and sharing of objects unless one array spans the others.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

__all__ = [
    "BUFFER_LIMIT",
    "Carrier",
    "Carriers",
    "SharedMemory",
    "expected_carriers",
    "with_shared_dtype",
]

#: Buffers of at least this many bytes stay where they are; smaller ones become part of the stream.
BUFFER_LIMIT = 4096

#: The kinds of dtype whose arrays numpy lends as a buffer in every version: bool, int, float,
#: complex and object.
_LENDABLE_KINDS = "biufcO"


@dataclass(frozen=True, eq=False)
class Carrier:
    """Memory from *start* to *end*, and the array that is stored for it.

    *owners* is empty if a variable reaches the array. Else it was made here, and lends the
    memory of these.
    """

    start: int
    end: int
    array: Any
    owners: tuple[Any, ...] = ()

    def is_same(self, other: Carrier) -> bool:
        """Tell whether *other* is stored for the same memory with the same array."""
        return self.array is other.array and (self.start, self.end) == (other.start, other.end)


class Carriers:
    """Carriers in the order of their addresses; they do not overlap."""

    def __init__(self, carriers: Iterable[Carrier] = ()) -> None:
        self._carriers = tuple(carriers)
        self._starts = [carrier.start for carrier in self._carriers]
        self._made = {id(carrier.array) for carrier in self._carriers if carrier.owners}

    def __bool__(self) -> bool:
        return bool(self._carriers)

    def covering(self, start: int, end: int) -> Carrier | None:
        """Return the carrier of all memory from *start* to *end*, if there is one."""
        index = bisect_right(self._starts, start) - 1
        if index < 0 or end > self._carriers[index].end:
            return None
        return self._carriers[index]

    def made(self, array: Any) -> bool:
        """Tell whether *array* is a carrier that no variable reaches."""
        return id(array) in self._made

    def is_same(self, other: Carriers) -> bool:
        """Tell whether *other* leads to the same pickles."""
        return len(self._carriers) == len(other._carriers) and all(
            ours.is_same(theirs) for ours, theirs in zip(self._carriers, other._carriers)
        )


@dataclass(frozen=True)
class _Span:
    """An array that was met, and the memory from its first to its last byte."""

    start: int
    end: int
    order: int
    array: Any
    is_private: bool


def _bounds(array: Any) -> tuple[int, int]:
    """Return the addresses of the first byte of *array* and of the one behind its last."""
    start = array.__array_interface__["data"][0]
    if array.flags.c_contiguous:
        return start, start + array.nbytes
    steps = [(length - 1) * stride for length, stride in zip(array.shape, array.strides)]
    below = sum(step for step in steps if step < 0)
    above = sum(step for step in steps if step > 0)
    return start + below, start + above + array.itemsize


def expected_carriers(numpy: Any, values: Iterable[Any]) -> Carriers:
    """Return the carriers as far as the arrays directly among *values* tell, so that one pass does.

    A carrier must be known to be reached by more than its views, and these are.
    """
    memory = SharedMemory(numpy, Carriers())
    kind = numpy.ndarray
    for value in [value for value in values if type(value) is kind]:
        memory.meet(value)
    return memory.carriers()


def _view(array: Any, carrier: Any, offset: int) -> Any:
    """Return how *array* is pickled as a view of *carrier*."""
    kind = type(array)
    arguments = (array.shape, _shared(array.dtype), carrier, offset, array.strides)
    if carrier.flags.writeable and not array.flags.writeable:
        return kind, arguments, False, None, None, kind.setflags
    return kind, arguments


def with_shared_dtype(reduced: Any) -> Any:
    """Return *reduced* with the one dtype for all numbers of a kind, which numpy's arrays have.

    Each pickle that is loaded makes dtypes of its own, and the arrays would differ by that.
    """
    make, arguments, *rest = reduced
    arguments = tuple(map(_shared, arguments))
    if rest and isinstance(rest[0], tuple):
        rest[0] = tuple(map(_shared, rest[0]))
    return make, arguments, *rest


def _shared(value: Any) -> Any:
    """Return *value*, or the one that stands for it if it is a dtype of plain numbers."""
    kind = type(value)
    if kind.__module__ != "numpy.dtypes" or value.kind not in _LENDABLE_KINDS:
        return value
    if not value.isnative or value.metadata is not None:
        return value
    return type(value)()


class SharedMemory:
    """The arrays met by one pass of pickling, and how those that share memory are pickled.

    The arrays in *private* are pickled as numpy does it. :meth:`reduce` follows *carriers*. When a
    pass is over, :meth:`carriers` tells what they should have been; another pass with these is the
    right one.
    """

    def __init__(self, numpy: Any, carriers: Carriers, private: Container[Any] = ()) -> None:
        self._ndarray = numpy.ndarray
        self._numpy = numpy
        self._carriers = carriers
        self._private = private
        self._met: dict[int, Any] = {}
        #: What stands for the memory of times.
        self._integers: dict[int, Any] = {}
        self._has_views = False

    def meet(self, array: Any) -> None:
        """Note that *array* is part of what is pickled."""
        self._met.setdefault(id(array), array)
        self._has_views = self._has_views or array.base is not None

    def spans(self) -> list[tuple[int, int]]:
        """Return from where to where the memory of each array that was met goes."""
        bounds = map(_bounds, self._met.values())
        return [(start, end) for start, end in bounds if start < end]

    def reduce(self, array: Any) -> Any:
        """Return how *array* is pickled."""
        if id(array) in self._integers or self._carriers.made(array):
            return with_shared_dtype(array.__reduce_ex__(5))
        view = self._reduce_view(array)
        return self._reduce_alone(array) if view is NotImplemented else view

    def _reduce_alone(self, array: Any) -> Any:
        """Return how *array* is pickled when it carries its own memory."""
        if array.dtype.hasobject:
            return array.__reduce_ex__(5)
        flags = array.flags
        if not flags.forc:
            # Out of band, and as it will be when it was loaded.
            array = array.copy()
            array.flags.writeable = flags.writeable
        elif array.dtype.kind in "mM" and flags.c_contiguous and array.nbytes >= BUFFER_LIMIT:
            # numpy would copy times into the stream, but lends the integers that they are.
            integers = array.view("i8")
            self._integers[id(integers)] = integers
            return _view(array, integers, 0)
        return with_shared_dtype(array.__reduce_ex__(5))

    def _reduce_view(self, array: Any) -> Any:
        """Return how *array* is pickled as a view of a carrier, or NotImplemented if it is none."""
        self.meet(array)
        if not self._carriers or array in self._private:
            return NotImplemented
        start, end = _bounds(array)
        carrier = self._carriers.covering(start, end)
        if carrier is None or array is carrier.array or start == end:
            return NotImplemented
        if array.dtype.hasobject != carrier.array.dtype.hasobject:
            return NotImplemented
        if array.flags.writeable and not carrier.array.flags.writeable:
            return NotImplemented
        offset = array.__array_interface__["data"][0] - carrier.start
        return _view(array, carrier.array, offset)

    def carriers(self) -> Carriers:
        """Return the carriers of all memory that several of the arrays met can reach."""
        if not self._has_views:
            return Carriers()
        spans = []
        for order, array in enumerate(self._met.values()):
            start, end = _bounds(array)
            if start < end:
                spans.append((start, end, order, array))
        spans.sort(key=itemgetter(0, 1))
        carriers = []
        first = 0
        while first < len(spans):
            start, end = spans[first][:2]
            last = first + 1
            while last < len(spans) and spans[last][0] < end:
                end = max(end, spans[last][1])
                last += 1
            if last - first > 1:
                cluster = [_Span(*span, span[3] in self._private) for span in spans[first:last]]
                carrier = self._carrier(cluster, start, end)
                if carrier is not None:
                    carriers.append(carrier)
            first = last
        return Carriers(carriers)

    def _carrier(self, cluster: list[_Span], start: int, end: int) -> Carrier | None:
        """Choose what carries the memory that the arrays of *cluster* share."""
        views = [span for span in cluster if not span.is_private]
        if not views:
            return None
        is_writeable = any(span.array.flags.writeable for span in views)
        candidates = [
            span
            for span in cluster
            if (span.start, span.end) == (start, end)
            and span.array.flags.c_contiguous
            and span.array.dtype.kind in _LENDABLE_KINDS
            and span.array.flags.writeable >= is_writeable
        ]
        if candidates:
            # One of pandas' own first, since it cannot be a view; else the first that was met, so
            # that what was loaded is pickled again as it was.
            best = min(candidates, key=lambda span: (not span.is_private, span.order))
            return Carrier(start, end, best.array)
        if any(span.array.dtype.hasobject for span in cluster) or len(views) == 1:
            return None
        known = self._carriers.covering(start, end)
        if (
            known is not None
            and known.owners
            and (known.start, known.end) == (start, end)
            and known.array.flags.writeable == is_writeable
        ):
            return known
        memory = (ctypes.c_uint8 * (end - start)).from_address(start)
        array = self._numpy.frombuffer(memory, self._numpy.uint8)
        array.flags.writeable = is_writeable
        return Carrier(start, end, array, tuple(span.array for span in cluster))
