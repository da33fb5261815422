"""Which addresses are taken, in which form, and when a key may be sent."""

import pytest

from adapters.errors import ServerFailed, SourceRefused
from adapters.server.address import is_loopback, read_key, server_address, warning


@pytest.mark.parametrize(
    "given, address",
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        (" http://localhost:8000/ ", "http://localhost:8000/v1"),
        ("https://Host.example/v1/", "https://host.example/v1"),
        ("https://host.example/v1/chat/completions", "https://host.example/v1"),
        ("https://host.example/team/openai", "https://host.example/team/openai"),
        ("http://0.0.0.0:8000/v1/models", "http://127.0.0.1:8000/v1"),
        ("http://[::1]:8080", "http://[::1]:8080/v1"),
    ],
)
def test_an_address_has_one_form(given: str, address: str) -> None:
    assert server_address(given) == address
    assert server_address(address) == address


@pytest.mark.parametrize(
    "given, why",
    [
        ("", "not the address"),
        ("127.0.0.1:8000", "not the address"),
        ("file:///etc/passwd", "not the address"),
        ("file://host/etc/passwd", "must begin with http"),
        ("ftp://host.example", "must begin with http"),
        ("javascript://host.example", "must begin with http"),
        ("http://", "not the address"),
        ("http://host.example:99999", "not the address"),
        ("http://host .example", "not the address"),
        ("http://host.example/\nX-Key: 1", "not the address"),
        ("http://host.example\\@other.example", "not the address"),
        ("http://ann:secret@host.example", "user name, password"),
        ("http://host.example/v1?key=secret", "query"),
        ("http://169.254.169.254/latest", "network link"),
        ("http://" + "a" * 600, "not the address"),
    ],
)
def test_anything_else_is_refused_with_the_mend(given: str, why: str) -> None:
    with pytest.raises(SourceRefused, match=why) as caught:
        server_address(given)
    assert "secret" not in str(caught.value)
    assert caught.value.text("ko") != str(caught.value)


def test_a_key_is_not_sent_unencrypted_beyond_this_machine() -> None:
    assert server_address("http://127.0.0.1:8000", "MY_KEY")
    assert server_address("http://127.8.9.10:8000", "MY_KEY")
    assert server_address("https://host.example", "MY_KEY")
    for given in (
        "http://host.example",
        "http://10.0.0.1:8000",
        "http://localhost.example",
        "http://127.0.0.1.example",
    ):
        with pytest.raises(SourceRefused, match=r"unencrypted.*https://"):
            server_address(given, "MY_KEY")


@pytest.mark.parametrize("name", ["sk-1234567890abcdef", "A B", "A=B", "$KEY", ""])
def test_a_key_is_named_never_given(name: str) -> None:
    with pytest.raises(SourceRefused, match="name of the environment variable") as caught:
        server_address("https://host.example", name)
    assert "1234567890" not in str(caught.value)


def test_plain_http_without_a_key_is_allowed_and_said() -> None:
    assert warning(server_address("http://10.0.0.1:8000")) is not None
    assert warning(server_address("https://10.0.0.1:8000")) is None
    assert warning(server_address("http://localhost:8000")) is None


def test_loopback_is_this_machine_only() -> None:
    assert all(map(is_loopback, ("http://localhost:1/v1", "http://127.0.0.2/v1", "https://[::1]/v1")))
    assert not any(
        map(is_loopback, ("http://localhost.example/v1", "http://10.0.0.1/v1", "http://[fd00::1]/v1"))
    )


def test_a_key_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARU_TEST_KEY", " abc \n")
    assert read_key("https://host.example/v1", "MARU_TEST_KEY") == "abc"
    assert read_key("https://host.example/v1", "") is None
    monkeypatch.setenv("MARU_TEST_KEY", "")
    with pytest.raises(ServerFailed, match=r"MARU_TEST_KEY is empty.*Set the environment variable"):
        read_key("https://host.example/v1", "MARU_TEST_KEY")


@pytest.mark.parametrize("value", ["canary one", "canary\r\nX-Evil: 1", "canary-열쇠"])
def test_what_can_be_no_key_is_neither_sent_nor_shown(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MARU_TEST_KEY", value)
    with pytest.raises(ServerFailed, match="MARU_TEST_KEY") as caught:
        read_key("https://host.example/v1", "MARU_TEST_KEY")
    assert "canary" not in str(caught.value) + caught.value.text("ko")
