"""Tensors and modules of torch."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import torch
from make import Pickled
from stored import stored
from torch import nn


def _of_dtypes() -> Any:
    numbers = [0, 1, -2, 100]
    dtypes = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8"]
    tensors = {name: torch.tensor(numbers, dtype=getattr(torch, name)) for name in dtypes}
    tensors["uint8"] = torch.tensor([0, 1, 254], dtype=torch.uint8)
    tensors["bool"] = torch.tensor([True, False])
    tensors["complex64"] = torch.tensor([1 + 2j, -0.5j])
    return tensors


def _shared() -> Any:
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    return {"base": base, "transposed": base.T, "row": base[1], "every second": base[:, ::2]}


def _module() -> Any:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.BatchNorm1d(3), nn.Linear(3, 1, bias=False))


def _parameter() -> Any:
    return nn.Parameter(torch.tensor([[1.5, 2.5]]))


def _optimizer() -> Any:
    return torch.optim.SGD([_parameter()], lr=0.1, momentum=0.9).state_dict()


def _saved() -> Pickled:
    """The pickle in a file of `torch.save`."""
    value = {"weight": torch.arange(6.0).reshape(2, 3), "steps": torch.tensor(7)}
    file = io.BytesIO()
    torch.save(value, file)
    with zipfile.ZipFile(file) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("data.pkl"))
        return Pickled(value, archive.read(name))


_VALUES: dict[str, Callable[[], object]] = {
    "matrix": lambda: torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "scalar": lambda: torch.tensor(1.25),
    "nothing": lambda: torch.empty(0, 3),
    "gradient": lambda: torch.tensor([1.0, 2.0], requires_grad=True),
    "dtypes": _of_dtypes,
    "shared": _shared,
    "parameter": _parameter,
    "module": _module,
    "states": lambda: _module().state_dict(),
    "optimizer": _optimizer,
}

CASES: dict[str, Callable[[], object]] = {
    **_VALUES,
    **{
        f"{name} stored": lambda make=make: stored(make())  # type: ignore[misc]
        for name, make in _VALUES.items()
    },
    "saved by torch": _saved,
    "long": lambda: torch.arange(2000, dtype=torch.int64),
    "sparse": lambda: torch.eye(2).to_sparse(),
}
