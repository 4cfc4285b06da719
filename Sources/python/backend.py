"""Builds the wheel of podfs: what pip calls for ``pip install Sources/python``.

It needs nothing but the standard library and libpodfs.so, which mount-scripts/build makes. Also run
by ``podfs python install``, which unpacks the wheel itself.
"""

from __future__ import annotations

import ast
import base64
import ctypes
import hashlib
import os
import re
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

__all__ = ["build_editable", "build_wheel"]

_FOLDER = Path(__file__).resolve().parent
_IGNORED = "__pycache__", "libpodfs.so"


class BuildError(Exception):
    """The wheel cannot be built."""


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Write the wheel into *wheel_directory*, and return its name."""
    library = _library()
    contents = {"podfs/libpodfs.so": library.read_bytes()}
    for path in sorted((_FOLDER / "podfs").rglob("*")):
        if path.is_file() and not any(part in _IGNORED for part in path.parts):
            contents[path.relative_to(_FOLDER).as_posix()] = path.read_bytes()
    return _write(wheel_directory, contents)


def build_editable(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Write a wheel that leads to this folder, and return its name."""
    _library()
    return _write(wheel_directory, {"podfs.pth": f"{_FOLDER}\n".encode()})


def _library() -> Path:
    """Return where libpodfs.so is, of the version that the package needs."""
    built = _FOLDER.parent.parent / ".build-bridge" / "libpodfs.so"
    places = [_FOLDER / "podfs" / "libpodfs.so", built]
    if "PODFS_LIBRARY" in os.environ:
        places = [Path(os.environ["PODFS_LIBRARY"])]
    for place in places:
        if place.exists():
            break
    else:
        shown = "' nor '".join(map(str, places))
        raise BuildError(f"libpodfs.so is not at '{shown}'; run mount-scripts/build first")
    bridge = (_FOLDER / "podfs" / "_bridge.py").read_text()
    needed = re.search(r"^_INTERFACE = (\d+)$", bridge, re.MULTILINE)
    try:
        interface = ctypes.CDLL(str(place)).podfs_interface()
    except (OSError, AttributeError) as error:
        raise BuildError(f"'{place}' cannot be used ({error}); run mount-scripts/build") from error
    if needed is None or interface != int(needed[1]):
        raise BuildError(f"'{place}' is of another version; run mount-scripts/build again")
    return place


def _project() -> dict[str, Any]:
    """Return the table [project] of pyproject.toml, which has a value per line."""
    text = (_FOLDER / "pyproject.toml").read_text()
    table = re.split(r"^\[", text.split("[project]\n")[1], flags=re.MULTILINE)[0]
    lines = re.findall(r"^([\w-]+) = (.+)$", table, re.MULTILINE)
    return {name: ast.literal_eval(value) for name, value in lines}


def _write(folder: str, contents: dict[str, bytes]) -> str:
    """Write a wheel of *contents* into *folder*, and return its name."""
    project = _project()
    name = f"{project['name']}-{project['version']}"
    tag = f"py3-none-{re.sub('[-.]', '_', sysconfig.get_platform())}"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"License: {project['license']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {needed}" for needed in project["dependencies"]),
    ]
    wheel = ["Wheel-Version: 1.0", "Generator: podfs", "Root-Is-Purelib: false", f"Tag: {tag}"]
    information = f"{name}.dist-info"
    contents[f"{information}/METADATA"] = "\n".join([*metadata, ""]).encode()
    contents[f"{information}/WHEEL"] = "\n".join([*wheel, ""]).encode()
    record = [f"{path},{_digest(data)},{len(data)}" for path, data in contents.items()]
    record.append(f"{information}/RECORD,,")
    contents[f"{information}/RECORD"] = "\n".join([*record, ""]).encode()
    with zipfile.ZipFile(Path(folder, f"{name}-{tag}.whl"), "w", zipfile.ZIP_DEFLATED) as file:
        for path, data in contents.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = (0o100755 if path.endswith(".so") else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, data)
    return f"{name}-{tag}.whl"


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"
