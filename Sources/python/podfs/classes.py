"""Making classes again that were stored by value, without running what their makers ran.

A class statement calls ``__init_subclass__`` of a base, and the metaclass. What these did is part
of what was stored: they must not do it again, in a process where nothing is in its place yet.
"""

from __future__ import annotations

import threading
import types
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["make_class"]

_HOOK = "__init_subclass__"
_lock = threading.RLock()


def make_class(make: Callable[..., type], description: list[Any], extra: Any) -> type:
    """Return a class as *make*, a function of cloudpickle, does, without the hooks of cells."""
    if make.__name__ != "_make_skeleton_class":
        return make(*description, None, extra)
    metaclass, name, bases, keywords = description
    resolved = types.resolve_bases(bases)
    hooked = _hooked(resolved)
    maker = next(kind for kind in metaclass.__mro__ if not _is_of_cell(kind))
    if hooked is None and maker is metaclass:
        return make(*description, None, extra)
    attributes = dict(keywords)
    if resolved is not bases:
        attributes["__orig_bases__"] = bases
    with _silent(hooked):
        made: type = maker.__new__(metaclass, name, resolved, attributes)
    return made


def _is_of_cell(kind: type) -> bool:
    return kind.__module__ == "__main__"


def _hooked(bases: tuple[Any, ...]) -> type | None:
    """Return the class of a cell whose hook the statement of a class with *bases* calls."""
    for base in bases:
        for kind in base.__mro__:
            if kind is not object and _HOOK in kind.__dict__:
                return kind if _is_of_cell(kind) else None
    return None


@contextmanager
def _silent(kind: type | None) -> Iterator[None]:
    """Keep the hook of *kind* from doing anything."""
    if kind is None:
        yield
        return
    with _lock:
        hook = kind.__dict__[_HOOK]
        try:
            type.__setattr__(kind, _HOOK, classmethod(lambda *_, **__: None))
            yield
        finally:
            type.__setattr__(kind, _HOOK, hook)
