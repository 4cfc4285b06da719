"""Pickling the variables of a namespace: with one memo, and large buffers left where they are."""

from __future__ import annotations

import io
import pickle
import sys
import types
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import cloudpickle

from .arrays import Carriers, SharedMemory, expected_carriers
from .frames import StandIns, holds_arrays
from .namespace import is_dunder, name_problem
from .revision import Unsaved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ._bridge import Capturing

__all__ = [
    "BOUND",
    "STORED_BY_VALUE",
    "Capture",
    "NameOrder",
    "Part",
    "Pickler",
    "TupleCapture",
    "capture",
    "capture_tuple",
    "is_importable",
    "is_main",
]

#: Buffers of at least this many bytes stay where they are; smaller ones become part of the stream.
BUFFER_LIMIT = 4096

#: The name that marks the globals of a function as those of the namespace it was saved from: when
#: it is loaded into a namespace, its globals are that namespace.
BOUND = "__podfs__"

#: The length of what cloudpickle reduces a function or class to that it stores by value.
STORED_BY_VALUE = 6

_REASON_LIMIT = 300


class Part(NamedTuple):
    """What one variable was pickled to: a piece of the stream, and the buffers it refers to."""

    name: str
    stream: memoryview
    buffers: list[memoryview]


class Capture(NamedTuple):
    """A namespace as it was: the parts of one stream, which share a memo, and what was left out."""

    parts: list[Part]
    unsaved: list[Unsaved]

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

    def give_to(self, capturing: Capturing) -> None:
        """Hand the variables over to the library."""
        capturing.add_tuple(self.names, self.stream, self.buffers)


def is_importable(value: object) -> bool:
    """Tell whether *value* is a module, or a function or class that a module has by its name."""
    kind = type(value)
    if issubclass(kind, types.ModuleType):
        return sys.modules.get(getattr(value, "__name__", "")) is value
    is_named = kind in (types.FunctionType, types.BuiltinFunctionType) or issubclass(kind, type)
    if not is_named and kind is not getattr(sys.modules.get("numpy"), "ufunc", None):
        return False
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    module = getattr(value, "__module__", None) or ("numpy" if not is_named else None)
    if not isinstance(name, str) or not isinstance(module, str) or module == "__main__":
        return False
    found: Any = sys.modules.get(module)
    for attribute in name.split("."):
        found = getattr(found, attribute, None)
    return found is value


def is_main(function: types.FunctionType) -> bool:
    """Tell whether *function* was made by code that ran in a namespace, and not in a module."""
    return bool(function.__globals__.get("__name__", "__main__") == "__main__")


def _reduce_file(file: io.TextIOWrapper) -> Any:
    """Reduce the standard streams by name; cloudpickle would store what other files contain."""
    for name in ("stdin", "stdout", "stderr"):
        if file is getattr(sys, name):
            return getattr, (sys, name)
    raise pickle.PicklingError("an open file cannot be kept; keep its path or its contents")


