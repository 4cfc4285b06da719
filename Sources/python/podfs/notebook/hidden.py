"""Which names of IPython's namespace are no variables of the person's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["hidden_names"]

#: The names that IPython binds to what was typed and what came out, anew in every cell.
_HISTORY = re.compile(r"_{1,3}|_i{1,3}|_i?[0-9]+|_exit_code|_ih|_oh|_dh")


def hidden_names(shell: Any) -> Callable[[Any], bool]:
    """Return a function that tells whether a name in the namespace of *shell* is IPython's own.

    Such are its caches of inputs and outputs, and what it has put there before the first cell
    (``In``, ``Out``, ``get_ipython``, ``exit``, what a startup file made), as long as the names
    mean that. ``_x = 5`` is a variable, and so is ``exit = 5``.
    """
    # There are some for each cell, and each is asked about after every cell.
    history: set[str] = set()

    def is_hidden(name: Any) -> bool:
        if name in history:
            return True
        if not isinstance(name, str):
            return False
        hidden = shell.user_ns_hidden
        if name in hidden and hidden[name] is shell.user_ns.get(name):
            return True
        if name[:1] != "_" or _HISTORY.fullmatch(name) is None:
            return False
        history.add(name)
        return True

    return is_hidden
