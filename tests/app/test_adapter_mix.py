"""Two adapters as one name, from whatever a client sent."""

import pytest

from adapters.lora import read_mix
from app.adapter_choice import choice_of
from app.adapter_mix import mix_of
from app.forms import read_settings, restored


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (("", "", 0.5), None),
        ((None, None, None), None),
        (("poet", "", 0.5), "poet"),
        (("", "pirate", 0.5), None),
        (("poet", "poet", 0.5), "poet"),
        (("poet", "pirate", 0.3), "poet:0.7+pirate:0.3"),
        (("시인", "pirate", "x"), "시인:0.5+pirate:0.5"),
        (("poet", "pirate", 7), "poet:0.5+pirate:0.5"),
    ],
)
def test_two_adapters_and_a_share_are_one_mix(sent, meant):
    assert mix_of(*sent) == meant
    if meant:
        assert sum(weight for _, weight in read_mix(meant)) == pytest.approx(1.0)


def test_the_panel_gives_the_mix_and_remembers_its_parts():
    values = {"adapter": "poet", "second_adapter": "pirate", "adapter_share": 0.25}
    assert read_settings(values).adapter == "poet:0.75+pirate:0.25"
    assert read_settings({}).adapter is None
    kept = restored(values, [])
    assert (kept["adapter"], kept["second_adapter"], kept["adapter_share"]) == ("poet", "pirate", 0.25)
    assert restored({"adapter_share": "many"}, [])["adapter_share"] == 0.5


class TwoFit:
    """What the dropdowns ask of the services."""

    def fitting_adapters(self):
        return ["pirate", "poet"]


def test_a_second_one_is_let_go_with_the_first():
    gone = choice_of(TwoFit(), "en", "poet", beside="")
    assert (gone["value"], gone["visible"]) == ("", False)
    kept = choice_of(TwoFit(), "en", "poet", beside="pirate")
    assert "value" not in kept
    assert [name for _, name in kept["choices"]] == ["", "poet"]
