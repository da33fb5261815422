import codecs

import pytest

from vectorstore.encoding import decode

KOREAN = [
    "한글",
    "안녕하세요",
    "제목\n첫 줄",
    "회의록: 2024년 3월 예산은 1,200만 원입니다.",
    "고양이가 잔다.\r\n개는 깨어 있다.\r\n",
    "이 문서는 사용 설명서예요. 문서를 추가하고 질문해 보세요.\n" * 400,
]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949", "euc-kr"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", KOREAN, ids=lambda text: text[:8])
def test_korean_is_read_right(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded is not None
    assert decoded.text == text


def test_single_korean_words_in_the_old_encodings() -> None:
    for word in ["마루", "현재", "백", "노터데임", "캐슬링을", "토너먼트", "티베트", "서울"]:
        for encoding in ("utf-8", "utf-16", "cp949", "euc-kr"):
            decoded = decode(word.encode(encoding))
            assert decoded is not None and decoded.text == word, (word, encoding, decoded)


def test_syllables_only_cp949_has() -> None:
    text = "똠방각하와 펲시콜라를 마시며 햏자를 만났다."
    decoded = decode(text.encode("cp949"))
    assert decoded == (text, "cp949")


def test_big_endian_mark() -> None:
    assert decode(codecs.BOM_UTF16_BE + "마루".encode("utf-16-be")) == ("마루", "utf-16-be")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("これは日本語の文章です。東京は日本の首都で、人口が多いです。", "cp932"),
        ("これは日本語の文章です。東京は日本の首都です。", "euc_jp"),
        ("这是一个中文文档,北京是中国的首都。我们在这里写一些文字。", "gb18030"),
        ("這是一個中文文件,臺北是台灣的首都。我們在這裡寫一些文字。", "big5"),
        ("Le café était fermé à Noël, où étions-nous allés ? C'était l'été.", "cp1252"),
        ("Grüße aus München, schöne Straße", "cp1252"),
        ("Москва является столицей России, крупнейшим городом страны.", "cp1251"),
        ("plain ascii", "utf-16-le"),
        ("plain ascii text\n", "utf-16-be"),
    ],
)
def test_other_languages(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded is not None
    assert decoded.text == text


def test_newlines_and_a_stray_nul_stay() -> None:
    text = "one\r\ntwo\rthree\n\n  four\t\x00 five, and words enough around it to be a text"
    assert decode(text.encode()) == (text, "utf-8")


@pytest.mark.parametrize("data", [bytes(range(256)) * 4, b"\x00" * 100, b"\x00\x01\x02\x03" * 500])
def test_binary_is_no_text(data: bytes) -> None:
    assert decode(data) is None


def test_broken_utf16_with_a_mark_loses_one_character_only() -> None:
    data = codecs.BOM_UTF16_LE + "before ".encode("utf-16-le") + b"\x00\xd8" + " after".encode("utf-16-le")
    decoded = decode(data)
    assert decoded is not None
    assert decoded.text.startswith("before ") and decoded.text.endswith(" after")
    decoded.text.encode("utf-8")


def test_declared_encoding_is_believed_when_it_fits() -> None:
    assert decode("été".encode("cp1252"), "iso-8859-1") == ("été", "cp1252")
    assert decode("한글 문서".encode(), "iso-2022-kr") == ("한글 문서", "utf-8")
    assert decode("한글 문서".encode("cp949"), "no-such-encoding") == ("한글 문서", "euc_kr")
