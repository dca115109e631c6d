import pytest

from app.errors import InvalidSetting
from app.settings import VARIABLES, Settings


def test_an_empty_environment_gives_the_shipped_champion_on_port_8000():
    settings = Settings.from_environ({})

    assert (settings.host, settings.port, settings.scorer) == ("0.0.0.0", 8000, "forward")
    assert settings.model.endswith("mlruns_reduced")


def test_an_empty_variable_counts_as_absent():
    assert Settings.from_environ({"PORT": ""}).port == 8000


def test_every_variable_has_a_field_of_its_name():
    names = {variable.name.lower() for variable in VARIABLES}

    assert names == set(Settings.__dataclass_fields__)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("SCORER", "remote"),
        ("SCORER_URL", "localhost:5000"),
        ("SCORER_URL", "http://localhost:5000/path"),
        ("MAX_BYTES", "0"),
        ("MAX_ROWS", "-1"),
        ("TIMEOUT_SECONDS", "0"),
        ("TIMEOUT_SECONDS", "nan"),
        ("THREADS", "1.5"),
        ("WORKERS", "none"),
    ],
)
def test_a_bad_value_is_refused_naming_variable_and_value(name, value):
    with pytest.raises(InvalidSetting, match=f"^{name} must be .+, not '{value}'$"):
        Settings.from_environ({name: value})
