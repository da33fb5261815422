"""The line that says what determines a model's answers."""

from adapters.fingerprint import fingerprint
from adapters.openvino.store import FORMAT
from adapters.precision import precisions
from adapters.spec import ModelSpec


def line(folder, key):
    return dict(part.split("=", 1) for part in fingerprint(ModelSpec(precision=key), folder).split("; "))


def test_only_what_is_converted_names_how(tmp_path):
    assert "conversion" not in line(tmp_path / "models", "float32")["engine"]
    if precisions()["int8_openvino"].available() is None:
        found = line(tmp_path / "models", "int8_openvino")["engine"]
        assert found.startswith("openvino openvino ") and found.endswith(f" conversion {FORMAT}")
