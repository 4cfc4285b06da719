"""Making the values of stored variables again."""

from __future__ import annotations

import builtins
import io
import pickle
import types
from typing import IO, TYPE_CHECKING, Any

from cloudpickle import cloudpickle

from .arrays import Carriers
from .classes import make_class
from .foreign import settle
from .frames import StandIns
from .pickler import BOUND, STORED_BY_VALUE, Pickler, is_importable, is_main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Loader", "Unpickler"]


class Loader:
    """Makes the values of one load, and binds the functions among them to *namespace*.

    A class that was stored by value is made once. If this process has it already, as the class it
    was stored from or from another load, that one is taken, provided that it still is what was
    stored, and that its methods depend on no variable of another namespace. A load never changes
    a class that is in use.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        #: What the functions refer to that can be imported.
        self.references: dict[str, Any] = {}
        #: The classes made or found by the names that cloudpickle tracks them by.
        self._classes: dict[str, type] = {}
        #: Classes that are no longer what was stored, by identity.
        self._unlike: dict[int, type] = {}

    def load(self, file: IO[bytes], buffers: Sequence[Any] = ()) -> Any:
        """Return the value whose pickle is in *file*, which can be read again from its start."""
        while True:
            try:
                return Unpickler(file, self, buffers).load()
            except _UnlikeClassError as error:
                self._unlike[id(error.kind)] = error.kind
                self._classes = {
                    tracker: kind
                    for tracker, kind in self._classes.items()
                    if kind is not error.kind
                }
                file.seek(0)

    def known_class(self, tracker: str) -> type | None:
        """Return a class that cloudpickle tracks by *tracker*, and that may be the one stored."""
        known = self._classes.get(tracker)
        if known is not None:
            return known
        with cloudpickle._DYNAMIC_CLASS_TRACKER_LOCK:
            candidates: list[type | None] = [cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID.get(tracker)]
            if self._unlike:  # the same class as it was at other times
                tracked = list(cloudpickle._DYNAMIC_CLASS_TRACKER_BY_CLASS.items())
                candidates += [kind for kind, name in tracked if name == tracker]
        for kind in candidates:
            if kind is not None and id(kind) not in self._unlike:
                return kind
        return None

    def classes(self) -> Iterable[type]:
        """Return the classes that this load has made or found."""
        return self._classes.values()

    def add_class(self, tracker: str, kind: type) -> None:
        """Note that the class *kind* is the one stored as *tracker*."""
        self._classes[tracker] = kind
        with cloudpickle._DYNAMIC_CLASS_TRACKER_LOCK:
            cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID.setdefault(tracker, kind)
            cloudpickle._DYNAMIC_CLASS_TRACKER_BY_CLASS[kind] = tracker


class _UnlikeClassError(Exception):
    """The class *kind* is no longer what was stored; another is to be found or made."""

    def __init__(self, kind: type) -> None:
        super().__init__(kind)
        self.kind = kind


class Unpickler(pickle.Unpickler):
    """An unpickler that puts its own makers of functions and classes in place of cloudpickle's."""

    def __init__(self, file: IO[bytes], loader: Loader, buffers: Iterable[Any] = ()) -> None:
        super().__init__(file, buffers=buffers)
        self._loader = loader
        #: Classes of this pickle, with the arguments they were stored with; those in *empty* were
        #: made just now.
        self._stored: dict[int, tuple[Any, ...]] = {}
        self._empty: set[int] = set()

    def find_class(self, module: str, name: str, /) -> Any:
        """Return what the pickle calls *name* in *module*, or what stands in for it here."""
        found = super().find_class(module, name)
        if module == "cloudpickle.cloudpickle":
            if name == "_make_function":
                return self._make_function
            if name == "_function_setstate":
                return self._set_function_state
            if name in ("_make_skeleton_class", "_make_skeleton_enum"):
                return lambda *arguments: self._make_class(found, arguments)
            if name == "_class_setstate":
                return self._set_class_state
        return found

    def _make_function(
        self,
        code: types.CodeType,
        variables: dict[str, Any],
        name: Any,
        defaults: Any,
        closure: Any,
    ) -> types.FunctionType:
        if BOUND in variables:
            variables = self._loader.namespace
        if "__builtins__" not in variables:
            variables["__builtins__"] = builtins
        return types.FunctionType(code, variables, name, defaults, closure)

    def _set_function_state(self, function: types.FunctionType, state: Any) -> None:
        attributes, slots = state
        function.__dict__.update(attributes)
        references = slots.pop("__globals__")
        if function.__globals__ is self._loader.namespace:
            references.pop(function.__name__, None)
            self._loader.references.update(references)
        else:
            function.__globals__.update(references)
        slots.pop("_cloudpickle_submodules", None)
        for cell, stored in zip(function.__closure__ or (), slots.pop("__closure__") or ()):
            try:
                cell.cell_contents = stored.cell_contents
            except ValueError:  # it was empty when it was stored
                continue
        for name, value in slots.items():
            setattr(function, name, value)

    def _make_class(self, make: Callable[..., type], arguments: tuple[Any, ...]) -> type:
        *description, tracker, extra = arguments
        kind = self._loader.known_class(tracker)
        if kind is None:
            kind = make_class(make, description, extra)
            self._empty.add(id(kind))
        self._stored[id(kind)] = arguments
        return kind

    def _set_class_state(self, kind: type, state: Any) -> type:
        arguments = self._stored[id(kind)]
        tracker = arguments[-2]
        if id(kind) in self._empty:
            self._empty.discard(id(kind))
            cloudpickle._class_setstate(kind, state)
            self._loader.add_class(tracker, kind)
        elif self._is_like(kind, arguments, state):
            self._loader.add_class(tracker, kind)
        else:
            raise _UnlikeClassError(kind)
        return kind

    def _is_like(self, kind: type, arguments: tuple[Any, ...], state: Any) -> bool:
        """Tell whether *kind* is and does what was stored as *arguments* and *state*."""
        try:
            _, ours, our_state, *_ = cloudpickle._dynamic_class_reduce(kind)
            settle(ours, our_state)
            settle(arguments, state)
            image, functions = _image(ours, our_state)
            return image == _image(arguments, state)[0] and all(map(self._finds_same, functions))
        except Exception:
            return False

    def _finds_same(self, function: types.FunctionType) -> bool:
        """Tell whether a method refers to nothing that may be another in the namespace loaded."""
        variables = function.__globals__
        if variables is self._loader.namespace or not is_main(function):
            return True
        known = {id(kind) for kind in self._loader.classes()}.union(self._stored)
        for name in cloudpickle._extract_code_globals(function.__code__):
            if name not in variables:
                if not hasattr(builtins, name):
                    return False
            elif not is_importable(variables[name]) and id(variables[name]) not in known:
                return False
        return True


