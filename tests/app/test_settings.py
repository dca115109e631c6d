from pathlib import Path

import pytest

from app.errors import InvalidSetting
from app.settings import VARIABLES, Settings

ROOT = Path(__file__).parents[2]
DOCUMENTATION = "".join(file.read_text() for file in (ROOT / "README.md", *ROOT.glob("docs/*.md")))


def test_an_empty_environment_gives_the_shipped_champion_on_port_8000():
    settings = Settings.from_environ({})

    assert (settings.host, settings.port, settings.scorer) == ("0.0.0.0", 8000, "forward")
    assert settings.model.endswith("mlruns_reduced")


def test_an_empty_variable_counts_as_absent():
    assert Settings.from_environ({"PORT": "", "MAX_ROW": ""}).port == 8000


def test_every_variable_has_a_field_of_its_name():
    assert {v.name.lower() for v in VARIABLES} == set(Settings.__dataclass_fields__)


@pytest.mark.parametrize("name", [v.name for v in VARIABLES])
def test_every_variable_is_documented(name):
    assert f"`{name}`" in DOCUMENTATION


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("SCORER", "remote"),
        ("SCORER_URL", "localhost:5000"),
        ("SCORER_URL", "http://localhost:5000/path"),
        ("SCORER_URL", "unix://relative"),
        ("MANIFEST", "maybe"),
        ("MAX_BYTES", "0"),
        ("MAX_ROWS", "-1"),
        ("MIN_COVERAGE", "1.1"),
        ("TIMEOUT_SECONDS", "0"),
        ("TIMEOUT_SECONDS", "nan"),
        ("THREADS", "1.5"),
        ("WORKERS", "none"),
        ("RATE_LIMIT", "0"),
        ("CORS_ORIGINS", "shop.example"),
        ("LOG_ADDRESS", "yes"),
    ],
)
def test_a_bad_value_is_refused_naming_variable_and_value(name, value):
    with pytest.raises(InvalidSetting, match=f"^{name} must be .+, not '{value}'$"):
        Settings.from_environ({name: value})


@pytest.mark.parametrize(
    ("name", "meant"),
    [("MAX_ROW", "MAX_ROWS"), ("API_KEY", "API_KEYS"), ("TIMEOUT_SECOND", "TIMEOUT_SECONDS")],
)
def test_a_name_that_is_nearly_a_setting_is_refused_naming_the_one_meant(name, meant):
    with pytest.raises(InvalidSetting, match=f"^{name} must be {meant}") as caught:
        Settings.from_environ({name: "SECRET"})

    assert "SECRET" not in str(caught.value)


def test_other_variables_are_left_alone():
    Settings.from_environ({"PATH": "/bin", "HOSTNAME": "a", "MODEL_NAME": "b", "KEYS": "c"})


@pytest.mark.parametrize(
    ("name", "environ"),
    [
        ("RELOAD_SECONDS", {"RELOAD_SECONDS": "5"}),
        ("SCORER_URL", {"SCORER_URL": "http://localhost:1", "SCORER": "in-process"}),
        ("RATE_LIMIT", {"RATE_LIMIT": "5"}),
    ],
)
def test_a_setting_without_effect_is_refused(name, environ):
    with pytest.raises(InvalidSetting, match=f"^{name} must be absent"):
        Settings.from_environ(environ)


@pytest.mark.parametrize("url", ["http://localhost:5000", "https://scorer/", "unix:///run/scorer"])
def test_a_scoring_server_is_named_by_host_or_socket(url):
    assert Settings.from_environ({"SCORER_URL": url}).scorer_url == url
