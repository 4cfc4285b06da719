"""What can go wrong, each in one line that says what, on what, and what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "DamagedError",
    "LibraryError",
    "LoadError",
    "NotFoundError",
    "PodfsError",
    "cloudpickle_needed",
    "escaped",
]


def escaped(text: str) -> str:
    """Return *text* in one line, without what means something to a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class PodfsError(Exception):
    """A store could not do what it was asked to; the base of all errors of podfs.

    What it says is printable: names and reasons in it may be anybody's.
    """

    def __init__(self, message: str = "", *rest: object) -> None:
        super().__init__(escaped(message), *rest)


class NotFoundError(PodfsError, LookupError):
    """There is no such store, session, revision or variable."""


class DamagedError(PodfsError):
    """Stored bytes no longer match their name; ``podfs check`` lists what they belong to.

    The attribute *names* has the variables that could not be loaded, if any were to be.
    """

    def __init__(self, message: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class LoadError(PodfsError):
    """A stored value could not be made again, for instance because a module is missing.

    The attribute *names* has the variables that could not be loaded, and ``__cause__`` the error
    that the first of them raised.
    """

    def __init__(self, message: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class LibraryError(PodfsError, ImportError):
    """libpodfs.so or cloudpickle is missing, or they do not fit this package."""


@contextmanager
def cloudpickle_needed() -> Iterator[None]:
    """Say what to do if the imports in the with statement fail."""
    try:
        yield
    except ImportError as error:
        raise LibraryError(f"{error}; run 'pip install cloudpickle'") from error
