"""Stored values that cannot be loaded: the one error for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import DamagedError, LoadError, PodfsError
from .why import steps_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .place import Place

__all__ = ["lost_error"]


def lost_error(
    lost: Mapping[str, DamagedError | LoadError], place: Place, revision: str | None
) -> DamagedError | LoadError:
    """Return an error that names all variables of a commit that could not be loaded, and why.

    Those that are stored together have failed with one and the same error.
    """
    together: dict[int, list[str]] = {}
    for name, error in lost.items():
        together.setdefault(id(error), []).append(name)
    reasons = [
        f"{', '.join(names)} of session '{place.name}' cannot be loaded: {lost[names[0]]}"
        for names in together.values()
    ]
    first = next(iter(lost.values()))
    is_damage = isinstance(first, DamagedError)
    remedy = "" if is_damage else "make importable what is missing, or "
    remedy += "load the others by their names"
    if _cells_are_known(lost, place, revision):
        remedy += "; load with recompute=True runs the cells that made it again"
    kind = DamagedError if is_damage else LoadError
    error = kind("; ".join([*reasons, remedy]), tuple(lost))
    error.__cause__ = first.__cause__ or first
    return error


def _cells_are_known(names: Iterable[str], place: Place, revision: str | None) -> bool:
    """Tell whether each of *names* was made by a cell whose code is known."""
    names = list(names)
    try:
        steps = steps_to(names, place, revision, follow=False)
    except PodfsError:
        return False
    return {name for step in steps if step.obstacle is None for name in step.makes}.issuperset(
        names
    )
