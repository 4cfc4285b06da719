"""Pickles that other programs wrote into a workspace, by other protocols than saves use.

Saves keep such a file as it is stored while its value is what it was.
"""

from __future__ import annotations

from hashlib import blake2b
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from .capturing import pickled_alone
from .lazy import bound_value
from .pickler import is_importable

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._bridge import Loading
    from .capturing import Alone
    from .pickler import Pickler

__all__ = ["PickledFile", "pickled_file", "unchanged_files", "without_shared"]

#: Types whose values cannot be changed, so that it does not matter who else has them.
_FIXED = frozenset({str, bytes, complex, range, CodeType})


class PickledFile(NamedTuple):
    """A value that was loaded from a file, the file as it is stored, and what the value was then.

    *digest* is that of what the value was pickled to before anybody could change it.
    """

    value: Any
    stored: Loading
    digest: bytes


def pickled_file(value: Any, stored: Loading, namespace: dict[str, Any]) -> PickledFile | None:
    """Return what is to be remembered of *value*, which was just loaded for *namespace*."""
    try:
        alone = pickled_alone(namespace, value)
    except SystemExit:  # of code of the value
        return None
    return None if alone is None else PickledFile(value, stored, _digest(alone))


def unchanged_files(
    files: dict[str, PickledFile], namespace: dict[str, Any], is_left: Callable[[str, Any], bool]
) -> dict[str, Pickler]:
    """Return those of *files* whose values are what they were, with what was met in them.

    Those that were assigned another value are forgotten. Names for which *is_left* holds are left.
    """
    for name in [name for name, file in files.items() if not _is_bound(file, namespace, name)]:
        del files[name]
    unchanged = {}
    for name, file in files.items():
        alone = None if is_left(name, file.value) else pickled_alone(namespace, file.value)
        if alone is not None and _digest(alone) == file.digest:
            unchanged[name] = alone.pickler
    return unchanged


def without_shared(unchanged: dict[str, Pickler], other: Pickler) -> dict[str, Pickler]:
    """Return those of *unchanged* that share nothing with each other, or with what *other* met.

    A value that shares objects with other variables is stored with them.
    """
    owns = {name: _Own(pickler) for name, pickler in unchanged.items()}
    if not any(own.shareable for own in owns.values()):
        return unchanged
    rest = _Met(other)

    def is_alone(own: _Own) -> bool:
        others = (each for each in owns.values() if each is not own)
        return not any(map(own.overlaps, (rest, *others)))

    return {name: unchanged[name] for name, own in owns.items() if is_alone(own)}


class _Met:
    """What a pickler met that more than one variable can have."""

    def __init__(self, pickler: Pickler) -> None:
        self.objects: dict[int, tuple[int, Any]] = pickler.memo.copy()
        self.memory = pickler.memory()


class _Own(_Met):
    """The same of one variable, and which of its objects can be changed."""

    def __init__(self, pickler: Pickler) -> None:
        super().__init__(pickler)
        self.shareable = [key for key, (_, it) in self.objects.items() if not _is_fixed(it)]

    def overlaps(self, other: _Met) -> bool:
        """Tell whether *other* has an object, or memory of an array, that this has."""
        if any(key in other.objects for key in self.shareable):
            return True
        spans = [(*span, True) for span in self.memory] + [(*span, False) for span in other.memory]
        ends = {True: 0, False: 0}
        for start, end, is_own in sorted(spans):
            if start < ends[not is_own]:
                return True
            ends[is_own] = max(ends[is_own], end)
        return False


def _is_fixed(value: Any) -> bool:
    kind = type(value)
    return (
        kind in _FIXED
        or issubclass(kind, type)  # found again by its name, or by cloudpickle's tracker
        or kind.__module__ == "numpy.dtypes"
        or is_importable(value)
    )


def _is_bound(file: PickledFile, namespace: dict[str, Any], name: str) -> bool:
    return name in namespace and bound_value(namespace, name) is file.value


def _digest(alone: Alone) -> bytes:
    digest = blake2b(digest_size=32)
    for part in (alone.stream, *alone.buffers):
        digest.update(f"{part.nbytes} {part.readonly} ".encode())
        digest.update(part)
    return digest.digest()
