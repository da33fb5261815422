"""What can be wrong with a specification: for each fault one sentence that names the cause and the mend."""

from collections.abc import Iterable
from difflib import get_close_matches

from adapters.spec import Text
from chains.errors import ChainError

SENTENCES: dict[str, Text] = {
    "unreadable": {
        "en": "the file cannot be read: {cause}. Check the path, and that it is a UTF-8 text file.",
        "ko": "파일을 읽을 수 없어요: {cause}. 경로와 UTF-8 텍스트 파일인지 확인해 주세요.",
    },
    "too_large": {
        "en": "it is larger than {limit} kB. Put the questions into a file of their own and name it.",
        "ko": "{limit}kB를 넘어요. 질문은 따로 파일에 두고 그 이름을 적어 주세요.",
    },
    "not_yaml": {
        "en": "this is not YAML: {cause}. Check the indentation, the brackets and the quotes there.",
        "ko": "YAML 형식이 아니에요: {cause}. 그 부분의 들여쓰기와 괄호, 따옴표를 확인해 주세요.",
    },
    "tangled": {
        "en": "it has more than {limit} anchors, aliases or values. Write them out, or leave some out.",
        "ko": "앵커, 별칭이나 값이 {limit}개를 넘어요. 풀어서 적거나 줄여 주세요.",
    },
    "too_deep": {
        "en": "this is nested more than {limit} levels deep. Check the brackets, the dashes and the aliases.",
        "ko": "{limit}단계보다 깊게 중첩되어 있어요. 괄호와 줄표, 별칭을 확인해 주세요.",
    },
    "empty": {
        "en": "the specification is empty. It needs at least: {needed}.",
        "ko": "명세가 비어 있어요. 적어도 이것이 필요해요: {needed}.",
    },
    "not_mapping": {
        "en": "here must be keys with values ({needed}: …), not {found}.",
        "ko": "여기에는 {needed} 같은 키와 값이 와야 하는데, {found} 형식이에요.",
    },
    "twice": {
        "en": 'the key "{key}" stands twice. Keep one of them.',
        "ko": "'{key}' 키가 두 번 있어요. 하나만 남겨 주세요.",
    },
    "unknown_key": {
        "en": 'unknown key "{key}".{closest} Known keys: {known}.',
        "ko": "'{key}' 키는 없어요.{closest} 쓸 수 있는 키: {known}.",
    },
    "missing": {"en": '"{key}" is missing: {what}.', "ko": "'{key}' 키가 없어요: {what}."},
    "wrong_type": {
        "en": "this must be {wanted}, not {found}.",
        "ko": "{wanted} 형식이어야 하는데, {found} 형식이에요.",
    },
    "blank": {"en": "this is blank. Write it out.", "ko": "값이 비어 있어요. 적어 주세요."},
    "unknown_value": {
        "en": 'there is no {kind} "{value}".{closest} Known: {known}.',
        "ko": "'{value}' {kind} 항목이 없어요.{closest} 쓸 수 있는 것: {known}.",
    },
    "range": {
        "en": "{value} is not between {low} and {high}. Choose a number in that range.",
        "ko": "{value}: {low} 이상 {high} 이하여야 해요. 그 사이의 수로 바꿔 주세요.",
    },
    "no_file": {
        "en": "there is no file {file}. Paths count from the folder of the specification.",
        "ko": "{file} 파일이 없어요. 경로는 명세 파일이 있는 폴더에서 시작해요.",
    },
    "no_paths": {
        "en": "files and folders can be named only in a specification file. Name a saved set or public:KEY.",
        "ko": "파일과 폴더는 명세 파일에서만 적을 수 있어요. 저장한 모음이나 public:키를 적어 주세요.",
    },
    "too_few_columns": {
        "en": "a comparison needs at least 2 columns, here is {count}. Add what to compare it with.",
        "ko": "비교하려면 열이 2개 이상이어야 하는데 {count}개예요. 비교할 열을 더해 주세요.",
    },
    "too_many_columns": {
        "en": "{count} columns are more than {limit}. Split the comparison.",
        "ko": "열이 {count}개예요. {limit}개를 넘지 않게 나눠 주세요.",
    },
    "same_name": {
        "en": 'two columns are called "{name}". Give each a name of its own.',
        "ko": "'{name}' 열이 둘이에요. 서로 다른 이름을 붙여 주세요.",
    },
    "baseline": {
        "en": 'the baseline "{name}" is no column.{closest} Columns: {known}.',
        "ko": "기준 '{name}' 열이 없어요.{closest} 있는 열: {known}.",
    },
    "both_sources": {
        "en": '"passage" and "collection" exclude each other: the first puts the question\'s own passage '
        "before the model, the second searches. Remove one.",
        "ko": "passage와 collection은 함께 쓸 수 없어요. passage는 질문에 딸린 지문을 쓰고 "
        "collection은 검색해요. 하나를 지워 주세요.",
    },
    "no_passages": {
        "en": "passage: true, but {count} questions have none ({ids}). Add them, or search a collection.",
        "ko": "passage: true인데 질문 {count}개에 지문이 없어요({ids}). 지문을 넣거나 컬렉션을 적어 주세요.",
    },
    "not_searching": {
        "en": '"{key}" counts only where a collection is searched. Name a collection, or remove it.',
        "ko": "'{key}' 키는 컬렉션에서 찾을 때만 쓰여요. 컬렉션을 적거나 이 키를 지워 주세요.",
    },
    "needs_collection": {
        "en": "the technique {technique} searches by itself: name a collection.",
        "ko": "{technique} 기법은 스스로 검색해요. 컬렉션을 적어 주세요.",
    },
    "unused_passages": {
        "en": "the technique {technique} makes no use of passages. Remove {key}.",
        "ko": "{technique} 기법은 문단을 쓰지 않아요. {key} 키를 지워 주세요.",
    },
    "needs_template": {
        "en": "the technique {technique} needs a template: name one of yours.",
        "ko": "{technique} 기법에는 템플릿이 필요해요. 만들어 둔 템플릿을 적어 주세요.",
    },
    "unsuited": {
        "en": "the metric {metric} does not suit answers of the type {type}. Metrics that do: {known}.",
        "ko": "{metric} 지표는 {type} 유형의 답에 맞지 않아요. 맞는 지표: {known}.",
    },
    "no_choices": {
        "en": "the metric {metric} needs choices, but {count} questions have none ({ids}).",
        "ko": "{metric} 지표에는 보기가 필요한데, 질문 {count}개에 보기가 없어요({ids}).",
    },
    "same_again": {
        "en": "the {kind} {value} is named twice. Keep one.",
        "ko": "{kind} {value} 항목이 두 번 있어요. 하나만 남겨 주세요.",
    },
    "repeats": {
        "en": 'the column "{column}" has temperature 0, where every repeat is the same. Set repeats to 1, or '
        "give it a temperature above 0.",
        "ko": "'{column}' 열은 온도가 0이라 반복해도 답이 같아요. repeats를 1로 하거나 온도를 올려 주세요.",
    },
    "only_public": {
        "en": '"{key}" belongs to a public set (public:KEY). Remove it.',
        "ko": "'{key}' 키는 공개 질문 모음(public:키)에만 써요. 지워 주세요.",
    },
    "refused": {"en": "{reason}", "ko": "{reason}"},
}

