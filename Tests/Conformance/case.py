"""A case of the conformance table: a class of a library, how a value of it is made and changed."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Case", "Library"]


class Case(NamedTuple):
    """A class, code that makes *x*, pieces of code that change it, and what shows the changes.

    Where *look* is empty, all of the value is compared, as :func:`looks.plain` sees it. With
    *is_unsaved*, the value cannot be saved and must be named; nothing changes it.
    """

    kind: str
    make: str
    changes: tuple[str, ...] = ()
    look: str = ""
    is_unsaved: bool = False


def unsaved(kind: str, make: str) -> Case:
    """Return the case of a value that cannot be saved."""
    return Case(kind, make, is_unsaved=True)


class Library(NamedTuple):
    """A distribution, code that imports it, and its cases."""

    name: str
    imports: str
    cases: tuple[Case, ...]
