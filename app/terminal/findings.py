"""What `doctor` makes of its report: one sentence for each thing that is in the way of something."""

from collections.abc import Iterator
from typing import Any

from adapters.spec import Text

TEXTS: dict[str, Text] = {
    "no_gpu": {
        "en": "No GPU: models run on the processor.",
        "ko": "GPU가 없어요. 모델은 프로세서에서 실행돼요.",
    },
    "slow_bfloat16": {
        "en": "This processor has no native bfloat16: float32 is used, at two to three times the time.",
        "ko": "이 프로세서는 bfloat16을 직접 지원하지 않아 float32를 써요. 두세 배 느려요.",
    },
    "memory": {
        "en": "Only {free:.1f} GiB of memory are free; the embedded model and the documents want about 2.",
        "ko": "남은 메모리가 {free:.1f} GiB예요. 내장 모델과 문서에 2 GiB쯤 필요해요.",
    },
    "disk": {
        "en": "Only {free:.1f} GiB of disk are free where the data lies; set MARU_HOME to a larger disk.",
        "ko": "데이터 폴더에 남은 공간이 {free:.1f} GiB예요. MARU_HOME을 더 큰 디스크로 정해 주세요.",
    },
    "hub": {
        "en": "The model hub cannot be reached ({reason}): only what is already here can be used.",
        "ko": "모델 허브에 연결할 수 없어요 ({reason}). 이미 있는 모델만 쓸 수 있어요.",
    },
    "first_start": {
        "en": "The embedded model is converted at its first use, which takes about half a minute.",
        "ko": "내장 모델은 처음 쓸 때 한 번 변환해요. 30초쯤 걸려요.",
    },
}
MEMORY_WANTED, DISK_WANTED = 2 * 2**30, 2 * 2**30


def findings(report: dict[str, Any], language: str) -> list[str]:
    """The sentences, in `language`; problems of models and documents come as their own errors say them."""
    return [*_machine(report["machine"], language), *_parts(report, language)]


def _machine(machine: dict[str, Any], language: str) -> Iterator[str]:
    free, disk, hub = machine["memory"]["free"], machine["disk"]["free"], machine["hub"]
    if not machine["gpus"]:
        yield TEXTS["no_gpu"][language]
    if not machine["bfloat16"]["native"]:
        yield TEXTS["slow_bfloat16"][language]
    if free < MEMORY_WANTED:
        yield TEXTS["memory"][language].format(free=free / 2**30)
    if disk < DISK_WANTED:
        yield TEXTS["disk"][language].format(free=disk / 2**30)
    if not hub["reachable"]:
        yield TEXTS["hub"][language].format(reason=hub["reason"])


def _parts(report: dict[str, Any], language: str) -> Iterator[str]:
    for model in report["models"]:
        if model["problem"]:
            yield f"{model['id']}: {model['problem']}"
        elif model["default"] and not model["ready"]:
            yield TEXTS["first_start"][language]
    for embedder in report["embedders"]:
        if embedder["problem"]:
            yield f"{embedder['label']}: {embedder['problem']}"
    if report["store"]["problem"]:
        yield report["store"]["problem"]
    yield from report["store"]["unusable"]
