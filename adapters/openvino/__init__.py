"""What the OpenVINO engine needs: a model traced and compressed once, and the check that it still answers as
the reference does. Importing this package imports neither OpenVINO nor torch.
"""

import sys


def without_telemetry() -> None:
    """Must come before openvino is imported: its tools (and nncf) would report to their maker's server.

    They do without `openvino_telemetry` when it cannot be imported, and `None` here says just that. The
    package's own opt-out is a file in the home folder, which is not ours to write.
    """
    if "openvino_telemetry" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
