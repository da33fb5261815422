"""The lock between processes: waited for while another one has it, left when somebody gives up."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from adapters import embedded
from adapters.errors import LoadCancelled
from adapters.process_lock import process_lock
from adapters.weights import prepare_embedded

HOLDS = """
import sys
from pathlib import Path
from adapters.process_lock import process_lock
with process_lock(Path(sys.argv[1]), lambda: None):
    print("held", flush=True)
    sys.stdin.readline()
"""

TRIES = """
import sys
from filelock import FileLock, Timeout
try:
    FileLock(sys.argv[1]).acquire(timeout=0)
except Timeout:
    sys.exit(3)
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator["Popen[str]"]:
    """Another process, which has the lock of the embedded model's conversion until it reads a line."""
    file = tmp_path / f"{embedded.converted(tmp_path).name}.lock"
    with Popen([sys.executable, "-c", HOLDS, str(file)], stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_who_waits_has_it_when_the_other_one_ends(tmp_path: Path, other: "Popen[str]") -> None:
    waits: list[float] = []

    def check() -> None:
        waits.append(time.monotonic())
        if len(waits) == 2:
            other.communicate("done\n")

    file = next(tmp_path.glob("*.lock"))
    with process_lock(file, check):
        assert len(waits) >= 2
        assert subprocess.run([sys.executable, "-c", TRIES, str(file)], check=False).returncode == 3
    assert subprocess.run([sys.executable, "-c", TRIES, str(file)], check=False).returncode == 0


def test_waiting_for_a_conversion_elsewhere_can_be_cancelled(tmp_path: Path, other: "Popen[str]") -> None:
    cancelled = threading.Event()
    threading.Timer(0.5, cancelled.set).start()
    with pytest.raises(LoadCancelled):
        prepare_embedded(tmp_path, cancelled=cancelled)
    assert other.poll() is None, "the other one has it still"
    assert not embedded.converted(tmp_path).exists()


def test_what_breaks_within_it_lets_it_go(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broke"), process_lock(tmp_path / "x.lock", lambda: None):
        raise ValueError("broke")
    checks: list[int] = []
    with process_lock(tmp_path / "x.lock", lambda: checks.append(1)):
        assert checks == [1], "nobody had it"
