"""Everything a model server can do wrong, each with its cause and its mend in the words of the reader.

A fault is looked up by its kind; `failure` makes the error of it, and the error keeps the kind, so that a
script need not read sentences. What a server says of itself is cut short, and the key is never in it.
"""

from collections.abc import Sequence

from adapters.errors import ServerFailed
from adapters.spec import Text

DETAIL = 300
"""How many characters of a server's own message are repeated."""

FAULTS: dict[str, tuple[Text, Text]] = {
    "refused": (
        {"en": "refused the connection.", "ko": "연결을 거부했어요."},
        {
            "en": "Start the server, or correct its address and port.",
            "ko": "서버를 켜거나 주소와 포트를 확인해 주세요.",
        },
    ),
    "unknown_host": (
        {"en": "was not found: nobody knows that name.", "ko": "그런 이름의 서버를 찾지 못했어요."},
        {
            "en": "Correct the host name, or check the network.",
            "ko": "호스트 이름이나 네트워크를 확인해 주세요.",
        },
    ),
    "tls": (
        {
            "en": "has no certificate that this machine trusts ({detail}).",
            "ko": "인증서를 믿을 수 없어요({detail}).",
        },
        {
            "en": "Let SSL_CERT_FILE name the authority that signed it, or use http:// if the server speaks "
            "no TLS.",
            "ko": "인증서를 서명한 기관의 파일을 SSL_CERT_FILE에 지정하거나, TLS를 쓰지 않는 서버라면 "
            "http:// 주소를 써 주세요.",
        },
    ),
    "unreachable": (
        {"en": "could not be reached ({detail}).", "ko": "연결할 수 없어요({detail})."},
        {
            "en": "Check that it runs and that a firewall or proxy lets it through.",
            "ko": "서버가 켜져 있는지, 방화벽이나 프록시가 막지 않는지 확인해 주세요.",
        },
    ),
    "connect_timeout": (
        {
            "en": "did not accept a connection within {seconds} s.",
            "ko": "{seconds}초 안에 연결되지 않았어요.",
        },
        {
            "en": "Check the address, and that a firewall or proxy lets it through.",
            "ko": "주소를 확인하고, 방화벽이나 프록시가 막지 않는지 확인해 주세요.",
        },
    ),
    "no_key": (
        {
            "en": "needs a key, and {variable} is empty.",
            "ko": "키가 필요한데 {variable} 환경 변수가 비어 있어요.",
        },
        {
            "en": "Set the environment variable {variable} and start Maru again.",
            "ko": "환경 변수 {variable}에 키를 넣고 Maru를 다시 시작해 주세요.",
        },
    ),
    "bad_key": (
        {
            "en": "cannot be given the key in {variable}: it holds blanks or characters that no key has.",
            "ko": "{variable}에 든 키에 공백이나 키에 쓸 수 없는 글자가 있어서 보내지 않았어요.",
        },
        {"en": "Set {variable} again.", "ko": "{variable} 값을 다시 넣어 주세요."},
    ),
    "key_refused": (
        {
            "en": "refused the key in {variable} ({status}).",
            "ko": "{variable}에 든 키를 거절했어요({status}).",
        },
        {
            "en": "Put a key that is valid for this server into {variable} and start Maru again.",
            "ko": "이 서버에서 쓸 수 있는 키를 {variable}에 넣고 Maru를 다시 시작해 주세요.",
        },
    ),
    "key_missing": (
        {"en": "wants a key ({status}).", "ko": "키를 요구해요({status})."},
        {
            "en": "Put it into an environment variable and add the server again with that variable's name "
            "(--key-env).",
            "ko": "키를 환경 변수에 넣고, 그 변수 이름을 지정해 서버를 다시 추가해 주세요(--key-env).",
        },
    ),
    "not_served": (
        {"en": 'does not serve "{model}".', "ko": "이 서버에 없는 모델이에요: {model}."},
        {
            "en": "It serves: {known}. Choose one of them.",
            "ko": "쓸 수 있는 모델: {known}. 이 중에서 골라 주세요.",
        },
    ),
    "choose": (
        {"en": "serves several models.", "ko": "여러 모델을 제공해요."},
        {"en": "Choose one of them: {known}.", "ko": "하나를 골라 주세요: {known}."},
    ),
    "no_models": (
        {"en": "lists no model.", "ko": "제공하는 모델이 없어요."},
        {
            "en": "Load one there, or name the model when you add the server.",
            "ko": "서버에 모델을 올리거나, 서버를 추가할 때 모델 이름을 적어 주세요.",
        },
    ),
    "wrong_path": (
        {
            "en": "has nothing at this address ({status}).",
            "ko": "이 주소에는 아무것도 없어요({status}).",
        },
        {
            "en": "The address of an OpenAI-compatible server usually ends with /v1: correct it.",
            "ko": "OpenAI 호환 서버의 주소는 보통 /v1로 끝나요. 주소를 고쳐 주세요.",
        },
    ),
    "wrong_type": (
        {
            "en": 'answered with "{detail}": this is not an OpenAI-compatible address.',
            "ko": "OpenAI 호환 주소가 아니에요. 응답 형식: {detail}.",
        },
        {
            "en": "Did you forget /v1 at its end, or is it a login page or a proxy?",
            "ko": "주소 끝에 /v1이 빠지지 않았는지, 로그인 페이지나 프록시가 아닌지 확인해 주세요.",
        },
    ),
    "redirect": (
        {
            "en": "sends us on to {detail}, where neither question nor key was sent.",
            "ko": "다른 주소로 넘기려 해서 질문도 키도 보내지 않았어요: {detail}.",
        },
        {
            "en": "If that is the right server, add it with that address.",
            "ko": "그 서버가 맞다면 그 주소로 다시 추가해 주세요.",
        },
    ),
    "busy": (
        {
            "en": "has too much to do (429), {tries} attempts were in vain.",
            "ko": "요청이 너무 많아서 {tries}번 시도했지만 받아 주지 않았어요(429).",
        },
        {"en": "Try again in a while.", "ko": "잠시 뒤에 다시 시도해 주세요."},
    ),
    "busy_long": (
        {
            "en": "has too much to do ({status}) and wants us to wait for {seconds} s.",
            "ko": "요청이 너무 많아서 {seconds}초 동안 기다리라고 해요({status}).",
        },
        {
            "en": "Try again then, or choose another model.",
            "ko": "그 뒤에 다시 시도하거나 다른 모델을 골라 주세요.",
        },
    ),
    "error_status": (
        {
            "en": "answered with an error of its own ({status}), attempts: {tries}. {detail}",
            "ko": "서버 내부 오류가 났어요({status}, {tries}번 시도). {detail}",
        },
        {
            "en": "Look at its log; a proxy says 502 or 503 when the server behind it is down or loading.",
            "ko": "서버 로그를 확인해 주세요. 뒤에 있는 서버가 꺼졌거나 불러오는 중이면 "
            "프록시가 502나 503을 보내요.",
        },
    ),
    "option_refused": (
        {
            "en": "refused the setting {fields}: {detail}",
            "ko": "설정을 받아 주지 않았어요. {fields}: {detail}",
        },
        {"en": "Change that setting.", "ko": "그 설정을 바꿔 주세요."},
    ),
    "request_refused": (
        {
            "en": "refused the request ({status}): {detail}",
            "ko": "요청을 받아 주지 않았어요({status}): {detail}",
        },
        {"en": "Change what it names.", "ko": "메시지에 나온 부분을 바꿔 주세요."},
    ),
    "too_long": (
        {"en": "says that the prompt is too long: {detail}", "ko": "프롬프트가 너무 길다고 해요: {detail}"},
        {
            "en": 'Shorten the question or the conversation, use fewer passages, or lower "Max new tokens".',
            "ko": "질문이나 대화를 줄이거나 문단 수 또는 최대 생성 토큰을 줄여 주세요.",
        },
    ),
    "first_token_timeout": (
        {
            "en": "did not begin to answer within {seconds} s.",
            "ko": "{seconds}초 동안 답을 시작하지 않았어요.",
        },
        {
            "en": "It may be loading the model or be overloaded: try again in a while.",
            "ko": "모델을 불러오는 중이거나 바쁠 수 있어요. 잠시 뒤에 다시 시도해 주세요.",
        },
    ),
    "idle_timeout": (
        {"en": "fell silent for {seconds} s in mid-answer.", "ko": "답하다가 {seconds}초 동안 멈췄어요."},
        {
            "en": "What it had written is kept; try again.",
            "ko": "지금까지 쓴 내용은 남아 있으니 다시 시도해 주세요.",
        },
    ),
    "dropped": (
        {"en": "closed the connection before it answered.", "ko": "답하기 전에 연결을 끊었어요."},
        {
            "en": "Check that it still runs and try again.",
            "ko": "서버가 켜져 있는지 확인하고 다시 시도해 주세요.",
        },
    ),
    "truncated": (
        {"en": "broke off in mid-answer.", "ko": "답하다가 연결이 끊겼어요."},
        {
            "en": "What it had written is kept; check that the server still runs and try again.",
            "ko": "지금까지 쓴 내용은 남아 있어요. 서버가 켜져 있는지 확인하고 다시 시도해 주세요.",
        },
    ),
    "not_json": (
        {"en": "sent something that is not JSON.", "ko": "JSON이 아닌 응답을 보냈어요."},
        {
            "en": "What it had written is kept. Check that nothing on the way changes its answers.",
            "ko": "지금까지 쓴 내용은 남아 있어요. 중간에서 응답을 바꾸는 것이 없는지 확인해 주세요.",
        },
    ),
    "stream_error": (
        {"en": "reported an error: {detail}", "ko": "오류를 알려 왔어요: {detail}"},
        {
            "en": "What it had written is kept; try again, or look at the server's log.",
            "ko": "지금까지 쓴 내용은 남아 있어요. 다시 시도하거나 서버 로그를 확인해 주세요.",
        },
    ),
    "empty": (
        {"en": "ended its answer without a word.", "ko": "아무 말도 하지 않고 답을 끝냈어요."},
        {
            "en": "Ask in another way; if it stays so, check the chat template the server uses.",
            "ko": "다르게 물어봐 주세요. 계속되면 서버가 쓰는 채팅 템플릿을 확인해 주세요.",
        },
    ),
    "only_thinking": (
        {
            "en": "used up all tokens before the first word of its answer; it was thinking, as it seems.",
            "ko": "답을 시작하기 전에 토큰을 다 썼어요. 생각하는 데 쓴 것 같아요.",
        },
        {"en": 'Raise "Max new tokens".', "ko": "최대 생성 토큰을 늘려 주세요."},
    ),
    "closed": (
        {"en": "was let go: another model was chosen.", "ko": "다른 모델을 골라서 연결을 닫았어요."},
        {"en": "Ask again.", "ko": "다시 물어봐 주세요."},
    ),
    "broken": (
        {"en": "could not be understood ({detail}).", "ko": "응답을 이해하지 못했어요({detail})."},
        {"en": "Try again, or look at the server's log.", "ko": "다시 시도하거나 서버 로그를 확인해 주세요."},
    ),
}

