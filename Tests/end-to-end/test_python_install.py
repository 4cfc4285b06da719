"""``podfs python install``, into virtual environments of the tests' own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cloudpickle
import pytest
from conftest import SECONDS, Podfs

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "Sources" / "python"
LIBRARY = ROOT / ".build-bridge" / "libpodfs.so"
VERSION = "0.1.0"

# What the interpreter that is installed into must not find by itself.
CLEAN = {"PYTHONPATH": "", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


@pytest.fixture
def interpreter(tmp_path: Path) -> Path:
    """The interpreter of an empty environment, without pip."""
    command = [sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")]
    subprocess.run(command, check=True)
    return tmp_path / "venv" / "bin" / "python"


def site_packages(interpreter: Path) -> Path:
    """Return where packages of an environment are."""
    return next((interpreter.parent.parent / "lib").glob("python*/site-packages"))


def add_cloudpickle(interpreter: Path) -> None:
    """Give an environment the cloudpickle of this one."""
    package = Path(cloudpickle.__file__).parent
    shutil.copytree(package, site_packages(interpreter) / "cloudpickle")


def run(interpreter: Path, program: str) -> str:
    """Run a program, far from any source folder."""
    done = subprocess.run(
        [interpreter, "-c", program],
        env={**os.environ, **CLEAN},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    return done.stdout


def test_an_installed_package_works(podfs: Podfs, interpreter: Path) -> None:
    add_cloudpickle(interpreter)
    for _ in ("install", "upgrade"):
        assert podfs("python", "install", "--python", interpreter, env=CLEAN).startswith(
            f"installed podfs into {site_packages(interpreter)}/podfs (Python "
        )
    assert sorted(entry.name for entry in site_packages(interpreter).iterdir()) == [
        "cloudpickle",
        "podfs",
        f"podfs-{VERSION}.dist-info",
    ]
    program = f"""
import podfs
assert podfs.__file__.startswith({str(site_packages(interpreter))!r})
session = podfs.Store({str(podfs.store)!r}).session("alice")
print(session.load(session.save({{"x": [1, 2]}}))["x"])
"""
    assert run(interpreter, program) == "[1, 2]\n"
    assert podfs("ls", "-1", "alice@1") == "x\n"


@pytest.fixture(scope="module")
def interpreter_with_pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with pip and cloudpickle."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    interpreter = folder / "bin" / "python"
    add_cloudpickle(interpreter)
    (facts,) = Path(cloudpickle.__file__).parents[1].glob("cloudpickle-*.dist-info")
    shutil.copytree(facts, site_packages(interpreter) / facts.name)
    return interpreter


def pip(
    interpreter: Path, *arguments: str | Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the pip of an environment, without a network."""
    return subprocess.run(
        [interpreter, "-m", "pip", *arguments],
        env={**os.environ, **CLEAN, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_pip_knows_the_package_and_removes_it(podfs: Podfs, interpreter_with_pip: Path) -> None:
    podfs("python", "install", "--python", interpreter_with_pip, env=CLEAN)
    version = "import importlib.metadata as m; print(m.version('podfs'), m.requires('podfs'))"
    assert run(interpreter_with_pip, version) == f"{VERSION} ['cloudpickle>=3.1']\n"
    assert "Summary: Keeps every version" in pip(interpreter_with_pip, "show", "podfs").stdout
    assert pip(interpreter_with_pip, "uninstall", "-y", "podfs").returncode == 0
    assert [path.name for path in site_packages(interpreter_with_pip).glob("podfs*")] == []


def test_an_upgrade_leaves_nothing_of_the_old_version(podfs: Podfs, interpreter: Path) -> None:
    add_cloudpickle(interpreter)
    folder = site_packages(interpreter)
    for name in ("podfs", "podfs-0.0.1.dist-info"):
        (folder / name).mkdir()
        (folder / name / "old.py").touch()
    podfs("python", "install", "--python", interpreter, env=CLEAN)
    assert not list(folder.glob("**/old.py"))
    assert sorted(path.name for path in folder.glob("*podfs*")) == [
        "podfs",
        f"podfs-{VERSION}.dist-info",
    ]
    record = (folder / f"podfs-{VERSION}.dist-info" / "RECORD").read_text().splitlines()
    listed = {line.split(",")[0] for line in record}
    assert {path for path in listed if not (folder / path).is_file()} == set()
    found = {str(path.relative_to(folder)) for path in folder.glob("podfs*/**/*.*")}
    assert {path for path in found - listed if "__pycache__" not in path} == set()


def test_pip_installs_the_source_folder(podfs: Podfs, interpreter_with_pip: Path) -> None:
    library = str(LIBRARY)
    done = pip(interpreter_with_pip, "install", PACKAGE, PODFS_LIBRARY=library)
    assert done.returncode == 0, done.stderr
    program = f"""
import podfs, pathlib
assert (pathlib.Path(podfs.__file__).parent / "libpodfs.so").stat().st_mode & 0o111
session = podfs.Store({str(podfs.store)!r}).session("alice")
print(session.load(session.save({{"x": [1, 2]}}))["x"])
"""
    assert run(interpreter_with_pip, program) == "[1, 2]\n"
    (wheel,) = site_packages(interpreter_with_pip).glob("podfs-*.dist-info/WHEEL")
    tag = next(line for line in wheel.read_text().splitlines() if line.startswith("Tag: "))
    assert tag.startswith("Tag: py3-none-linux_")


def test_a_wheel_without_a_library_is_not_built(interpreter_with_pip: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "libpodfs.so")
    done = pip(interpreter_with_pip, "install", "--upgrade", PACKAGE, PODFS_LIBRARY=missing)
    assert done.returncode != 0
    assert f"libpodfs.so is not at '{missing}'; run mount-scripts/build first" in done.stderr
    Path(missing).write_text("no library")
    done = pip(interpreter_with_pip, "install", "--upgrade", PACKAGE, PODFS_LIBRARY=missing)
    assert "cannot be used" in done.stderr


def test_missing_cloudpickle_that_cannot_be_installed(podfs: Podfs, interpreter: Path) -> None:
    done = podfs.run("python", "install", "--python", interpreter, env=CLEAN)
    assert done.returncode == 1
    assert b"installing cloudpickle, which podfs needs, with pip\n" in done.stdout
    assert done.stderr.startswith(b"podfs: pip could not install cloudpickle for ")
    assert done.stderr.count(b"\n") == 1


def test_what_is_no_interpreter(podfs: Podfs, tmp_path: Path) -> None:
    missing = tmp_path / "python"
    line = podfs.error("python", "install", "--python", missing)
    assert line.startswith(f"cannot run '{missing}'; ")
    assert "cannot run" in podfs.error("python", "install", "--python", "no-such-python-anywhere")
    assert podfs.error("python", "uninstall", code=2)


def test_a_folder_that_may_not_be_written(podfs: Podfs, interpreter: Path) -> None:
    if os.geteuid() == 0:
        # Root may write anywhere but where nothing can be written at all.
        target = site_packages(interpreter)
        target.rmdir()
        target.write_text("a file in the way")
    else:
        site_packages(interpreter).chmod(0o500)
    done = podfs.run("python", "install", "--python", interpreter, env=CLEAN)
    assert done.returncode == 1
    assert done.stderr.startswith(b"podfs: ")
    assert done.stderr.count(b"\n") == 1
