from vectorstore.words import content_terms, stem, terms, without_particle


def test_english_is_stemmed_and_folded() -> None:
    assert terms("The Runners were RUNNING in cafés").words == ["the", "runner", "were", "run", "in", "cafe"]


def test_korean_nouns_meet_whatever_their_particle() -> None:
    bare = set(terms("임종석").grams)
    for form in ("임종석이", "임종석은", "임종석에게", "임종석의"):
        assert set(terms(form).grams) == bare


def test_short_words_keep_what_looks_like_a_particle() -> None:
    assert without_particle("가을") == "가을"
    assert without_particle("마을을") == "마을"
    assert terms("물").grams == ["물"]


def test_chinese_and_japanese_are_pairs() -> None:
    assert terms("東京都").grams == ["東京", "京都"]


def test_decomposed_hangul_is_the_same() -> None:
    import unicodedata

    assert terms(unicodedata.normalize("NFD", "한글 문서")) == terms("한글 문서")


def test_questions_are_searched_by_their_content() -> None:
    assert content_terms("Who was the king of Norway?") == ["king", stem("norway")]
    assert content_terms("수도는 어디인가요?") == ["수도"]
    assert content_terms("What is it?") == ["what", "is", "it"], "nothing else to go by"
    assert content_terms("?! …") == []


def test_operators_are_words() -> None:
    assert content_terms('NEAR("x" OR y*)') == ["near", "x", "y"]