ANSWERED = frozenset(
    {
        "busy",
        "busy_long",
        "option_refused",
        "request_refused",
        "too_long",
        "stream_error",
        "empty",
        "only_thinking",
        "closed",
    }
)
"""The faults of a server that is there: it answers, though not this question, or not now."""

HAS_V1: dict[str, Text] = {
    "wrong_path": {
        "en": "/v1 is there already, added by Maru where it was not given: check host and port, or give the "
        "whole path under which that server speaks the OpenAI protocol.",
        "ko": "/v1은 이미 붙어 있어요(빠져 있으면 Maru가 붙여요). 호스트와 포트를 확인하거나, 그 서버가 "
        "OpenAI 호환 API를 제공하는 전체 경로를 적어 주세요.",
    },
    "wrong_type": {
        "en": "Check host and port: is it another kind of server, a login page or a proxy? Or give the whole "
        "path under which it speaks the OpenAI protocol.",
        "ko": "호스트와 포트를 확인해 주세요. 다른 종류의 서버, 로그인 페이지, 프록시일 수 있어요. 아니면 "
        "OpenAI 호환 API를 제공하는 전체 경로를 적어 주세요.",
    },
}
"""The mends where the address ends with /v1 already: who is told to add it would search in vain."""


def failure(kind: str, url: str, partial: Sequence[str] = (), **values: object) -> ServerFailed:
    """The error for a fault of that kind; the `values` fill the gaps of its two sentences.

    `error.values["kind"]` names the fault and `["partial"]` holds what had been written.
    """
    gaps = {name: shortened(value) if isinstance(value, str) else value for name, value in values.items()}
    told, mends = FAULTS[kind]
    if url.rstrip("/").endswith("/v1"):
        mends = HAS_V1.get(kind, mends)
    cause, mend = (
        {language: sentence.format(**gaps).strip() for language, sentence in text.items()}
        for text in (told, mends)
    )
    return ServerFailed(kind=kind, url=url, cause=cause, mend=mend, partial=tuple(partial), **_extra(values))


def shortened(text: str) -> str:
    """One line of printable text, at most DETAIL characters long."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= DETAIL else f"{line[: DETAIL - 1]}…"


def _extra(values: dict[str, object]) -> dict[str, object]:
    """What a script may want beside the sentences."""
    return {name: values[name] for name in ("status", "seconds") if name in values}