def _image(arguments: tuple[Any, ...], state: Any) -> tuple[bytes, list[types.FunctionType]]:
    """Return bytes that are equal for equal descriptions of a class, and the functions in it."""
    file = io.BytesIO()
    pickler = _ImagePickler(file, {}, lambda _: True, Carriers(), StandIns())
    # Without a memo: which equal strings are one object is no part of what a class is.
    pickler.fast = True
    pickler.dump((arguments, state))
    return file.getvalue(), pickler.functions


class _ImagePickler(Pickler):
    """A pickler whose pickles tell what a value is, and are never loaded.

    It makes nothing of what differs between a class and the same class made again: the globals of
    its methods. Another class is the same only if it is the same object, so that a class whose base
    or metaclass was another is another.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.functions: list[types.FunctionType] = []

    def reducer_override(self, value: Any) -> Any:
        """Reduce functions and classes to what they are."""
        if type(value) is types.CodeType:
            # A set lists its items in an order that depends on how it was made.
            constants = tuple(
                tuple(sorted(map(repr, constant))) if type(constant) is frozenset else constant
                for constant in value.co_consts
            )
            return self.dispatch_table[types.CodeType](value.replace(co_consts=constants))
        reduced = super().reducer_override(value)
        if not isinstance(reduced, tuple) or len(reduced) != STORED_BY_VALUE:
            return reduced
        if isinstance(value, type):
            return str, (str(id(value)),)
        if isinstance(value, types.FunctionType):
            self.functions.append(value)
            _, (code, *_), (state, slots), *_ = reduced
            slots["__globals__"], slots["_cloudpickle_submodules"] = {}, []
            return tuple, ([code, state, slots],)
        return reduced
