"""GGUF files: what they hold, from the header alone, in the names that transformers uses."""

import hashlib
import re
from pathlib import Path
from typing import Any

from adapters.checkpoint import Checkpoint, TensorHeader
from adapters.embedded import FORMAT
from adapters.errors import SourceRefused
from adapters.layers import check_tensors
from adapters.spec import Text

NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
"""How GGUF and transformers call the parts of a Llama-like model; other parts keep their GGUF name."""

ARCHITECTURES = {"llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM"}
"""As transformers reads them; others by the rule that holds for most: Qwen3ForCausalLM for "qwen3"."""

MAGIC, LFS = b"GGUF", b"version https://git-lfs"
"""What a GGUF file begins with, and what Git keeps in the place of a large file that was not fetched."""

NO_GGUF: Text = {
    "en": '{file} is not a GGUF file, whatever its name says: it does not begin with "GGUF". Choose the file '
    "that holds the weights, or download it again.",
    "ko": "{file} 파일은 이름과 달리 GGUF 파일이 아니에요('GGUF'로 시작하지 않아요). 가중치가 든 파일을 "
    "고르거나 다시 내려받아 주세요.",
}
POINTER: Text = {
    "en": "{file} is only Git's pointer to the GGUF file. Fetch the file itself: run git lfs pull, or "
    "download it from its page.",
    "ko": "{file} 파일은 GGUF가 아니라 Git LFS 포인터예요. git lfs pull을 실행하거나 페이지에서 파일을 "
    "내려받아 주세요.",
}

ENDS_EARLY: Text = {
    "en": "{file} ends early: it has {size} bytes, and there should be more behind that. It was not "
    "downloaded or copied to its end; download it again.",
    "ko": "{file} 파일이 중간에 끝나요({size}바이트까지만 있어요). 끝까지 내려받거나 복사하지 못한 파일이니 "
    "다시 내려받아 주세요.",
}
CUT = re.compile("cannot reshape array|When changing to a larger dtype|not enough values to unpack")
"""How NumPy says that the reader wanted more bytes than the file has; or it says IndexError."""

BLOCK = re.compile(r"blk\.(\d+)\.(.+)")


def read_gguf(file: Path) -> Checkpoint:
    """The checkpoint in a GGUF file. Raises SourceRefused."""
    try:
        _check_magic(file)
        reader = _opened(file)
        kind = str(_value(reader, "general.architecture"))
        check_tensors(file, (transformers_name(tensor.name) for tensor in reader.tensors))
        heads = int(_value(reader, f"{kind}.attention.head_count"))
        hidden = int(_value(reader, f"{kind}.embedding_length"))
        tensors = {transformers_name(tensor.name): _header(tensor) for tensor in reader.tensors}
        return Checkpoint(
            architecture=ARCHITECTURES.get(kind, f"{kind.capitalize()}ForCausalLM"),
            tensors=tensors,
            layers=int(_value(reader, f"{kind}.block_count")),
            kv_heads=int(_value(reader, f"{kind}.attention.head_count_kv", heads)),
            head_size=int(_value(reader, f"{kind}.attention.key_length", hidden // heads)),
            hidden_size=hidden,
            vocabulary=tensors["model.embed_tokens.weight"].shape[0],
            context_length=int(_value(reader, f"{kind}.context_length")),
        )
    except FileNotFoundError:
        raise SourceRefused(
            reason={"en": f"there is no file {file}.", "ko": f"{file} 파일이 없어요."}
        ) from None
    except (ValueError, KeyError, IndexError, TypeError, ZeroDivisionError, OSError) as error:
        raise SourceRefused(
            reason={
                "en": f"{file} is no whole GGUF file of a language model ({error}). Download it again.",
                "ko": f"{file} 파일은 온전한 GGUF 언어 모델이 아니에요({error}). 다시 내려받아 주세요.",
            }
        ) from error


def _opened(file: Path) -> Any:
    """The file's reader. Raises SourceRefused where the file ends before its header or its tensors do."""
    from gguf import GGUFReader

    try:
        return GGUFReader(file)
    except (IndexError, ValueError) as error:
        if isinstance(error, ValueError) and not CUT.search(str(error)):
            raise
        told = {"file": file, "size": f"{file.stat().st_size:,}"}
        reason = {language: text.format(**told) for language, text in ENDS_EARLY.items()}
        raise SourceRefused(reason=reason) from error


def _check_magic(file: Path) -> None:
    """Raises SourceRefused for what is no GGUF file at all, whatever its name says."""
    with file.open("rb") as opened:
        head = opened.read(len(LFS))
    if not head.startswith(MAGIC):
        raise SourceRefused(
            reason={
                language: (POINTER if head == LFS else NO_GGUF)[language].format(file=file)
                for language in ("en", "ko")
            }
        )


def transformers_name(name: str) -> str:
    """ "blk.0.attn_q.weight" -> "model.layers.0.self_attn.q_proj.weight"."""
    stem, _, suffix = name.rpartition(".")
    if block := BLOCK.fullmatch(stem):
        return f"model.layers.{block[1]}.{NAMES.get(block[2], block[2])}.{suffix}"
    return f"{NAMES.get(stem, stem)}.{suffix}"


def _value(reader: Any, key: str, default: Any = None) -> Any:
    field = reader.fields.get(key)
    if field is None:
        if default is None:
            raise KeyError(key)
        return default
    return field.contents()


def _header(tensor: Any) -> TensorHeader:
    """GGUF writes the sizes of a matrix the other way round: columns first."""
    shape = tuple(int(size) for size in reversed(tensor.shape.tolist()))
    return TensorHeader(tensor.tensor_type.name, shape, int(tensor.n_bytes))


def converted(file: Path, models: Path) -> Path:
    """Where the converted model of a file lies, or will lie. Another size or time of the file is another
    model: hashing gigabytes for a name would take longer than anything else does."""
    state = file.stat()
    named = f"{file.resolve()}\0{state.st_size}\0{state.st_mtime_ns}"
    digest = hashlib.sha256(named.encode()).hexdigest()[:24]
    readable = re.sub(r"[^A-Za-z0-9._-]", "-", file.stem)[:48]
    return models / f"gguf-{readable}-{digest}-{FORMAT}"


def check_architecture(file: Path) -> None:
    """Raises SourceRefused, naming the reason, when transformers cannot read GGUF files of that kind."""
    import transformers  # noqa: F401  (see adapters.weights.read_saved_tokenizer)
    from gguf import GGUFReader
    from transformers.modeling_gguf_pytorch_utils import GGUF_SUPPORTED_ARCHITECTURES

    kind = str(_value(GGUFReader(file), "general.architecture"))
    spellings = {kind, kind.replace("-", "_"), kind.replace("moe", "_moe")}
    if not spellings & set(GGUF_SUPPORTED_ARCHITECTURES):
        raise SourceRefused(
            reason={
                "en": (
                    f'{file} is a "{kind}" model, which transformers does not read from GGUF. Get it as '
                    "safetensors, or serve the file with llama.cpp's server and add that."
                ),
                "ko": (
                    f"transformers가 '{kind}' 구조의 GGUF를 읽지 못해요({file}). safetensors로 "
                    "받거나, llama.cpp 서버로 띄워서 서버로 추가해 주세요."
                ),
            }
        )
