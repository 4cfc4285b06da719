"""What a namespace was made in, so that an old commit can be understood later."""

from __future__ import annotations

import platform
import sys

__all__ = ["environment"]

_known: tuple[int, str] = (0, "")


def environment() -> str:
    """Return the interpreter, the system and the imported libraries, a line each.

    Only what is in memory is asked: nothing is imported, no module's code is run.
    """
    global _known
    count = len(sys.modules)
    if _known[0] != count:
        _known = (count, "\n".join([*_system(), *_libraries()]) + "\n")
    return _known[1]


def _system() -> list[str]:
    return [
        f"{platform.python_implementation()} {platform.python_version()}",
        f"{platform.system()} {platform.release()} {platform.machine()}",
    ]


def _libraries() -> list[str]:
    """Return the top-level modules that tell a version, in the order of their names."""
    versions = {}
    standard: frozenset[str] = getattr(sys, "stdlib_module_names", frozenset())
    for name, module in list(sys.modules.items()):
        if "." in name or name.startswith("_") or name in standard:
            continue
        version = getattr(module, "__dict__", {}).get("__version__")
        if isinstance(version, str):
            versions[name] = version
    return [f"{name} {versions[name]}" for name in sorted(versions)]
