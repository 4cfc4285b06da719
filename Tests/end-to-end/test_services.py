"""Mounting by mount(8), /etc/fstab, systemd, and as somebody who is not root."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from conftest import EXECUTABLE, ROOT, SECONDS, Podfs, is_mounted

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="makes mount namespaces as root")

# In a mount namespace of its own, so that nothing of the machine is changed: a /dev/fuse for
# everybody, and what mount-scripts/install puts into /sbin. The user is 'nobody'.
PRELUDE = """
set -euo pipefail
trap 'umount -l "$W"/m* 2>/dev/null || true' EXIT
chmod 755 "$W"; mkdir "$W/dev" "$W/sbin" "$W/m"
mount -t tmpfs -o mode=755 none "$W/dev"
mknod -m 666 "$W/dev/fuse" c 10 229
mount --bind "$W/dev/fuse" /dev/fuse
mount --bind "$W/sbin" /usr/sbin
"$ROOT/mount-scripts/install" --prefix "$W/usr" >/dev/null
podfs=$W/usr/bin/podfs
as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"; }
mounts() { "$podfs" --store "$1" status | grep -o 'mounted .*'; }
$podfs init --store "$W/store" >/dev/null
"""


def in_namespace(folder: Path, script: str) -> str:
    """Run a script; return what it prints."""
    # A user who is not root may not enter the folders of pytest.
    for parent in [folder, *folder.parents][:3]:
        parent.chmod(parent.stat().st_mode | 0o111)
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", PRELUDE + script],
        env={
            **os.environ,
            "W": str(folder),
            "ROOT": str(ROOT),
            "PODFS_EXECUTABLE": str(EXECUTABLE),
            "PODFS_LIBRARY": str(ROOT / ".build-bridge" / "libpodfs.so"),
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_root
def test_mount_by_type(tmp_path: Path) -> None:
    output = in_namespace(
        tmp_path,
        """
        for type in podfs fuse.podfs; do
          mount -t $type -o ro,noexec,cache=1M "$W/store" "$W/m"
          mounts "$W/store"
          [ -e "$W/m/README" ]
          umount "$W/m"
        done
        mount -r -t podfs "$W/store" "$W/m"; mounts "$W/store"; $podfs umount "$W/m"
        mount -s -t podfs -o frob "$W/store" "$W/m"; umount "$W/m"
        mount -f -t podfs "$W/store" "$W/m"; mounts "$W/store"
        code=0; mount -t podfs -o frob "$W/store" "$W/m" || code=$?; echo "code $code"
        code=0; mount -t podfs "$W/none" "$W/m" || code=$?; echo "code $code"
        """,
    )
    lines = [line for line in output.splitlines() if line.startswith(("mounted", "code"))]
    assert [re.sub(r"process \d+", "process", line.split(", ", 1)[-1]) for line in lines] == [
        "process, ro, noexec, cache=1M",
        "process, ro, noexec, cache=1M",
        "process, ro",
        "mounted  nowhere; 'podfs mount DIRECTORY' shows it",
        "code 1",
        "code 32",
    ]
    assert "'frob' is no option" in output
    assert f"there is no store '{tmp_path}/none'" in output


@needs_root
def test_line_of_fstab(tmp_path: Path) -> None:
    output = in_namespace(
        tmp_path,
        """
        echo "$W/store $W/m podfs noauto,user,umask=027,x-systemd.automount 0 0" > "$W/fstab"
        mount -T "$W/fstab" "$W/m"
        mounts "$W/store"; grep "$W/m" /proc/self/mountinfo; stat -c %a "$W/m/README"
        umount "$W/m"
        """,
    )
    assert "noexec, umask=027" in output
    assert "rw,nosuid,nodev,noexec" in output
    assert output.endswith("440\n")


@needs_root
def test_root_mounts_for_the_owner_of_a_store(tmp_path: Path) -> None:
    output = in_namespace(
        tmp_path,
        """
        chown -R 65534:65534 "$W/store" "$W/m"
        mount -t podfs "$W/store" "$W/m"
        ls "$W/m" 2>&1 || true
        as_user mkdir "$W/m/alice"
        as_user sh -c 'echo text > "$W/m/alice/workspace/x"; echo why > "$W/m/alice/commit"'
        as_user umount "$W/m"
        find "$W/store" ! -user 65534
        mount -t podfs -o setuid=root,ro "$W/store" "$W/m"
        cat "$W/m/alice/commits/1/x"
        """,
    )
    # Not even root sees a private mount of another user.
    assert "Permission denied" in output
    assert output.splitlines()[1:] == ["text"]


@needs_root
def test_root_mounts_for_an_owner_without_an_account(tmp_path: Path) -> None:
    output = in_namespace(
        tmp_path,
        """
        chown -R 12345:12345 "$W/store"
        for options in rw uid=12345,gid=12345,allow_other; do
          mount -t podfs -o $options "$W/store" "$W/m"
          mkdir "$W/m/alice" 2>/dev/null || true
          echo text > "$W/m/alice/workspace/x"; echo why > "$W/m/alice/commit"
          stat -c 'owner %u' "$W/m/alice/workspace/x"
          umount "$W/m"
        done
        find "$W/store" ! -user 12345
        setpriv --reuid 12345 --regid 12345 --clear-groups $podfs --store "$W/store" log alice
        """,
    )
    assert "owner 0" in output
    assert "owner 12345" in output
    assert str(tmp_path) not in output
    assert "why" in output


@needs_root
def test_a_user_mounts_without_root(tmp_path: Path) -> None:
    output = in_namespace(
        tmp_path,
        """
        chown -R 65534:65534 "$W/store"
        chown 65534:65534 "$W/m"; mkdir "$W/m2"
        export PODFS_STORE=$W/store
        as_user $podfs mount "$W/m"
        as_user mkdir "$W/m/alice"
        as_user sh -c 'cd "$W/m/alice"; echo text > workspace/x; echo why > commit; cat HEAD/x'
        as_user sh -c 'echo no > "$W/m/alice/commits/1/x"' || echo refused
        as_user sh -c 'cd "$W/m/alice"; ln -s ../commits/1 tags/first; rm tags/first
          ln -s ../commits/1 branches/idea; ln -sfn branches/idea HEAD; readlink HEAD'
        as_user sh -c 'cd "$W/m"; '$podfs' umount "$W/m"' || echo busy
        as_user $podfs umount --lazy "$W/m"
        as_user $podfs mount "$W/m"; as_user $podfs umount "$W/m"; as_user $podfs mount "$W/m"
        pid=$(as_user $podfs status | sed -n 's/.*, process //p'); kill -9 "$pid"
        as_user $podfs mount "$W/m"; as_user ls "$W/m"; as_user $podfs umount "$W/m"
        as_user $podfs mount -o allow_other "$W/m" || echo "no allow_other"
        as_user $podfs mount "$W/m2" || echo "no m2"
        """,
    )
    for words in (
        "text\n",
        "refused",
        "is in use; close what uses it",
        "busy",
        "alice\n",
        "user_allow_other",
        "no allow_other",
        "no write access to mountpoint",
        "no m2",
    ):
        assert words in output


def test_helper_knows_its_words(tmp_path: Path) -> None:
    helper = ROOT / "mount-scripts" / "mount.podfs"
    for words, code in {
        "": 1,
        "store": 1,
        "store dir more": 1,
        "store dir -x": 1,
        "/nowhere /nowhere": 32,
        f"{tmp_path} /nowhere -o setuid=nobody-is-called-so": 1,
    }.items():
        done = subprocess.run(
            ["sh", helper, *words.split()], capture_output=True, check=False, text=True
        )
        assert (done.returncode, words) == (code, words), done.stderr
        assert done.stderr


class Notified:
    """A socket that stands for systemd's."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(SECONDS)
        self.socket.bind(path.replace("@", "\0", 1))

    def message(self) -> str:
        """Wait for a message."""
        return self.socket.recv(4096).decode()


