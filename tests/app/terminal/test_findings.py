"""What `doctor` says about a machine, from reports of machines that are not this one."""

from typing import Any

from app.terminal.findings import findings


def report(**machine: Any) -> dict[str, Any]:
    able = {
        "gpus": [{"name": "H200", "memory": 2**37}],
        "bfloat16": {"native": True, "speed_over_float32": 8.0},
        "memory": {"free": 2**35, "total": 2**36},
        "disk": {"folder": "x", "free": 2**38},
        "hub": {"endpoint": "x", "reachable": True, "reason": None},
    }
    return {
        "machine": able | machine,
        "models": [{"id": "m", "default": True, "ready": True, "problem": None}],
        "embedders": [{"label": "e", "problem": None}],
        "store": {"problem": None, "unusable": []},
    }


def test_nothing_is_said_where_nothing_is_in_the_way() -> None:
    assert findings(report(), "en") == []


def test_what_is_missing_is_said_with_its_figure() -> None:
    poor = report(
        gpus=[],
        bfloat16={"native": False, "speed_over_float32": 0.5},
        memory={"free": 2**30, "total": 2**31},
        disk={"folder": "x", "free": 2**29},
        hub={"endpoint": "x", "reachable": False, "reason": "timeout"},
    )
    said = findings(poor, "en")
    assert len(said) == 5
    assert said[0] == "No GPU: models run on the processor."
    assert "1.0 GiB" in said[2]
    assert "0.5 GiB" in said[3]
    assert "timeout" in said[4]
    assert len(findings(poor, "ko")) == 5
    assert findings(poor, "ko")[0] == "GPU가 없어요. 모델은 프로세서에서 실행돼요."


def test_problems_of_models_embedders_and_documents_are_named() -> None:
    troubled = report()
    troubled["models"] = [
        {"id": "gone", "default": True, "ready": False, "problem": "Not installed."},
        {"id": "other", "default": False, "ready": False, "problem": None},
    ]
    troubled["embedders"] = [{"label": "E5", "problem": "not here"}]
    troubled["store"] = {"problem": "In use.", "unusable": ["Damaged."]}
    assert findings(troubled, "en") == ["gone: Not installed.", "E5: not here", "In use.", "Damaged."]


def test_the_first_start_is_announced() -> None:
    fresh = report()
    fresh["models"][0]["ready"] = False
    assert "first use" in findings(fresh, "en")[0]