TYPES: dict[str, Text] = {
    "text": {"en": "a text", "ko": "글자"},
    "whole": {"en": "a whole number", "ko": "정수"},
    "number": {"en": "a number", "ko": "숫자"},
    "flag": {"en": "true or false", "ko": "true 또는 false"},
    "list": {"en": "a list", "ko": "목록"},
    "mapping": {"en": "keys with values", "ko": "키와 값"},
    "nothing": {"en": "nothing", "ko": "빈 값"},
    "other": {"en": "something else", "ko": "다른 값"},
}
KINDS: dict[str, Text] = {
    "technique": {"en": "technique", "ko": "기법"},
    "metric": {"en": "metric", "ko": "지표"},
    "model": {"en": "model", "ko": "모델"},
    "precision": {"en": "precision", "ko": "정밀도"},
    "retriever": {"en": "retriever", "ko": "검색 방식"},
    "collection": {"en": "collection", "ko": "컬렉션"},
    "questions": {"en": "saved question set", "ko": "저장한 질문 모음"},
    "public": {"en": "public set", "ko": "공개 질문 모음"},
    "answer_type": {"en": "answer type", "ko": "답 유형"},
    "language": {"en": "language", "ko": "언어"},
}
_CLOSEST: Text = {"en": " Did you mean {key}?", "ko": " 혹시 {key} 아닌가요?"}
_NO_NAME: Text = {"en": "none", "ko": "없음"}
_LINE: Text = {"en": "line {line}", "ko": "{line}번째 줄"}


class BadSpecification(ChainError):
    """A specification that cannot be run. `fault` is a key of SENTENCES; `line` counts from 1 (0: none)."""

    en = "{where}{sentence}"
    ko = "{where}{sentence}"

    def __init__(self, fault: str, path: str = "", line: int = 0, **values: object) -> None:
        self.fault, self.path, self.line = fault, path, line
        sentence = {language: _filled(fault, language, values) for language in ("en", "ko")}
        super().__init__(where=_where(path, line), sentence=sentence)


def closest(name: object, known: Iterable[str]) -> Text:
    """ " Did you mean x?", or nothing where no known name is near."""
    near = get_close_matches(str(name), list(known), n=1)
    return {language: text.format(key=near[0]) if near else "" for language, text in _CLOSEST.items()}


def listed(names: Iterable[str]) -> Text:
    """Names in a row, or that there is none."""
    row = ", ".join(names)
    return {language: row or nothing for language, nothing in _NO_NAME.items()}


def type_of(value: object) -> Text:
    """What a YAML value is, in words."""
    if value is None:
        return TYPES["nothing"]
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "flag"),
        (int, "whole"),
        (float, "number"),
        (str, "text"),
        (list, "list"),
        (dict, "mapping"),
    )
    return TYPES[next((name for kind, name in kinds if isinstance(value, kind)), "other")]


def _filled(fault: str, language: str, values: dict[str, object]) -> str:
    spoken = {
        key: value.get(language, "") if isinstance(value, dict) else value for key, value in values.items()
    }
    return SENTENCES[fault][language].format(**spoken)


def _where(path: str, line: int) -> Text:
    parts = {
        language: ", ".join(part for part in (text.format(line=line) if line else "", path) if part)
        for language, text in _LINE.items()
    }
    return {language: f"{part}: " if part else "" for language, part in parts.items()}
