"""What this machine can do: processor, memory, graphics cards, disk, hub. Nothing heavy is imported."""

import os
import sys
from pathlib import Path


def usable_cores() -> int:
    """The cores this process may use: affinity and the quota of its control group counted."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup_cores()
    return max(1, min(cores, quota)) if quota else cores


def free_memory() -> int:
    """Bytes that can still be taken: the limit of the control group counted."""
    import psutil

    free = psutil.virtual_memory().available
    limit, used = _cgroup_memory()
    return min(free, limit - used) if limit else free


def native_bfloat16() -> bool:
    """Whether the device that models run on computes in bfloat16 itself, and not by emulation."""
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    features = torch.cpu.get_capabilities()
    # on a Mac float32 goes through Accelerate; whether bfloat16 could be faster there was never measured
    return sys.platform != "darwin" and any(
        features.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16")
    )


def _cgroup_cores() -> int | None:
    """Whole cores of the CPU quota (cgroup v2, then v1), at least one; None without a quota."""
    words = _read("/sys/fs/cgroup/cpu.max").split()
    if len(words) != 2:
        quota, period = (
            _read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
            _read("/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
        )
        words = [quota.strip(), period.strip()]
    if not all(word.isdigit() for word in words) or int(words[1]) == 0:
        return None
    return max(1, int(words[0]) // int(words[1]))


def _cgroup_memory() -> tuple[int | None, int]:
    """The memory limit of the control group (None: no limit) and what it has used, in bytes."""
    for limit, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        if (text := _read(limit).strip()).isdigit() and int(text) < 1 << 60:
            return int(text), int(_read(used).strip() or 0)
    return None, 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError:
        return ""
