"""The address of a model server, and the key that may be sent to it.

A key leaves this machine only over TLS. It is named by its environment variable everywhere, and read only at
the moment the client is made. Light: standard library only.
"""

import os
import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from adapters.errors import SourceRefused
from adapters.server.faults import failure
from adapters.spec import Text

ENDPOINTS = re.compile(r"/(chat/completions|completions|models|responses)/?$")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
LONGEST = 500
REFUSALS: dict[str, Text] = {
    "form": {
        "en": '"{given}" is not the address of a server. Give one like http://127.0.0.1:8000/v1.',
        "ko": "서버 주소가 아니에요: {given} — http://127.0.0.1:8000/v1 같은 주소를 적어 주세요.",
    },
    "scheme": {
        "en": "the address must begin with http:// or https://, not {given}.",
        "ko": "주소는 http:// 나 https:// 로 시작해야 해요. 지금 값: {given}",
    },
    "credentials": {
        "en": "the address holds a user name, password, query or fragment. Take it out; a key belongs into "
        "an environment variable, whose name you give with the server.",
        "ko": "주소에 사용자 이름, 비밀번호, 쿼리나 #이 들어 있어요. 빼 주세요. 키는 환경 변수에 넣고 "
        "그 변수 이름을 서버와 함께 알려 주세요.",
    },
    "link_local": {
        "en": "{given} is an address of the machine's own network link, where no model server is. Give the "
        "server's own address.",
        "ko": "링크 로컬 주소에는 모델 서버가 있을 수 없어요: {given}. 서버의 실제 주소를 적어 주세요.",
    },
    "plain": {
        "en": "a key would be sent unencrypted to {given}. Use https://, or put a TLS proxy before the "
        "server, or reach it through a tunnel to 127.0.0.1.",
        "ko": "키를 암호화 없이 보내게 돼요({given}). https:// 를 쓰거나, 서버 앞에 TLS 프록시를 두거나, "
        "127.0.0.1로 터널을 만들어 주세요.",
    },
    "variable": {
        "en": "a key is given by the name of the environment variable that holds it, like VLLM_API_KEY; "
        "never the key itself.",
        "ko": "키는 그 값을 담은 환경 변수의 이름(예: VLLM_API_KEY)으로 알려 주세요. "
        "키 자체를 적으면 안 돼요.",
    },
}
UNENCRYPTED: Text = {
    "en": "Questions, documents and answers travel unencrypted to this server.",
    "ko": "이 서버와 주고받는 질문, 문서, 답변은 암호화되지 않아요.",
}


def server_address(given: str, key_env: str | None = None) -> str:
    """The address in its one form: "https://host:port/v1", without a closing slash.

    A bare host gets /v1, a pasted endpoint (…/v1/chat/completions) loses its end. Raises SourceRefused for
    anything but http(s), for credentials in the address, and for a key over plain http beyond loopback.
    """
    parts = _parts(given)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _refused("credentials")
    host = _host(parts)
    address = _ip(host)
    if address is not None and (address.is_link_local or address.is_multicast):
        raise _refused("link_local", host)
    if key_env is not None and not VARIABLE.fullmatch(key_env):
        raise _refused("variable")
    if key_env and parts.scheme == "http" and not is_loopback(given.strip()):
        raise _refused("plain", host)
    path = ENDPOINTS.sub("", parts.path).rstrip("/")
    port = f":{parts.port}" if parts.port is not None else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{path or '/v1'}"


def is_loopback(url: str) -> bool:
    """Whether the address is this very machine's; then no proxy is asked."""
    host = _host(urlsplit(url))
    address = _ip(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def warning(url: str) -> Text | None:
    """What a person should know about the address: that nothing on the way is encrypted."""
    return UNENCRYPTED if url.startswith("http://") and not is_loopback(url) else None


def read_key(url: str, key_env: str | None) -> str | None:
    """The key from its environment variable; None where none is asked for.

    Raises ServerFailed when the variable is empty or holds what cannot be a key; the value is never shown.
    """
    if not key_env:
        return None
    key = os.environ.get(key_env, "").strip()
    if not key:
        raise failure("no_key", url, variable=key_env)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise failure("bad_key", url, variable=key_env)
    return key


def _parts(given: str) -> SplitResult:
    """The address, taken apart. Raises SourceRefused when it is none."""
    text = given.strip()
    if "://" not in text or len(text) > LONGEST or not text.isprintable() or " " in text or "\\" in text:
        raise _refused("form", text)
    try:
        parts = urlsplit(text)
        valid = bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise _refused("form", text)
    if parts.scheme not in ("http", "https"):
        raise _refused("scheme", f"{parts.scheme}://")
    return parts


def _host(parts: SplitResult) -> str:
    """The host in small letters; 0.0.0.0, which servers print as theirs, is this machine."""
    host = (parts.hostname or "").rstrip(".")
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _refused(why: str, given: str = "") -> SourceRefused:
    # an address that was not understood may hold a password: only its beginning is repeated
    shown = given if "@" not in given else given.split("@")[-1]
    return SourceRefused(
        reason={language: text.format(given=shown[:100]) for language, text in REFUSALS[why].items()}
    )
