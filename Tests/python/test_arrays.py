"""numpy arrays that share memory, and those that do not."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import one_pickle, reload, saved
from podfs.capturing import capture

A: Any = np.arange(24, dtype="i4").reshape(4, 6)

VIEWS = {
    "slice": lambda a: a[1:3],
    "step": lambda a: a[::2, 1:5:2],
    "reversed": lambda a: a[::-1, ::-1],
    "transposed": lambda a: a.T,
    "reshaped": lambda a: a.reshape(-1, order="A"),
    "whole": lambda a: a.view(),
    "other dtype": lambda a: a.view("u1"),
    "one element": lambda a: a[2, 3, ...],
    "broadcast": lambda a: np.broadcast_to(a[0], (3, 6)),
    "readonly": lambda a: readonly(a[1:]),
    "axis": lambda a: a[:, None, :],
}


def readonly(array: Any) -> Any:
    array.flags.writeable = False
    return array


def same(left: Any, right: Any) -> bool:
    return (
        type(left) is type(right)
        and left.dtype == right.dtype
        and left.shape == right.shape
        and left.flags.writeable == right.flags.writeable
        and np.array_equal(left, right)
    )


@pytest.mark.parametrize("size", [1, 500])
@pytest.mark.parametrize("order", [("a", "v"), ("z", "a")])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("layout", ["C", "F"])
def test_a_view_stays_a_view(view: str, order: tuple[str, str], layout: str, size: int) -> None:
    a: Any = np.array(np.tile(A, (size, 1)), order="F" if layout == "F" else "C")
    if view == "other dtype" and layout == "F":
        a = a[:, :1].copy()
    v = VIEWS[view](a)
    assert np.shares_memory(a, v)
    whole, part = order
    loaded = saved({whole: a, part: v})
    assert same(loaded[whole], a)
    assert same(loaded[part], v)
    loaded[whole] += 7
    a += 7
    assert same(loaded[part], v)
    plain = dict(zip(sorted(order), plain_loads({whole: a, part: v})))
    assert np.shares_memory(plain[whole], plain[part])
    assert same(plain[part], v)


def plain_loads(namespace: dict[str, Any]) -> Any:
    captured = capture(namespace)
    buffers = [bytearray(buffer) for part in captured.parts for buffer in part.buffers]
    return pickle.loads(one_pickle(captured), buffers=buffers)


@pytest.mark.parametrize("view", VIEWS)
def test_what_was_loaded_is_pickled_as_before(view: str) -> None:
    a = np.tile(A, (200, 1))
    namespace = {"a": a, "v": VIEWS[view](a)}
    first = capture(namespace)
    again = capture(reload(first))
    assert [bytes(part.stream) for part in first.parts] == [
        bytes(part.stream) for part in again.parts
    ]
    assert [part.buffers for part in first.parts] == [part.buffers for part in again.parts]


def test_overlapping_views_of_what_nobody_else_has() -> None:
    base = np.arange(1_000_000)
    u, v = base[10:5010], base[3000:8000:2]
    del base
    loaded = saved({"u": u, "v": v})
    assert same(loaded["u"], u)
    assert same(loaded["v"], v)
    loaded["u"][2990] = -1
    assert loaded["v"][0] == -1
    captured = capture({"u": u, "v": v})
    assert sum(len(buffer) for part in captured.parts for buffer in part.buffers) < 80_000
    assert [bytes(part.stream) for part in captured.parts] == [
        bytes(part.stream) for part in capture(loaded).parts
    ]


def test_views_that_do_not_overlap_are_apart() -> None:
    base = np.arange(100_000)
    captured = capture({"u": base[:1000], "v": base[-1000:]})
    assert [[len(buffer) for buffer in part.buffers] for part in captured.parts] == [[8000], [8000]]
    loaded = reload(captured)
    assert same(loaded["u"], base[:1000])
    assert same(loaded["v"], base[-1000:])


def test_a_view_alone_does_not_bring_along_its_base() -> None:
    base = np.arange(1_000_000)
    (part,) = capture({"v": base[5000:6000]}).parts
    assert [len(buffer) for buffer in part.buffers] == [8000]


def test_arrays_inside_of_containers() -> None:
    a = np.arange(1000.0)
    loaded = saved({"d": {"v": a[5:]}, "l": [a, a[::-1]]})
    loaded["l"][0][7] = -1
    assert loaded["d"]["v"][2] == loaded["l"][1][-8] == -1


def test_a_view_of_a_view_whose_base_is_gone() -> None:
    a = np.arange(1000)[100:900]
    loaded = saved({"a": a, "v": a[10:20]})
    loaded["a"][10] = -1
    assert loaded["v"][0] == -1


def test_views_of_objects() -> None:
    a = np.array([[1], [2], [3]], dtype=object).reshape(-1)
    a[0] = ["shared"]
    loaded = saved({"a": a, "v": a[:2], "item": a[0]})
    assert loaded["v"][0] is loaded["a"][0] is loaded["item"]
    loaded["a"][1] = "new"
    assert loaded["v"][1] == "new"


def test_records_and_times() -> None:
    a: Any = np.zeros(900, dtype=[("x", "f8"), ("y", "S3")])
    t = np.arange("2020", "2023", dtype="M8[D]")
    loaded = saved({"a": a, "x": a["x"], "t": t, "u": t[::2]})
    loaded["x"][3] = 5
    assert loaded["a"][3]["x"] == 5
    assert loaded["a"].dtype == a.dtype
    loaded["t"][2] = t[0]
    assert loaded["u"][1] == t[0]
    assert same(loaded["u"][2:], t[::2][2:])


def test_what_is_no_plain_array_is_kept_as_it_is(tmp_path: Path) -> None:
    base = np.arange(1000.0)
    mapped: Any = np.memmap(tmp_path / "m", dtype="f8", mode="w+", shape=(1000,))
    mapped[:] = base
    namespace = {
        "chars": np.char.array(["a", "bc"]),
        "masked": np.ma.masked_array(base, base > 3),
        "base": base,
        "mapped": mapped,
        "piece": np.asarray(mapped[5:10]),
        "scalar": np.float64(3),
        "zero": np.array(3),
        "empty": np.zeros((0, 5)),
        "nothing": base[5:5],
        "record": np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        "strings": np.array(["a", "bc"]),
        "big": np.arange(5, dtype=">i8"),
        "half": np.arange(5, dtype="f2"),
        "flags": np.array([True, False]),
        "void": np.zeros(3, dtype="V0"),
    }
    loaded = saved(namespace)
    for name, value in namespace.items():
        assert type(loaded[name]) is type(value), name
        assert np.array_equal(loaded[name], value), name
        assert getattr(loaded[name], "dtype", None) == value.dtype, name
        assert loaded[name].shape == value.shape


def test_readonly_arrays_stay_readonly() -> None:
    for size in (10, 10_000):
        a = readonly(np.arange(size))
        loaded = saved({"a": a, "v": a[2:]})
        assert not loaded["a"].flags.writeable
        assert not loaded["v"].flags.writeable
        assert np.shares_memory(loaded["a"], loaded["v"])


def test_a_readonly_view_of_an_array_that_is_written_to() -> None:
    a = np.arange(1000)
    loaded = saved({"v": readonly(a[:]), "a": a})
    loaded["a"][0] = 9
    assert loaded["v"][0] == 9
    with pytest.raises(ValueError, match="read-only"):
        loaded["v"][0] = 1


def test_columns_of_frames_do_not_change_each_other() -> None:
    frame = pd.DataFrame({"a": np.arange(1000.0), "b": np.arange(1000.0)})
    renamed, column = frame.rename(columns={"a": "z"}), frame["a"]
    loaded = saved({"frame": frame, "renamed": renamed, "column": column, "list": [frame["b"]]})
    pd.testing.assert_frame_equal(loaded["frame"], frame)
    pd.testing.assert_frame_equal(loaded["renamed"], renamed)
    pd.testing.assert_series_equal(loaded["column"], column)
    loaded["renamed"].iloc[0, 0] = -1
    loaded["column"].iloc[1] = -1
    loaded["list"][0].iloc[2] = -1
    pd.testing.assert_frame_equal(loaded["frame"], frame)


def test_the_array_of_a_frame_is_a_view_of_it_or_a_copy_but_never_wrong() -> None:
    frame = pd.DataFrame({"a": np.arange(1000.0), "b": np.arange(1000.0)})
    array = frame["a"].to_numpy()
    loaded = saved({"array": array, "frame": frame})
    assert same(loaded["array"], array)
    pd.testing.assert_frame_equal(loaded["frame"], frame)
    assert np.shares_memory(loaded["array"], loaded["frame"]["a"].to_numpy())


def test_a_thousand_columns_and_many_small_arrays() -> None:
    a = np.arange(5000.0)
    namespace = {f"v{i}": a[i : i + 5] for i in range(0, 5000, 5)} | {"a": a}
    loaded = saved(namespace)
    loaded["a"][:] = 1
    assert all(value.sum() == 5 for name, value in loaded.items() if name != "a")


def test_numpy_is_not_imported_for_a_save() -> None:
    from conftest import python

    code = "import sys, podfs.capturing as p; p.capture({'x': [1]}); print('numpy' in sys.modules)"
    assert python(code) == "False\n"


def test_fortran_order_is_kept() -> None:
    a = np.asfortranarray(np.arange(2000).reshape(20, 100))
    assert saved({"a": a})["a"].flags.f_contiguous
    loaded = saved({"a": a, "v": a[3:7]})
    assert loaded["a"].flags.f_contiguous
    assert np.shares_memory(loaded["a"], loaded["v"])


def test_random_views_against_what_numpy_does() -> None:
    generator = np.random.default_rng(7)
    for _ in range(60):
        base = generator.integers(0, 99, size=(12, 14))
        namespace = {"base": base} if generator.random() < 0.5 else {}
        for number in range(4):
            index = tuple(
                slice(min(ends), max(ends), int(generator.choice([1, 2, 3])))
                for ends in (generator.integers(0, length, 2) for length in base.shape)
            )
            view = base[index]
            namespace[f"v{number}"] = view if generator.random() < 0.7 else view.T[::-1]
        loaded = saved(namespace)
        target = generator.choice(list(namespace))
        namespace[target][...] = loaded[target][...] = 100 + number
        for name, value in namespace.items():
            assert np.array_equal(loaded[name], value), (name, target)


def test_frames_that_share_columns_until_one_is_written_to() -> None:
    frame = pd.DataFrame(
        {"n": [1.0, 2.0], "s": ["x", "y"], "c": pd.Categorical(["a", "b"]), "i": [1, 2]}
    ).astype({"i": "Int64"})
    frame["t"] = pd.date_range("2020", periods=2, tz="UTC")
    others = [
        frame.rename(columns={"n": "m"}),
        frame[["s", "i"]],
        frame.set_index("s").reset_index(),
    ]
    loaded = saved({"frame": frame, "others": others, "column": frame["s"], "again": [frame["i"]]})
    for other in loaded["others"]:
        other.loc[0, "s"], other.loc[0, "i"] = "new", 99
    loaded["column"].iloc[1] = "new"
    loaded["again"][0].iloc[1] = 98
    loaded["others"][0].loc[0, "c"] = "b"
    loaded["others"][0].loc[0, "t"] = loaded["frame"]["t"].iloc[1]
    pd.testing.assert_frame_equal(loaded["frame"], frame)


def test_an_array_and_a_series_made_of_it_without_a_copy() -> None:
    array = np.arange(1000.0)
    series = pd.Series(array, copy=False)
    assert np.shares_memory(array, series.to_numpy())
    for namespace in ({"array": array, "series": series}, {"array": series, "series": array}):
        loaded = saved(namespace)
        assert np.shares_memory(np.asarray(loaded["array"]), np.asarray(loaded["series"]))


def test_the_attributes_of_a_frame_are_shared_as_they_were() -> None:
    frame = pd.DataFrame({"a": [1]})
    notes: list[Any] = []
    frame.attrs["notes"] = notes
    frame.attrs["array"] = array = np.arange(3)
    loaded = saved({"frame": frame, "notes": notes, "array": array})
    assert loaded["frame"].attrs["notes"] is loaded["notes"]
    assert loaded["frame"].attrs["array"] is loaded["array"]


def test_times_stay_where_they_are() -> None:
    times: Any = np.arange(9000).astype("M8[ms]")
    captured = capture({"times": times, "spans": times - times[0], "few": times[:3].copy()})
    assert [len(part.buffers) for part in captured.parts] == [0, 1, 1]
    assert all(len(part.stream) < 600 for part in captured.parts)
    loaded = reload(captured)
    assert (loaded["times"] == times).all()
    assert loaded["times"].dtype == times.dtype
    assert loaded["spans"].dtype == "m8[ms]"
    loaded["times"][7] = "NaT"
    again = saved(loaded)
    assert np.isnat(again["times"][7])
    assert capture(again).parts[2].stream == captured.parts[2].stream


def test_times_that_are_shared_or_cannot_be_written() -> None:
    times: Any = np.arange(9000).astype("M8[s]")
    view = times[10:20]
    fixed: Any = np.arange(9000).astype("m8[s]")
    fixed.flags.writeable = False
    loaded = saved({"times": times, "view": view, "fixed": fixed})
    loaded["view"][0] = "1999-01-01"
    assert loaded["times"][10] == np.datetime64("1999-01-01")
    assert not loaded["fixed"].flags.writeable


@pytest.mark.parametrize("order", ["reversed", "strided", "transposed", "broadcast"])
def test_an_array_in_pieces_is_stored_as_it_will_be_loaded(order: str) -> None:
    base = np.arange(27_000).reshape(30, 30, 30)
    array = {
        "reversed": base[::-1],
        "strided": base[1::2, :, ::3],
        "transposed": base.transpose(1, 2, 0)[::2],
        "broadcast": np.broadcast_to(np.arange(5.0), (900, 5)),
    }[order]
    captured = capture({"array": array})
    assert len(captured.parts[0].buffers) == 1
    loaded = reload(captured)
    assert (loaded["array"] == array).all()
    assert loaded["array"].flags.writeable == array.flags.writeable
    assert capture(loaded).parts[0].stream == captured.parts[0].stream


def test_numbers_that_were_loaded_have_the_dtype_of_all() -> None:
    namespace = {"a": np.zeros(3), "b": [np.float64(1), np.ones(2)], "c": np.zeros((2, 2), "O")}
    loaded = saved(namespace)
    assert loaded["a"].dtype is not np.dtype("f8")
    assert [part.stream for part in capture(loaded).parts] == [
        part.stream for part in capture(namespace).parts
    ]


def test_the_mask_of_a_masked_array_stays_hard() -> None:
    array: Any = np.ma.array([1, 2, 3], mask=[0, 1, 0], fill_value=9)
    array.harden_mask()
    loaded = saved({"array": array})["array"]
    assert loaded.hardmask
    assert loaded.tolist() == [1, None, 3]
    assert loaded.fill_value == 9
    assert array.hardmask


def test_tensors_share_their_memory() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.zeros(3000)
    captured = capture({"tensor": tensor, "view": tensor[10:20], "array": tensor.numpy()})
    assert sum(len(part.buffers) for part in captured.parts) == 1
    loaded = reload(captured)
    loaded["view"][0] = 1
    loaded["array"][11] = 2
    assert loaded["tensor"][10:12].tolist() == [1, 2]