def _reduce_memoryview(view: memoryview) -> Any:
    """Reduce a view of a whole object to that object; cloudpickle would turn it into bytes."""
    owner = memoryview(view.obj)
    if (view.nbytes, view.format, view.shape) != (owner.nbytes, owner.format, owner.shape):
        raise pickle.PicklingError("a memoryview of a part of an object, or cast, cannot be kept")
    if view.readonly and not owner.readonly:
        return memoryview.toreadonly, (owner,)
    return memoryview, (view.obj,)


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """A pickler for the variables of *namespace*: one dump() each, with one memo for all.

    Beyond what cloudpickle does:

    * A function whose globals are *namespace*, or are another and hold the same, is stored
      without the variables it refers to. They are variables too; they would tie all that a
      function uses together. Its globals in the pickle hold what can be imported, and the mark
      ``BOUND``.
    * Functions share neither a dict of globals nor, unless they did, cells of their closures.
    * Arrays of numpy that share memory still do when they are loaded; see :mod:`podfs.arrays`.
    """

    dispatch_table = cloudpickle.Pickler.dispatch_table.new_child(
        {io.TextIOWrapper: _reduce_file, memoryview: _reduce_memoryview}
    )

    def __init__(
        self,
        file: Any,
        namespace: dict[str, Any],
        buffer_callback: Callable[[pickle.PickleBuffer], bool],
        carriers: Carriers,
        stand_ins: StandIns,
    ) -> None:
        # A plain copy, since the chained one is asked about every object that is reduced.
        self.dispatch_table = dict(type(self).dispatch_table)
        super().__init__(file, protocol=5, buffer_callback=buffer_callback)
        self._namespace = namespace
        self._reducers: dict[int, tuple[type, Callable[[Pickler, Any], Any] | None]] = {}
        self._cells: dict[int, tuple[types.CellType, types.CellType]] = {}
        numpy = sys.modules.get("numpy")
        self._stand_ins = stand_ins
        self._memory = (
            SharedMemory(numpy, carriers, stand_ins) if hasattr(numpy, "ndarray") else None
        )

    def carriers(self) -> Carriers:
        """Return how the arrays that were met would have to be pickled to keep sharing memory."""
        return self._memory.carriers() if self._memory is not None else Carriers()

    def reducer_override(self, value: Any) -> Any:
        """Reduce functions, classes and arrays; leave all else to cloudpickle's table and pickle.

        Called for every object but those of the simplest types, so the way of a type is found
        once. The table goes by identity: a type with a metaclass may not be hashable.
        """
        kind = type(value)
        entry = self._reducers.get(id(kind))
        if entry is None:
            entry = self._reducers[id(kind)] = (kind, self._reducer(kind))
        reduce = entry[1]
        return NotImplemented if reduce is None else reduce(self, value)

    def _reducer(self, kind: type) -> Callable[[Pickler, Any], Any] | None:
        """Return the method for values of the type *kind*, if there is one.

        It is not bound: a pickler that refers to itself would keep alive all that it met until the
        next collection of cycles.
        """
        if issubclass(kind, type):
            return Pickler._reduce_class
        if kind is types.FunctionType:
            return Pickler._reduce_function
        if self._memory is not None:
            if kind is sys.modules["numpy"].ndarray:
                return Pickler._reduce_array
            if holds_arrays(kind):
                return Pickler._reduce_pandas
        return None

    def _reduce_class(self, kind: type) -> Any:
        reduced = super().reducer_override(kind)
        if isinstance(reduced, tuple) and len(reduced) == STORED_BY_VALUE:
            reduced[2][0].pop("__slotnames__", None)  # a cache that pickling an instance makes
        return reduced

    def _reduce_function(self, function: types.FunctionType) -> Any:
        reduced = super().reducer_override(function)
        if reduced is NotImplemented:
            return reduced
        make, (code, shared, *rest, closure), (state, slots), *setter = reduced
        variables = {
            name: value for name, value in slots["__globals__"].items() if not is_importable(value)
        }
        own = dict(shared)
        if function.__globals__ is self._namespace or (is_main(function) and self._has(variables)):
            own = {"__name__": shared.get("__name__", "__main__"), BOUND: True}
            for name, value in variables.items():
                if value is not function:
                    del slots["__globals__"][name]
        if closure is not None:
            closure = tuple(self._empty_cell(cell) for cell in function.__closure__ or ())
        return make, (code, own, *rest, closure), (state, slots), *setter

    def _has(self, variables: dict[str, Any]) -> bool:
        """Tell whether a function that refers to *variables* finds the same in the namespace."""
        return all(self._namespace.get(name) is value for name, value in variables.items())

    def _empty_cell(self, cell: types.CellType) -> types.CellType:
        """Return an empty cell that stands for *cell*, the same for all closures that share it.

        A function is made with empty cells, since what they hold may refer to it, and gets the
        contents with its state.
        """
        return self._cells.setdefault(id(cell), (cell, types.CellType()))[1]

    def _reduce_array(self, array: Any) -> Any:
        return NotImplemented if self._memory is None else self._memory.reduce(array)

    def _reduce_pandas(self, value: Any) -> Any:
        reduce = self.dispatch_table.get(type(value))
        reduced = value.__reduce_ex__(5) if reduce is None else reduce(value)
        return self._stand_ins.put_into(reduced, value)


class _Nowhere:
    """A file for pickles that are made only to see whether they can be."""

    @staticmethod
    def write(data: Any) -> int:
        """Drop *data*."""
        return len(data)


class NameOrder:
    """The names of a namespace in the order in which they are saved, kept from save to save.

    To check and to sort ten thousand names takes longer than to pickle as many small values.
    """

    def __init__(self) -> None:
        self._keys: list[Any] = []
        self._names: list[str] = []
        self._block = b""
        self._pick: Callable[[list[Any]], tuple[Any, ...]] = tuple

    def sort(
        self, namespace: dict[str, Any]
    ) -> tuple[list[str], tuple[Any, ...], bytes, list[Unsaved]]:
        """Return the names, the values in their order, the names as bytes, and what is left out."""
        keys = list(dict.keys(namespace))
        # Only of plain strings it is certain that equal ones are the same name.
        if set(map(type, keys)) == {str} and keys == self._keys:
            values = list(dict.values(namespace))
            # Otherwise another thread has been here, and the values may be those of other keys.
            if list(dict.keys(namespace)) == keys:
                return self._names, self._pick(values), self._block, []
        items = list(dict.items(namespace))
        variables, unsaved = _variables(items)
        names = list(variables)
        block = "\0".join(names).encode()
        if not unsaved and len(names) > 1:
            keys = [key for key, _ in items]
            places = {str.__str__(key): index for index, key in enumerate(keys)}
            self._pick = itemgetter(*(places[name] for name in names))
            self._keys, self._names, self._block = keys, names, block
        return names, tuple(variables.values()), block, unsaved