def test_unit_for_systemd(podfs: Podfs, tmp_path: Path) -> None:
    """The lines of the unit, run as systemd would."""
    text = (ROOT / "mount-scripts" / "podfs@.service").read_text(encoding="utf-8")
    values = {"%h": str(tmp_path), "%I": "my pods", "${PODFS_MOUNT_OPTIONS}": "ro"}
    for word, value in values.items():
        text = text.replace(word, value)
    lines = dict(re.findall(r"^(Exec\w+)=-?(.*)$", text, re.MULTILINE))
    mount_point = tmp_path / "my pods"
    podfs.mounts.append(mount_point)
    subprocess.run(shlex.split(lines["ExecStartPre"]), check=True)
    for address in (str(tmp_path / "notify"), f"@podfs-{os.getpid()}"):
        listener = Notified(address)
        environment = {"NOTIFY_SOCKET": address, "PODFS_STORE": str(podfs.store)}
        name, *words = shlex.split(lines["ExecStart"])
        assert name == "podfs"
        daemon = subprocess.Popen(
            [EXECUTABLE, *words], env={**os.environ, **environment}, stderr=subprocess.PIPE
        )
        try:
            message = listener.message()
            assert message == f"READY=1\nSTATUS={podfs.store} is mounted at {mount_point}"
            assert is_mounted(Path(str(mount_point).replace(" ", "\\040")))
            assert podfs.json("status")[0]["mounts"][0]["options"] == ["ro"]
            name, *words = shlex.split(lines["ExecStop"])
            assert podfs(*words) == ""
            assert (daemon.communicate(timeout=SECONDS)[1], daemon.returncode) == (b"", 0)
        finally:
            daemon.kill()
            daemon.wait()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    text = (ROOT / "mount-scripts" / "podfs@.service").read_text(encoding="utf-8")
    unit = tmp_path / "podfs@pods.service"
    unit.write_text(text.replace("=podfs ", f"={EXECUTABLE} "), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", unit],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
