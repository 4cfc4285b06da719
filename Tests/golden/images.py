"""Images of PIL, and figures of matplotlib."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from PIL import Image
from stored import stored

mpl.use("agg")


def _image(mode: str = "RGB") -> Any:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (4, 3), bytes(range(12 * bands)))


def _read() -> Any:
    file = io.BytesIO()
    _image().save(file, "png")
    image = Image.open(io.BytesIO(file.getvalue()))
    image.load()
    return image


def _palette() -> Any:
    return _image().convert("P", palette=Image.Palette.ADAPTIVE, colors=4)


def _figure() -> Any:
    figure = Figure(figsize=(4, 3), dpi=80)
    left, right = figure.subplots(1, 2)
    left.plot([1, 2, 3], [2.5, 1.5, 0.5], label="falling")
    left.set_title("lines")
    left.set_xlabel("time")
    right.bar(["a", "b"], [1, 2])
    right.set_ylabel("count")
    figure.suptitle("two")
    return figure


CASES: dict[str, Callable[[], object]] = {
    "colours": _image,
    "grey": lambda: _image("L"),
    "palette": _palette,
    "read from png": _read,
    "in a list": lambda: [_image(), {"second": _image("L")}],
    "figure": _figure,
    "colours stored": lambda: stored(_image()),
}
