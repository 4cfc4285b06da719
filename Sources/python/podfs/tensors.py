"""Tensors of torch, whose memory is stored as that of arrays is: in place, and shared.

torch pickles a storage as a file of its own: a copy, which is another each time. Here it is pickled
as an array of its bytes, of which :func:`torch.from_numpy` makes a storage again. Tensors that
share a storage still do when they are loaded, and so do those that share one with an array.
"""

from __future__ import annotations

import sys
from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Call", "Storages", "is_storage"]


class Call:
    """Stands in a pickle for what a call of *function* makes."""

    __slots__ = ("arguments", "function")

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.function = function
        self.arguments = arguments

    def __call__(self, *arguments: Any) -> Any:
        """Call what the call makes: it can stand for a callable."""
        return self.function(*self.arguments)(*arguments)


def is_storage(kind: type) -> bool:
    """Tell whether values of *kind* are the memory of tensors."""
    names = "TypedStorage", "UntypedStorage"
    return kind.__module__ == "torch.storage" and kind.__name__ in names


class Storages:
    """The storages met by one pass of pickling."""

    def __init__(self) -> None:
        self._met: dict[tuple[int, int], Call] = {}

    def reduce(self, storage: Any) -> Any:
        """Return how *storage* is pickled, or NotImplemented for torch's own way."""
        untyped = getattr(storage, "_untyped_storage", storage)
        if untyped.device.type != "cpu":
            return NotImplemented
        memory = self._memory(untyped)
        if untyped is storage:
            return memory.function, memory.arguments
        make: Callable[..., Any] = type(storage)
        return partial(make, wrap_storage=memory, dtype=storage.dtype, _internal=True), ()

    def _memory(self, storage: Any) -> Call:
        """Return what stands for *storage*: one for all that are of the same memory."""
        torch = sys.modules["torch"]
        key = storage.data_ptr(), storage.nbytes()
        if key not in self._met:
            # The array keeps the storage alive as long as anything reads its memory.
            array = torch.empty(0, dtype=torch.uint8).set_(storage).numpy()
            tensor = Call(torch.from_numpy, array)
            self._met[key] = Call(methodcaller("untyped_storage"), tensor)
        return self._met[key]
