"""The pickler for the variables of a namespace: what is stored by value, and what is shared."""

from __future__ import annotations

import io
import pickle
import sys
import types
from typing import TYPE_CHECKING, Any

import cloudpickle

from .arrays import Carriers, SharedMemory, with_shared_dtype
from .foreign import check_metaclass, foreign_reducer, reduce_made_class, settle
from .frames import StandIns, holds_arrays
from .tensors import Call, Storages, is_storage

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BOUND", "STORED_BY_VALUE", "Pickler", "is_importable", "is_main"]

#: The name that marks the globals of a function as those of the namespace it was saved from: when
#: it is loaded into a namespace, its globals are that namespace.
BOUND = "__podfs__"

#: The length of what cloudpickle reduces a function or class to that it stores by value.
STORED_BY_VALUE = 6


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
        self._storages = Storages()
        self._memory = (
            SharedMemory(numpy, carriers, stand_ins) if hasattr(numpy, "ndarray") else None
        )

    def kinds(self) -> list[type]:
        """Return the types of the objects that were met, apart from the simplest."""
        return [kind for kind, _ in self._reducers.values()]

    def carriers(self) -> Carriers:
        """Return how the arrays that were met would have to be pickled to keep sharing memory."""
        return self._memory.carriers() if self._memory is not None else Carriers()

    def memory(self) -> list[tuple[int, int]]:
        """Return from where to where the memory of the arrays goes that were met."""
        return self._memory.spans() if self._memory is not None else []

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
        if kind is Call:
            return Pickler._reduce_call
        if self._memory is not None:
            if kind is sys.modules["numpy"].ndarray:
                return Pickler._reduce_array
            if issubclass(kind, sys.modules["numpy"].generic):
                return Pickler._reduce_scalar
            if holds_arrays(kind):
                return Pickler._reduce_pandas
            if is_storage(kind):
                return Pickler._reduce_storage
        foreign = foreign_reducer(kind, self.dispatch_table)
        return None if foreign is None else lambda _, value: foreign(value)

    def _reduce_class(self, kind: type) -> Any:
        reduced = reduce_made_class(kind)
        if reduced is NotImplemented:
            reduced = super().reducer_override(kind)
        if isinstance(reduced, tuple) and len(reduced) == STORED_BY_VALUE:
            check_metaclass(kind)
            settle(reduced[1], reduced[2])
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

    def _reduce_call(self, call: Call) -> Any:
        return call.function, call.arguments

    def _reduce_storage(self, storage: Any) -> Any:
        return self._storages.reduce(storage)

    def _reduce_array(self, array: Any) -> Any:
        return NotImplemented if self._memory is None else self._memory.reduce(array)

    def _reduce_scalar(self, scalar: Any) -> Any:
        return with_shared_dtype(scalar.__reduce__())

    def _reduce_pandas(self, value: Any) -> Any:
        reduce = self.dispatch_table.get(type(value))
        reduced = value.__reduce_ex__(5) if reduce is None else reduce(value)
        return self._stand_ins.put_into(reduced, value)
