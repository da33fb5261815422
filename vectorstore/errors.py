"""What can go wrong with documents and collections, written for the person who meets it.

VectorstoreError
├── StoreInUse           another process owns the folder
├── StoreTooNew          written by a newer Maru
├── CollectionNotFound   no collection of that name
├── CollectionExists     the name is taken
├── CollectionUnusable   made with another embedder, or damaged
├── BadCollectionName    empty, too long, or made of control characters
├── DocumentNotFound     no such document in the collection
├── RetrieverNotFound    no retriever of that key
├── EmbedderUnavailable  the embedding model is missing or changed
└── UnreadableDocument   this file cannot go in; its subclasses say why

Each error carries its text in English and Korean: `str(error)` is English, `error.text("ko")` Korean.
"""

from typing import ClassVar


class VectorstoreError(Exception):
    """The base of all errors of this package; `values` fill the gaps of the text."""

    en: ClassVar[str]
    ko: ClassVar[str]

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """The message for the user in "en" or "ko"."""
        return (self.ko if language == "ko" else self.en).format(**self.values)


class StoreInUse(VectorstoreError):
    """Another process holds the lock of the folder."""

    en = (
        "Another Maru process is using the documents in {folder}. Stop it first, or set MARU_HOME to another "
        "folder for this one."
    )
    ko = (
        "다른 Maru가 {folder} 폴더의 문서를 쓰고 있어요. 먼저 종료하거나, "
        "이번에는 MARU_HOME을 다른 폴더로 정해 주세요."
    )


class CollectionNotFound(VectorstoreError):
    """No collection of that name exists."""

    en = 'There is no collection called "{name}". Known collections: {known}.'
    ko = "'{name}' 컬렉션이 없어요. 있는 컬렉션: {known}."


class CollectionExists(VectorstoreError):
    """A collection of that name exists already."""

    en = 'There is already a collection called "{name}". Choose another name.'
    ko = "'{name}' 컬렉션이 이미 있어요. 다른 이름을 골라 주세요."


class BadCollectionName(VectorstoreError):
    """The name is empty, longer than 100 characters, or has control characters."""

    en = "A collection needs a name of 1 to 100 visible characters, in any script."
    ko = "컬렉션 이름은 1~100자로 적어 주세요. 어떤 문자든 쓸 수 있어요."


class DocumentNotFound(VectorstoreError):
    """No document of that id is in the collection."""

    en = "That document is not in the collection any more. Refresh the list."
    ko = "그 문서는 이제 컬렉션에 없어요. 목록을 새로 고쳐 주세요."


class RetrieverNotFound(VectorstoreError):
    """No retriever of that key exists."""

    en = 'There is no retriever called "{key}". Known retrievers: {known}.'
    ko = "'{key}' 검색 방식이 없어요. 있는 방식: {known}."
