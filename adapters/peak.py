"""The most memory that a piece of work takes: of the GPU where the model is there, else of this process."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
RESET_PEAK = "5"
"""See proc(5): the peak resident size becomes the present one."""


def begin() -> None:
    """From here on the peak counts. Where the system cannot begin anew, it is that of the whole process."""
    torch = _torch_on_gpu()
    if torch is not None:
        torch.cuda.reset_peak_memory_stats()
        return
    with suppress(OSError):
        CLEAR.write_text(RESET_PEAK)


def peak() -> int:
    """The most since `begin`, in bytes."""
    torch = _torch_on_gpu()
    if torch is not None:
        return int(torch.cuda.max_memory_allocated())
    with suppress(OSError, ValueError, StopIteration):
        lines = STATUS.read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
    return _of_process()


def _of_process() -> int:
    """Of the process since it began, as its system counts."""
    if sys.platform == "win32":  # has no module `resource`
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def _torch_on_gpu() -> Any:
    """torch, where a model of this process is on a GPU; it is not imported for the question."""
    torch = sys.modules.get("torch")
    return torch if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized() else None
