"""Which names of a namespace are variables to save, and in which order."""

from __future__ import annotations

from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from .excluding import Exclude
from .lazy import bound_items, is_lazy
from .namespace import is_dunder, name_problem
from .revision import Unsaved
from .telling import printable, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

__all__ = ["Choice", "NameOrder", "variables_of"]


class Choice(NamedTuple):
    """What is no variable of a namespace, and what is one but is left out.

    *is_hidden* tells of a name whether it is no variable, as a notebook's ``_`` and ``In``.
    *refused* has names with the reasons for which the library did not take their values. *kept* has
    the variables that stay as they are stored.
    """

    exclude: Exclude = Exclude()
    is_hidden: Callable[[str], bool] | None = None
    refused: Mapping[str, str | None] = {}
    kept: Container[str] = ()

    def hidden(self, keys: list[Any]) -> list[bool] | None:
        """Return for each of *keys* whether it is not to be pickled, or None if all of them are."""
        if self.is_hidden is None and not self.kept:
            return None
        return [isinstance(key, str) and self._is_hidden(key) for key in keys]

    def _is_hidden(self, key: str) -> bool:
        return key in self.kept or (self.is_hidden is not None and self.is_hidden(key))

    def reason(self, name: str, value: object) -> str | None:
        """Return why the variable *name* is left out, or None if it is not."""
        return self.refused.get(name) or self.exclude.reason(name, value)


def variables_of(
    items: list[tuple[Any, Any]], choice: Choice
) -> tuple[dict[str, Any], list[Unsaved]]:
    """Return those of the *items* of a namespace that are to be saved, and what is left out."""
    return _chosen(items, choice.hidden([key for key, _ in items]), choice)


def _chosen(
    items: list[tuple[Any, Any]], hidden: list[bool] | None, choice: Choice
) -> tuple[dict[str, Any], list[Unsaved]]:
    variables: dict[str, Any] = {}
    unsaved: list[Unsaved] = []
    is_choosy = choice.refused or choice.exclude
    for (key, value), is_hidden in zip(items, hidden or repeat(False)):
        if is_hidden or is_dunder(key):
            continue
        reason = name_problem(key)
        if reason is None and is_choosy:
            reason = choice.reason(key, value)
        if reason is None:
            variables[str.__str__(key)] = value
        else:
            unsaved.append(Unsaved(printable(key), type_name(value), reason))
    # In the order of their names: the order in which they were first bound is no part of them.
    return dict(sorted(variables.items())), unsaved


class _Known(NamedTuple):
    """The keys of a namespace, which of them are hidden, and what that comes to."""

    keys: list[Any]
    hidden: list[bool] | None
    names: list[str]
    block: bytes
    pick: Callable[[list[Any]], tuple[Any, ...]]


class NameOrder:
    """The names of a namespace in the order in which they are saved, kept from save to save.

    To check and to sort ten thousand names takes longer than to pickle as many small values.
    """

    def __init__(self) -> None:
        self._known = _Known([], None, [], b"", tuple)

    def sort(
        self, namespace: dict[str, Any], choice: Choice
    ) -> tuple[list[str], tuple[Any, ...], bytes, list[Unsaved]]:
        """Return the names, the values in their order, the names as bytes, and what is left out."""
        can_know = not (choice.refused or choice.exclude or is_lazy(namespace))
        keys = list(dict.keys(namespace)) if can_know else []
        known = self._known
        # Only of plain strings it is certain that equal ones are the same name.
        if (
            can_know
            and keys == known.keys
            and set(map(type, keys)) == {str}
            and choice.hidden(keys) == known.hidden
        ):
            values = list(dict.values(namespace))
            # Otherwise another thread has been here, and the values may be those of other keys.
            if list(dict.keys(namespace)) == keys:
                return known.names, known.pick(values), known.block, []
        items = bound_items(namespace)
        keys = [key for key, _ in items]
        hidden = choice.hidden(keys)
        variables, unsaved = _chosen(items, hidden, choice)
        names = list(variables)
        block = "\0".join(names).encode()
        if can_know and not unsaved and len(names) > 1:
            places = {str.__str__(key): index for index, key in enumerate(keys)}
            pick = itemgetter(*(places[name] for name in names))
            self._known = _Known(keys, hidden, names, block, pick)
        return names, tuple(variables.values()), block, unsaved
