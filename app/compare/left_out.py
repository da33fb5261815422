"""What of a column the chat cannot take over, told before the column becomes the chat's default."""

from adapters.lora import read_mix
from adapters.spec import Text
from app.adapter_mix import mix_of
from app.compare.use_winner import chat_settings
from app.services import Services
from chains.compare.experiment import Column
from chains.question import Template
from chains.templates import BadTemplate

_PASSAGE = {
    "en": "In the comparison each question came with a passage. The chat has none: choose a collection.",
    "ko": "비교에서는 질문마다 문단이 함께 주어졌어요. 채팅에는 그런 문단이 없으니 컬렉션을 골라 주세요.",
}
_ADAPTER = {
    "en": 'The column used the adapters "{was}". The chat knows no such shares and uses "{becomes}".',
    "ko": "이 열은 어댑터를 '{was}' 비율로 썼어요. 채팅에서는 이 비율을 쓸 수 없어서 '{becomes}'로 답해요.",
}
_TEMPLATE = {
    "en": 'The column used version {version} of the template "{name}". The chat uses a newer one.',
    "ko": "이 열은 '{name}' 템플릿의 버전 {version}로 답했어요. 채팅에서는 내용이 다른 최신 버전을 써요.",
}
_NO_TEMPLATE = {
    "en": 'The template "{name}" is no longer there. Save it again, or the chat asks without it.',
    "ko": "'{name}' 템플릿이 지금은 없어요. 다시 저장하지 않으면 채팅은 이 템플릿 없이 물어봐요.",
}


def left_out(services: Services, column: Column) -> list[Text]:
    """A sentence for each thing; none where the chat will ask as the column did."""
    settings = chat_settings(column)
    found: list[Text] = [_PASSAGE] if column.passage else []
    becomes = mix_of(*(settings[name] for name in ("adapter", "second_adapter", "adapter_share")))
    if read_mix(becomes) != read_mix(column.adapter):
        found.append(_filled(_ADAPTER, was=column.adapter, becomes=becomes))
    if settings["template"] and column.template is not None:
        found += _template(services, column.template)
    return found


def _template(services: Services, used: Template) -> list[Text]:
    try:
        newest = services.templates.get(used.name)
    except BadTemplate:
        return [_filled(_NO_TEMPLATE, name=used.name)]
    if (newest.system, newest.user) == (used.system, used.user):
        return []
    return [_filled(_TEMPLATE, name=used.name, version=used.version)]


def _filled(text: Text, **values: object) -> Text:
    return {language: words.format(**values) for language, words in text.items()}
