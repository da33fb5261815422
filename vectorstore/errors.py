"""What can go wrong with documents and collections, written for the person who meets it.

VectorstoreError
├── StoreInUse           another process owns the folder
├── StoreTooNew          written by a newer Maru
├── StoreFailed          the disk or the index refused, with the cause
├── CollectionNotFound   no collection of that name
├── CollectionExists     the name is taken
├── CollectionUnusable   made with another embedder
│   └── CollectionWithoutEmbedder  its embedder is not here
├── BadCollectionName    empty, too long, or made of control characters
├── DocumentNotFound     no such document in the collection
├── RetrieverNotFound    no retriever of that key
├── EmbedderNotFound     no embedder of that id
├── EmbedderUnavailable  the embedding model is missing or changed
└── UnreadableDocument   this file cannot go in
    ├── FileMissing          not there
    ├── FileForbidden        there, but we may not read it
    ├── UnsupportedKind      no loader for its suffix
    ├── EmptyDocument        nothing in it
    ├── NoTextFound          pictures only (a scan)
    ├── NoPages              a PDF without pages
    ├── EncryptedDocument    asks for a password
    ├── DamagedDocument      broken inside
    ├── WrongKind            the content is not what the suffix says
    ├── UnknownEncoding      binary, or in an encoding we cannot tell
    ├── DocumentTooLarge     over the limit
    └── UnpacksTooLarge      small, but unpacks to something huge (a zip bomb)

Each error carries its text in English and Korean: `str(error)` is English, `error.text("ko")` Korean.
"""

from collections.abc import Mapping
from typing import ClassVar


class VectorstoreError(Exception):
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


def in_both(error: VectorstoreError) -> Mapping[str, str]:
    """An error's text as a value of another one, or as a reason that a form shows."""
    return {"en": error.text("en"), "ko": error.text("ko")}


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


class StoreTooNew(VectorstoreError):
    """The folder was written by a version of Maru that this one does not understand."""

    en = (
        "The documents in {folder} were written by a newer Maru. Update Maru, or set MARU_HOME to another "
        "folder."
    )
    ko = (
        "{folder} 폴더의 문서는 더 새로운 Maru에서 저장한 거예요. "
        "Maru를 업데이트하거나 MARU_HOME을 다른 폴더로 정해 주세요."
    )


class StoreFailed(VectorstoreError):
    """Writing or reading the store broke; the cause is named."""

    en = (
        "The documents in {folder} could not be read or written ({cause}). Check the free disk space and the "
        "folder's permissions, or set MARU_HOME to another folder, then try again. If they are damaged, move "
        "the folder away and add the files again."
    )
    ko = (
        "{folder} 폴더의 문서를 읽거나 쓰지 못했어요({cause}). 디스크 여유 공간과 폴더 권한을 확인하거나 "
        "MARU_HOME을 다른 폴더로 정하고 다시 시도해 주세요. "
        "문서가 손상되었다면 폴더를 다른 곳으로 옮기고 파일을 다시 추가해 주세요."
    )


class CollectionNotFound(VectorstoreError):
    """No collection of that name exists."""

    en = 'There is no collection called "{name}". Known collections: {known}.'
    ko = "'{name}' 컬렉션이 없어요. 있는 컬렉션: {known}."


class CollectionExists(VectorstoreError):
    """A collection of that name exists already."""

    en = 'There is already a collection called "{name}". Choose another name.'
    ko = "'{name}' 컬렉션이 이미 있어요. 다른 이름을 골라 주세요."


class CollectionUnusable(VectorstoreError):
    """The vectors of the collection were made by an embedder that is not the one at hand."""

    en = (
        'The collection "{name}" was made with the embedder {made_with}, but here there is {found}. Bring '
        "that embedder back, or delete the collection and add its files again."
    )
    ko = (
        "'{name}' 컬렉션은 {made_with} 임베딩 모델로 만들었는데, 지금은 {found} 상태예요. "
        "그 모델을 다시 준비하거나, 컬렉션을 지우고 파일을 다시 추가해 주세요."
    )


class CollectionWithoutEmbedder(CollectionUnusable):
    """The embedder of the collection cannot be used here; `problem` says why, in both languages."""

    en = (
        'The collection "{name}" can only be used with the embedder {made_with}. Bring that embedder back, '
        "or delete the collection and add its files again. {problem}"
    )
    ko = (
        "'{name}' 컬렉션은 {made_with} 임베딩 모델이 있어야 쓸 수 있어요. 그 모델을 다시 준비하거나, "
        "컬렉션을 지우고 파일을 다시 추가해 주세요. {problem}"
    )


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


