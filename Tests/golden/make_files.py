"""Makes the files, written as such, whose texts Tests/PodTextTests compares.

    python Tests/golden/make_files.py       # needs numpy and Pillow

Each becomes Tests/PodTextTests/Golden/files/NAME; the texts are written as make.py says.
"""

from __future__ import annotations

import gzip
import io
import sqlite3
import struct
import tempfile
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image  # type: ignore[import-not-found, unused-ignore]

FOLDER = Path(__file__).parent.parent / "PodTextTests" / "Golden" / "files"


def image(kind: str, **options: object) -> bytes:
    """Returns an image of 31 x 17 points."""
    file = io.BytesIO()
    Image.new("RGB", (31, 17), (10, 200, 30)).save(file, kind, **options)
    return file.getvalue()


def array(value: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    """Returns the file of one array."""
    file = io.BytesIO()
    np.lib.format.write_array(file, value, version)
    return file.getvalue()


def arrays(save: Callable[..., None]) -> bytes:
    """Returns an archive of arrays."""
    file = io.BytesIO()
    save(file, counts=np.arange(6).reshape(2, 3), weights=np.array([0.5, -1.25]))
    return file.getvalue()


def archive() -> bytes:
    """Returns an archive of two files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as members:
        for name, text in {"a.txt": "a text\n" * 100, "folder/b": "other"}.items():
            members.writestr(zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6)), text)
    return file.getvalue()


def sound() -> bytes:
    """Returns a short sound."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, 44100, 0, "NONE", ""))
        writer.writeframes(bytes(400))
    return file.getvalue()


def database() -> bytes:
    """Returns an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA user_version = 1")
        connection.close()
        return path.read_bytes()


FIELDS = np.dtype([("name", "U3"), ("size", ">i4"), ("at", "M8[s]"), ("xy", "f4", (2,))])
ROWS = np.array([("ab", 7, "2020-01-02", (1, 2)), ("c", -1, "NaT", (0.5, 4))], FIELDS)

FILES: dict[str, Callable[[], bytes]] = {
    "text.csv": lambda: "name,größe\nx,1.5\n".encode(),
    "text.json": lambda: b'{"a": [1, 2],\n "b": "\\u0000"}',
    "text-cr": lambda: b"one\r\ntwo\r\n",
    "empty": lambda: b"",
    "latin-1": lambda: "größe\n".encode("latin-1"),
    "short": lambda: bytes(range(40)),
    "long": lambda: bytes(range(256)) * 8,
    "image.png": lambda: image("PNG"),
    "image.jpg": lambda: image("JPEG", comment=b"a comment"),
    "image.gif": lambda: image("GIF"),
    "image.bmp": lambda: image("BMP"),
    "image.tiff": lambda: image("TIFF"),
    "image.webp": lambda: image("WEBP"),
    "image-lossless.webp": lambda: image("WEBP", lossless=True),
    "archive.zip": archive,
    "text.gz": lambda: gzip.compress(b"a text\n", mtime=0),
    "sound.wav": sound,
    "database": database,
    "program": lambda: b"\x7fELF\x02\x01\x01" + bytes(100),
    "table.parquet": lambda: b"PAR1" + struct.pack("<3I", 1, 0, 4) + b"PAR1",
    "document.pdf": lambda: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
    "video.mp4": lambda: b"\0\0\0\x18ftypisom\0\0\2\0isomiso2",
    "one.npy": lambda: array(np.array([1.5, -0.0, np.nan])),
    "matrix.npy": lambda: array(np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3))),
    "version-2.npy": lambda: array(np.array(7), (2, 0)),
    "version-3.npy": lambda: array(np.zeros(2, [("é", "?")]), (3, 0)),
    "fields.npy": lambda: array(ROWS),
    "texts.npy": lambda: array(np.array(["one", "größe", ""])),
    "times.npy": lambda: array(np.array(["2020-01-02", "NaT"], "M8[25s]")),
    "empty.npy": lambda: array(np.zeros((0, 3))),
    "objects.npy": lambda: array(np.array([None, "x"], object)),
    "arrays.npz": lambda: arrays(np.savez),
    "compressed.npz": lambda: arrays(np.savez_compressed),
    "broken.npy": lambda: array(np.arange(4.0))[:-1],
    "broken.zip": lambda: archive()[:-30],
}

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        (FOLDER / name).write_bytes(make())
    print(f"{len(FILES)} files")