def capture_tuple(
    namespace: dict[str, Any], suspects: Iterable[str], order: NameOrder
) -> TupleCapture | None:
    """Pickle the variables of *namespace* as one tuple; return None if any of them fails.

    That takes a fraction of the time of a dump() for each, of which only the one that fails can be
    named. *suspects* are names that are likely to fail, and are tried by themselves first.
    """
    names, values, block, unsaved = order.sort(namespace)
    if suspects:
        variables = dict(zip(names, values))
        _try_suspects(suspects, variables, namespace, unsaved)
        block, values = "\0".join(variables).encode(), tuple(variables.values())
    stream = _pass(namespace, values, lambda stream: stream.dump_tuple(values))
    if stream is None:
        return None
    return TupleCapture(block, stream.view(), stream.buffers, unsaved)


def capture(namespace: dict[str, Any], suspects: Iterable[str] = ()) -> Capture:
    """Pickle the variables of *namespace* one by one, apart from those that cannot be.

    A dump() that fails leaves a memo that refers to what was never written, so everything is then
    pickled anew without all that fails. *suspects* are names that are likely to fail, and are
    tried by themselves first.
    """
    variables, unsaved = _variables(list(dict.items(namespace)))
    _try_suspects(suspects, variables, namespace, unsaved)
    failed = 0

    def dump(stream: _Stream) -> bool:
        nonlocal failed
        index = stream.dump(variables, unsaved)
        failed = -1 if index is None else index
        return index is None

    while True:
        stream = _pass(namespace, variables.values(), dump)
        if stream is not None:
            return Capture(stream.parts(), unsaved)
        for name in list(variables)[failed:]:
            _try_alone(name, variables, namespace, unsaved)


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


def _variables(items: list[tuple[Any, Any]]) -> tuple[dict[str, Any], list[Unsaved]]:
    """Return those of the *items* of a namespace whose names can be kept, and the others."""
    variables: dict[str, Any] = {}
    unsaved: list[Unsaved] = []
    for key, value in items:
        problem = name_problem(key)
        if problem is not None:
            unsaved.append(Unsaved(_printable(key), type_name(value), problem))
        elif not is_dunder(key):
            variables[str.__str__(key)] = value
    # In the order of their names: the order in which they were first bound is no part of them.
    return dict(sorted(variables.items())), unsaved


def _try_suspects(
    suspects: Iterable[str],
    variables: dict[str, Any],
    namespace: dict[str, Any],
    unsaved: list[Unsaved],
) -> None:
    """Move those of *suspects* to *unsaved* that cannot be pickled."""
    for name in set(suspects).intersection(variables):
        _try_alone(name, variables, namespace, unsaved)


def _try_alone(
    name: str, variables: dict[str, Any], namespace: dict[str, Any], unsaved: list[Unsaved]
) -> None:
    """Move the variable *name* to *unsaved* if it cannot be pickled."""
    value = variables[name]
    try:
        Pickler(_Nowhere, namespace, lambda _: False, Carriers(), StandIns()).dump(value)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        del variables[name]
        unsaved.append(Unsaved(name, type_name(value), _reason(error)))


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
                unsaved.append(Unsaved(name, type_name(value), _reason(error)))
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


def type_name(value: object) -> str:
    """Return the type of *value* as people write it: with its module, unless that is builtins."""
    kind = type(value)
    module = type.__dict__["__module__"].__get__(kind)
    name = type.__dict__["__qualname__"].__get__(kind)
    return f"{module}.{name}" if isinstance(module, str) and module != "builtins" else str(name)


def _printable(key: object) -> str:
    """Return a text for a key that is no name of a variable."""
    try:
        text = key if isinstance(key, str) else repr(key)
    except Exception:
        text = object.__repr__(key)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 1] + "…"


def _reason(error: BaseException) -> str:
    """Return what *error* says, in one line."""
    kind = type(error).__name__
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = ""
    if not text:
        return kind
    if not isinstance(error, (pickle.PicklingError, TypeError)):
        text = f"{kind}: {text}"
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 1] + "…"
