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
    ]
    program = f"""
import podfs
assert podfs.__file__.startswith({str(site_packages(interpreter))!r})
session = podfs.Store({str(podfs.store)!r}).session("alice")
print(session.load(session.save({{"x": [1, 2]}}))["x"])
"""
    assert run(interpreter, program) == "[1, 2]\n"
    assert podfs("ls", "-1", "alice@1") == "x\n"


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