class EmbedderNotFound(VectorstoreError):
    """No embedder of that id is known."""

    en = 'There is no embedder called "{key}". Known embedders: {known}.'
    ko = "'{key}' 임베딩 모델이 없어요. 있는 모델: {known}."


class EmbedderUnavailable(VectorstoreError):
    """The embedding model cannot be used here; `reason` says why, in both languages."""

    en = "The embedder {label} cannot be used: {reason}"
    ko = "{label} 임베딩 모델을 쓸 수 없어요: {reason}"


class UnreadableDocument(VectorstoreError):
    """This file cannot go in; its subclasses say why. `source` names the file."""

    en = "{source} could not be read."
    ko = "{source} 파일을 읽지 못했어요."


class FileMissing(UnreadableDocument):
    """No file is there."""

    en = "{source} is not there. Check the path."
    ko = "{source} 파일이 없어요. 경로를 확인해 주세요."


class FileForbidden(UnreadableDocument):
    """The operating system refused to let us read it."""

    en = "{source} could not be opened: {cause}. Check the file's permissions."
    ko = "{source} 파일을 열지 못했어요: {cause}. 파일 권한을 확인해 주세요."


class UnsupportedKind(UnreadableDocument):
    """No loader takes files of that suffix."""

    en = "{source} is of a kind that cannot be added. Supported: {supported}."
    ko = "{source} 파일은 추가할 수 없는 형식이에요. 지원하는 형식: {supported}."


class EmptyDocument(UnreadableDocument):
    """There is nothing in the file, or nothing but white space."""

    en = "{source} is empty. Add a file that has text in it."
    ko = "{source} 파일이 비어 있어요. 글이 있는 파일을 추가해 주세요."


class NoTextFound(UnreadableDocument):
    """The pages are pictures."""

    en = "{source} has no text, only pictures (a scan?). Run it through OCR first, then add it again."
    ko = (
        "{source} 파일에는 글자 없이 그림만 있어요(스캔 문서인가요?). "
        "OCR로 글자를 인식시킨 뒤 다시 추가해 주세요."
    )


class NoPages(UnreadableDocument):
    """A PDF that has no page."""

    en = "{source} has no pages. Export it as PDF again, then add the new file."
    ko = "{source} 파일에 페이지가 하나도 없어요. PDF로 다시 내보낸 뒤 추가해 주세요."


class EncryptedDocument(UnreadableDocument):
    """It opens only with a password."""

    en = "{source} is protected by a password. Save a copy without the password and add that."
    ko = "{source} 파일은 암호로 잠겨 있어요. 암호를 푼 사본을 저장해서 추가해 주세요."


class DamagedDocument(UnreadableDocument):
    """It starts as its kind should, but is broken inside."""

    en = "{source} is damaged and could not be read. Open it in its own program, save it again, and add that."
    ko = "{source} 파일이 손상되어 읽지 못했어요. 원래 프로그램에서 열어 다시 저장한 뒤 추가해 주세요."


class WrongKind(UnreadableDocument):
    """The content does not match the suffix: a renamed file."""

    en = "{source} is not really a {suffix} file; its content looks like {found}. Give it its right ending."
    ko = "{source} 파일은 실제로는 {suffix} 형식이 아니에요. 내용은 {found} 같아요. 확장자를 바로잡아 주세요."


class UnknownEncoding(UnreadableDocument):
    """Binary data, or an encoding that cannot be told."""

    en = (
        "{source} is not readable as text (binary, or an unknown encoding). Save it as UTF-8 and add it "
        "again."
    )
    ko = (
        "{source} 파일을 글로 읽을 수 없어요(바이너리이거나 알 수 없는 인코딩). "
        "UTF-8로 저장해 다시 추가해 주세요."
    )


class DocumentTooLarge(UnreadableDocument):
    """The file is over the limit."""

    en = "{source} has {size} MB; at most {limit} MB can be added. Split it and add the parts."
    ko = "{source} 파일은 {size} MB예요. {limit} MB까지 추가할 수 있으니 나누어 추가해 주세요."


class UnpacksTooLarge(UnreadableDocument):
    """A packed file that is small on disk and huge in memory."""

    en = "{source} would unpack to {size} MB, which no honest document does; it was not opened."
    ko = "{source} 파일은 풀면 {size} MB나 되어 정상 문서로 보기 어려워요. 안전을 위해 열지 않았어요."
