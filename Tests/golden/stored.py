"""Values as podfs pickles them, which is another way for arrays, tensors and functions."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import podfs
from make import Pickled

__all__ = ["stored"]


def stored(value: object) -> Pickled:
    """Return *value* with the pickle that the mount shows of it."""
    with tempfile.TemporaryDirectory() as folder:
        with podfs.Store(Path(folder) / "store") as store:
            unsaved = store.session("s").save({"x": value}).unsaved
            assert not unsaved, unsaved
        command = [os.environ["PODFS_EXECUTABLE"], "cat", "--raw", "--store", f"{folder}/store"]
        stream = subprocess.run([*command, "s@1:x"], check=True, capture_output=True).stdout
        return Pickled(value, stream)
