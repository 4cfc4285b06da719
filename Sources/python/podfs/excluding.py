"""What a save leaves out because somebody said so."""

from __future__ import annotations

import types
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from .telling import class_name

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Exclude"]


@dataclass(frozen=True)
class Exclude:
    """Variables that are left out of the saves of a session, and named as such.

    * *names* are patterns of names, as in a shell: ``tmp*``.
    * *types* are classes, or patterns of their names with or without the module: ``torch.Tensor``,
      ``Data*``. What is of a subclass is left out too.
    * *modules* are names of modules: ``torch`` leaves out the module, what is defined in it or in
      its submodules, and the instances of classes that are.
    * *larger_than* is the size of a pickle in bytes. A variable whose pickle, made by itself, is
      larger is left out.

    Only variables are left out. What another variable refers to is saved with that.
    """

    names: tuple[str, ...] = ()
    types: tuple[type | str, ...] = ()
    modules: tuple[str, ...] = ()
    larger_than: int | None = None

    def __init__(
        self,
        names: Iterable[str] = (),
        types: Iterable[type | str] | type = (),
        modules: Iterable[str] = (),
        larger_than: int | None = None,
    ) -> None:
        """Make the rules; one name, type or module can be given by itself."""
        object.__setattr__(self, "names", _all_of("names", names, str))
        object.__setattr__(self, "types", _all_of("types", types, (str, type)))
        object.__setattr__(self, "modules", _all_of("modules", modules, str))
        is_size = isinstance(larger_than, int) and larger_than >= 0
        if larger_than is not None and not is_size:
            raise ValueError(f"larger_than is a number of bytes, not {larger_than!r}")
        object.__setattr__(self, "larger_than", larger_than)

    def __bool__(self) -> bool:
        return self != Exclude()

    def reason(self, name: str, value: object) -> str | None:
        """Return why the variable *name* is left out, whatever its size, or None if it is not."""
        for pattern in self.names:
            if fnmatchcase(name, pattern):
                return f"excluded by name '{pattern}'"
        if not self.types and not self.modules:
            return None
        for wanted in self.types:
            if _is_of(type(value), wanted):
                shown = wanted if isinstance(wanted, str) else class_name(wanted)
                return f"excluded by type '{shown}'"
        homes = [class_name(type(value))]
        if isinstance(value, types.ModuleType):
            homes.append(f"{value.__name__}.")
        elif isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
            homes.append(f"{value.__module__}.")
        for module in self.modules:
            if any(home.startswith(f"{module}.") for home in homes):
                return f"excluded by module '{module}'"
        return None


def _all_of(what: str, given: Any, kinds: Any) -> tuple[Any, ...]:
    """Return *given*, which is one of *kinds* or several, as a tuple."""
    several = (given,) if isinstance(given, kinds) else tuple(given)
    for item in several:
        if not isinstance(item, kinds):
            raise TypeError(f"{what} to exclude cannot be of type {type(item).__name__}")
    return several


def _is_of(kind: type, wanted: type | str) -> bool:
    """Tell whether *kind* or one of its bases is *wanted*."""
    if isinstance(wanted, type):
        return issubclass(kind, wanted)
    return any(
        fnmatchcase(class_name(base), wanted) or fnmatchcase(base.__name__, wanted)
        for base in kind.__mro__
    )
