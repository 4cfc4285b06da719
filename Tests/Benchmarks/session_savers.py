"""What the benchmark ``python`` saves sessions with: podfs, and what one would take instead.

Every commit of each is on the disk when `Saver.commit` returns; only `Pickles` writes nothing.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import shelve
import sys
import types
from pathlib import Path
from typing import Any, Callable

from measuring import stored_bytes

__all__ = ["SAVERS", "Saver"]


class Saver:
    """Runs the cells of a session, and commits its variables to files in *folder*.

    The cells run in a module ``__main__``, as those of a notebook do.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.left_out: set[str] = set()
        self.namespace = self.begin()
        self._empty = self.stored()

    def begin(self) -> dict[str, Any]:
        """Open what is needed; return where the cells run."""
        sys.modules["__main__"] = types.ModuleType("__main__")
        return vars(sys.modules["__main__"])

    def run(self, cell: str) -> None:
        """Run the code of a cell."""
        exec(compile(cell, "<cell>", "exec"), self.namespace)

    def commit(self, number: int) -> None:
        """Make what the variables are now commit *number*."""

    def stored(self) -> int:
        """Return the bytes that the files have."""
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())

    def grown(self) -> int:
        """Return the bytes that the files have beyond those of a store without commits."""
        return self.stored() - self._empty

    def variables(self) -> dict[str, Any]:
        """Return what is to be saved."""
        return {name: value for name, value in self.namespace.items() if name[:2] != "__"}

    def write(self, name: str, write: Callable[[Any], object]) -> None:
        """Write a file that is on the disk when this returns."""
        with (self.folder / name).open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        self.sync_folder()

    def sync_folder(self) -> None:
        """Wait until the names of the files are on the disk."""
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


class Podfs(Saver):
    """``session.save(namespace)`` in a script."""

    def begin(self) -> dict[str, Any]:
        import podfs

        self.session: Any = podfs.Store(self.folder / "store").session("bench")
        namespace: dict[str, Any] = self.session.namespace()
        return namespace

    def commit(self, number: int) -> None:
        revision = self.session.save(self.namespace)
        self.left_out.update(unsaved.name for unsaved in revision.unsaved)

    def stored(self) -> int:
        return stored_bytes(self.folder / "store")


class Shell(Saver):
    """No commits, in IPython: what a cell costs by itself."""

    def begin(self) -> dict[str, Any]:
        os.environ["IPYTHONDIR"] = str(self.folder / "ipython")
        from IPython.core.interactiveshell import InteractiveShell

        with contextlib.redirect_stdout(io.StringIO()):
            self.shell = InteractiveShell.instance()
        namespace: dict[str, Any] = self.shell.user_ns
        return namespace

    def run(self, cell: str) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            self.shell.run_cell(cell, store_history=True).raise_error()


class Notebook(Shell):
    """``%load_ext podfs`` in IPython: a commit after each cell."""

    def begin(self) -> dict[str, Any]:
        os.environ["PODFS_STORE"] = str(self.folder / "store")
        namespace = super().begin()
        with contextlib.redirect_stdout(io.StringIO()):
            self.shell.run_line_magic("load_ext", "podfs")
        return namespace

    def stored(self) -> int:
        return stored_bytes(self.folder / "store")


class Reference(Saver):
    """Thirty lines: buffers as they are and pieces of the stream compressed, each once."""

    def begin(self) -> dict[str, Any]:
        import cloudpickle
        import lz4.block
        import xxhash

        self._pickler = cloudpickle.Pickler
        self._compress = lz4.block.compress
        self._digest = xxhash.xxh3_128_digest
        self._known: set[bytes] = set()
        return super().begin()

    def commit(self, number: int) -> None:
        buffers: list[pickle.PickleBuffer] = []
        stream = io.BytesIO()
        self._pickler(stream, protocol=5, buffer_callback=buffers.append).dump(self.variables())
        digests = []
        with (self.folder / "data").open("ab") as file:
            for buffer in buffers:
                digests.append(self._put(file, buffer.raw(), lambda data: data))
            pieces = stream.getbuffer()
            for start in range(0, len(pieces), 1 << 16):
                piece = pieces[start : start + (1 << 16)]
                digests.append(self._put(file, piece, self._compress))
            file.flush()
            os.fsync(file.fileno())
        self.write(f"{number}", lambda file: file.write(b"".join(digests)))

    def _put(self, file: Any, data: memoryview, encode: Callable[[memoryview], Any]) -> bytes:
        digest: bytes = self._digest(data)
        if digest not in self._known:
            self._known.add(digest)
            file.write(encode(data))
        return digest


class Cloudpickle(Saver):
    """A file for each commit: ``cloudpickle.dump(variables, file)``."""

    def begin(self) -> dict[str, Any]:
        import cloudpickle

        self._dump = cloudpickle.dump
        return super().begin()

    def commit(self, number: int) -> None:
        self.write(f"{number}", lambda file: self._dump(self.variables(), file, protocol=5))


class Pickles(Cloudpickle):
    """``cloudpickle.dumps(variables)``, which are written nowhere."""

    def commit(self, number: int) -> None:
        import cloudpickle

        self._count = getattr(self, "_count", 0) + len(cloudpickle.dumps(self.variables(), 5))

    def stored(self) -> int:
        return getattr(self, "_count", 0)


class Dill(Saver):
    """A file for each commit: ``dill.dump(variables, file)``."""

    def begin(self) -> dict[str, Any]:
        import dill

        self._dump = dill.dump
        return super().begin()

    def commit(self, number: int) -> None:
        self.write(f"{number}", lambda file: self._dump(self.variables(), file, protocol=5))


class Shelve(Saver):
    """A shelf with a key for each variable of each commit, as far as pickle can save it."""

    def commit(self, number: int) -> None:
        with shelve.open(str(self.folder / "shelf"), protocol=5) as shelf:
            for name, value in self.variables().items():
                try:
                    shelf[f"{number} {name}"] = value
                except (TypeError, pickle.PicklingError):
                    self.left_out.add(name)
        for file in self.folder.iterdir():
            descriptor = os.open(file, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        self.sync_folder()


#: What saves, by the name in the tables; the first is measured, the others stand beside it.
SAVERS: dict[str, type[Saver]] = {
    "podfs": Podfs,
    "notebook": Notebook,
    "shell": Shell,
    "reference": Reference,
    "cloudpickle": Cloudpickle,
    "dumps": Pickles,
    "dill": Dill,
    "shelve": Shelve,
}
