"""What this machine can do: processor, memory, graphics cards, disk, hub. Nothing heavy is imported."""

import os
import platform
import shutil
import sys
import threading
import time
from importlib import metadata
from pathlib import Path
from typing import Any

FEATURES = (
    *("avx2", "avx512_f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "avx_vnni"),
    *("neon", "dot", "i8mm", "bf16", "sve", "sve2"),
)
"""Processor features that decide how fast a model runs, as torch names them: x86 and Arm."""

LIBRARIES = (
    *("torch", "transformers", "safetensors", "gguf", "langchain-core", "chromadb", "sentence-transformers"),
    *("gradio", "huggingface-hub"),
)
CONTROL_GROUPS = Path("/sys/fs/cgroup")
HUB_TIMEOUT_S = 2.0
MEASURE_S = 0.1


def probe(folder: Path) -> dict[str, Any]:
    """What this machine can do, as plain JSON; `folder` is where the data lies. Sizes are in bytes.

    Takes about a second besides importing torch; asks the hub for no more than its address.
    """
    return {
        "processor": _processor(),
        "memory": _memory(),
        "gpus": _gpus(),
        "disk": _disk(folder),
        "bfloat16": {"native": native_bfloat16(), "speed_over_float32": bfloat16_speed()},
        "hub": hub(),
        "versions": _versions(),
    }


def bfloat16_speed() -> float:
    """How many times faster bfloat16 matrix products are here than float32 ones: measured, in 0.2 s."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return round(
        _products_per_second(torch.bfloat16, device) / _products_per_second(torch.float32, device), 2
    )


def hub() -> dict[str, Any]:
    """Whether the model hub answers, and if not, why: {"endpoint", "reachable", "reason"}."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return {"endpoint": constants.ENDPOINT, "reachable": False, "reason": "HF_HUB_OFFLINE"}
    reasons: list[str | None] = ["timeout"]
    # looking a name up may hang longer than any timeout: whoever waits does so for a thread
    asking = threading.Thread(target=_ask_hub, args=(constants.ENDPOINT, reasons), daemon=True)
    asking.start()
    asking.join(HUB_TIMEOUT_S + 0.5)
    return {"endpoint": constants.ENDPOINT, "reachable": reasons[-1] is None, "reason": reasons[-1]}


def usable_cores(groups: Path = CONTROL_GROUPS) -> int:
    """The cores this process may use: affinity and the quota of its control group counted."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup_cores(groups)
    return max(1, min(cores, quota)) if quota else cores


def free_memory(groups: Path = CONTROL_GROUPS) -> int:
    """Bytes that can still be taken: the limit of the control group counted. `groups` is where the system
    shows it."""
    import psutil

    free = psutil.virtual_memory().available
    limit, used = _cgroup_memory(groups)
    return max(0, min(free, limit - used)) if limit else free


def device() -> str:
    """Where models run: "cuda" or "cpu". Does without torch where there can be no GPU."""
    if "torch" not in sys.modules and _torch_is_for_the_processor():
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


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


def fast_dtype() -> str:
    """The number type a model computes in fastest here: bfloat16 where it is native, else float16 on a GPU
    and float32 on a processor."""
    if native_bfloat16():
        return "bfloat16"
    return "float16" if device() == "cuda" else "float32"


def _torch_is_for_the_processor() -> bool:
    return metadata.version("torch").endswith("+cpu") or sys.platform == "darwin"


def _processor() -> dict[str, Any]:
    import torch

    features = torch.cpu.get_capabilities()
    return {
        "name": features.get("cpu_name") or platform.processor(),
        "architecture": features.get("architecture") or platform.machine(),
        "cores": os.cpu_count(),
        "usable_cores": usable_cores(),
        "torch_threads": torch.get_num_threads(),
        "features": [name for name in FEATURES if features.get(name)],
    }


def _memory() -> dict[str, int]:
    import psutil

    total = psutil.virtual_memory().total
    return {"total": min(total, _cgroup_memory()[0] or total), "free": free_memory()}


def _gpus() -> list[dict[str, Any]]:
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    cards = [torch.cuda.get_device_properties(number) for number in range(count)]
    return [{"name": card.name, "memory": card.total_memory} for card in cards]


def _disk(folder: Path) -> dict[str, Any]:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    return {"folder": str(folder), "free": shutil.disk_usage(existing).free}


def _versions() -> dict[str, str | None]:
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def _products_per_second(dtype: Any, device: str) -> float:
    """Products of the size a small model needs for a piece of prompt: 512×576 by 576×1536."""
    import torch

    left, right = (torch.randn(*size, device=device).to(dtype) for size in ((512, 576), (576, 1536)))
    left @ right  # the first product of a kind is slow
    count, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < MEASURE_S:
        float((left @ right)[0, 0])  # reading a value waits for a GPU
        count += 1
    return count / elapsed


def _ask_hub(endpoint: str, reasons: list[str | None]) -> None:
    from huggingface_hub import get_session

    try:
        get_session().head(endpoint, timeout=HUB_TIMEOUT_S)
        reasons.append(None)
    except Exception as error:
        reasons.append(type(error).__name__)


def _cgroup_cores(groups: Path = CONTROL_GROUPS) -> int | None:
    """Whole cores of the CPU quota (cgroup v2, then v1), at least one; None without a quota."""
    words = _read(groups / "cpu.max").split()
    if len(words) != 2:
        older = (groups / "cpu" / name for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
        words = [_read(file).strip() for file in older]
    if not all(word.isdigit() for word in words) or int(words[1]) == 0:
        return None
    return max(1, int(words[0]) // int(words[1]))


def _cgroup_memory(groups: Path = CONTROL_GROUPS) -> tuple[int | None, int]:
    """The memory limit of the control group (None: no limit) and what it has used, in bytes (cgroup v2, then
    v1)."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        if (text := _read(groups / limit).strip()).isdigit() and int(text) < 1 << 60:
            return int(text), int(_read(groups / used).strip() or 0)
    return None, 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
