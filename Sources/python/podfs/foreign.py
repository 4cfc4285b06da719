"""Values of other libraries whose own way of pickling loses something, or changes the value."""

from __future__ import annotations

import ctypes
import functools
import itertools
import operator
import pickle
import sys
import types
import typing
from typing import TYPE_CHECKING, Any

from .tensors import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["check_metaclass", "foreign_reducer", "reduce_made_class", "settle"]

#: The metaclasses of ctypes, which no module has by their names, each by a class of it.
_METACLASSES = {
    id(type(kind)): kind for kind in (ctypes.Array, ctypes.Structure, ctypes.Union, ctypes.c_int)
}


@functools.lru_cache
def _cached() -> None: ...


class _Probe(ctypes.Structure):
    _fields_ = (("field", ctypes.c_int),)


#: The descriptors that __slots__ and _fields_ make.
_MADE = types.MemberDescriptorType, type(_Probe.field)


def foreign_reducer(kind: type, known: Iterable[type]) -> Callable[[Any], Any] | None:
    """Return a function that reduces values of *kind*, if its own way does not do.

    For those that are *known* something else stands in already.
    """
    masked = getattr(sys.modules.get("numpy.ma"), "MaskedArray", None)
    if masked is not None and issubclass(kind, masked):
        return _reduce_masked_array
    if kind is type(_cached):
        return _reduce_cached
    if (kind.__module__, kind.__qualname__) == ("matplotlib.cbook", "CallbackRegistry"):
        return _reduce_callbacks
    if any(each is kind for each in known):
        return None
    if _needs_arguments(kind):
        return _refuse
    return _reduce_checked if _may_be_named(kind) else None


def _may_be_named(kind: type) -> bool:
    """Tell whether an instance of *kind* might be pickled as the name that a module has it by."""
    base: Any = object
    if kind.__reduce__ is base.__reduce__ and kind.__reduce_ex__ is base.__reduce_ex__:
        return False
    own = kind.__dict__.get("__module__")
    return kind.__dictoffset__ != 0 or own == "__main__" or not isinstance(own, (str, type(None)))


def _reduce_checked(value: Any) -> Any:
    """Reduce *value* by its own method, unless that is by a name that a cell has given it.

    In another process, or later, the name would be that of something else or of nothing.
    """
    reduced = value.__reduce_ex__(5)
    if isinstance(reduced, str) and getattr(value, "__module__", None) in (None, "__main__"):
        if type(value) is getattr(typing, "NewType", None):
            return type(value), (reduced, value.__supertype__), vars(value)
        raise pickle.PicklingError(
            f"it is pickled as the name '{reduced}' of a cell; give its class another __reduce__"
        )
    return reduced


def _reduce_cached(function: Any) -> Any:
    """Reduce a function with a cache, of a cell: without what is in the cache."""
    if function.__module__ != "__main__":
        return NotImplemented
    parameters = function.cache_parameters()
    decorate = Call(functools.lru_cache, parameters["maxsize"], parameters["typed"])
    return decorate, (function.__wrapped__,), vars(function)


def _needs_arguments(kind: type) -> bool:
    """Tell whether a pickle of an instance of *kind* does not have what ``__new__`` needs."""
    make: Any = kind.__new__
    if not isinstance(make, types.FunctionType):
        return False
    if any(hasattr(kind, name) for name in ("__getnewargs__", "__getnewargs_ex__")):
        return False
    base: Any = object
    if kind.__reduce__ is not base.__reduce__ or kind.__reduce_ex__ is not base.__reduce_ex__:
        return False
    code = make.__code__
    needed = code.co_argcount - len(make.__defaults__ or ())
    return needed > 1 or code.co_kwonlyargcount > len(make.__kwdefaults__ or ())


def _refuse(value: Any) -> Any:
    kind = type(value)
    raise pickle.PicklingError(
        f"the pickle of '{kind.__qualname__}' could not be loaded: its __new__ needs arguments; "
        "give it a __getnewargs__ or a __reduce__"
    )


def _reduce_masked_array(array: Any) -> Any:
    """Reduce a masked array with the hardness of its mask, which numpy forgets."""
    if not array.hardmask:
        return NotImplemented
    soft = array.view()
    soft.soften_mask()
    return sys.modules["numpy.ma"].MaskedArray.harden_mask, (soft,)


def _reduce_callbacks(registry: Any) -> Any:
    """Reduce a registry of matplotlib, which counts how often it was pickled."""
    reduced = registry.__reduce_ex__(5)
    state = reduced[2]
    if isinstance(state, dict) and isinstance(state.get("_cid_gen"), int):
        state["_cid_gen"] = state.pop("_cid_gen")  # the last, as in one that was loaded
        registry._cid_gen = itertools.count(state["_cid_gen"])
    return reduced


def reduce_made_class(kind: type) -> Any:
    """Reduce a class of ctypes that has no name, such as ``ctypes.c_int * 3``."""
    if id(kind) in _METACLASSES:
        return type, (_METACLASSES[id(kind)],)
    if type(kind) is type(ctypes.Array) and kind.__bases__ == (ctypes.Array,):
        array: Any = kind
        if array._type_ * array._length_ is kind:
            return operator.mul, (array._type_, array._length_)
    return NotImplemented


def check_metaclass(kind: type) -> None:
    """Refuse a class by value that an attribute at a time does not make again."""
    metaclass = type(kind)
    makers = (
        getattr(metaclass.__new__, "__self__", None),
        getattr(metaclass.__init__, "__objclass__", None),
    )
    if any(
        maker is not None and maker is not type and id(maker) not in _METACLASSES
        for maker in makers
    ):
        raise pickle.PicklingError(
            f"class '{kind.__qualname__}' is made by {metaclass.__module__}."
            f"{metaclass.__qualname__}, which is not written in Python; define it in a module"
        )


def settle(arguments: Any, state: Any) -> None:
    """Change what cloudpickle makes a class by value of into what makes the same class again.

    A class is made with its slots: as an attribute that is set afterwards they do nothing. What
    Python makes from other attributes is left out.
    """
    keywords, attributes = arguments[-3], state[0]
    attributes.pop("__slotnames__", None)  # made when an instance is pickled
    attributes.pop("__module__", None)  # the class is made with it
    if "__slots__" in attributes and typing.NamedTuple not in arguments[2]:
        keywords["__slots__"] = attributes.pop("__slots__")
    for name in [name for name, value in attributes.items() if type(value) in _MADE]:
        del attributes[name]
    if "_fields_" in attributes:  # the last, since it depends on how they are packed
        attributes["_fields_"] = attributes.pop("_fields_")
