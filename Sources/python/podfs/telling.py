"""What is told of a variable that is left out: its name, its type and a reason, each in a line."""

from __future__ import annotations

import pickle

__all__ = ["class_name", "printable", "reason", "type_name"]

_REASON_LIMIT = 300


def type_name(value: object) -> str:
    """Return the type of *value* as people write it."""
    return class_name(type(value))


def class_name(kind: type) -> str:
    """Return the name of *kind* as people write it: with its module, unless that is builtins."""
    module = type.__dict__["__module__"].__get__(kind)
    name = type.__dict__["__qualname__"].__get__(kind)
    return f"{module}.{name}" if isinstance(module, str) and module != "builtins" else str(name)


def printable(key: object) -> str:
    """Return a text for a key that is no name of a variable."""
    try:
        text = key if isinstance(key, str) else repr(key)
    except Exception:
        text = object.__repr__(key)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 1] + "…"


def reason(error: BaseException) -> str:
    """Return what *error*, which a value raised, says."""
    kind = type(error).__name__
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = ""
    if not text:
        return kind
    if not isinstance(error, (pickle.PicklingError, TypeError)):
        text = f"{kind}: {text}"
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 1] + "…"
