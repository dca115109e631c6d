"""Documentation says what the code says: packages, routes, metrics, links, commands."""

import re
from pathlib import Path

import grimp
import pytest
from prometheus_client import REGISTRY

from app import metrics
from app.decisions import ROUTES as DECISION_ROUTES
from app.errors import ServiceError
from app.routes import ROUTES
from credit_scoring import COMMANDS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.fr.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text() for page in PAGES)
PRINTED = re.compile(r"```text\n.*?```", re.DOTALL)  # by a command
PACKAGES = {"scoring_model", "train", "app", "ledger", "sample"}


def anchor(title):
    """The name under which a heading can be linked to."""
    return re.sub(r"[^\w\- ]", "", title.lower().replace("`", "")).strip().replace(" ", "-")


def all_errors(root=ServiceError):
    for error in root.__subclasses__():
        yield error
        yield from all_errors(error)


def test_the_diagram_of_packages_has_the_imports_of_the_code():
    diagram = (ROOT / "docs/architecture.md").read_text().partition("sequenceDiagram")[0]
    drawn = set(re.findall(r'(\w+)(?:\["[^"]*"\])? --> (\w+)', diagram))
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imported = {
        (module.partition(".")[0], other.partition(".")[0])
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
    }

    assert drawn == {(one, other) for one, other in imported if one != other}


@pytest.mark.parametrize("route", [*ROUTES, *DECISION_ROUTES], ids=lambda r: f"{r.method} {r.path}")
def test_every_route_is_documented(route):
    assert re.search(
        rf"`{route.method} {re.escape(route.path)}[`?]|`{re.escape(route.path)}`", TEXT
    )


def test_every_metric_is_documented():
    names = {m.name.removeprefix("credit_scoring_") for m in REGISTRY.collect()}
    ours = {
        name for name in names if f"credit_scoring_{name}" in Path(metrics.__file__).read_text()
    }

    assert ours
    assert not [name for name in ours if not re.search(rf"{name}(_total)?`", TEXT)]


def test_every_status_of_an_error_is_documented():
    stated = set(re.findall(r"\d{3}", "\n".join(re.findall(r"^\| (\d{3}.*?) \|", TEXT, re.M))))

    assert not {str(error.status) for error in all_errors()} - stated


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\((?!https?:|mailto:|\.\./\.\./actions)([^)]+)\)", text):
        path, _, part = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        if part:
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            assert part in map(anchor, headings), target


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"credit-scoring (\w+)", PRINTED.sub("", TEXT))))
)
def test_every_command_that_is_named_exists(command):
    assert command in {*COMMANDS, "completion"}


def test_the_french_page_follows_the_english_one():
    """The same first commands, the same request, the same answer."""
    english, french = (page.read_text() for page in PAGES[:2])
    blocks = re.findall(r"```(?:sh|json)\n(.*?)```", french, re.DOTALL)

    def code(block):
        return re.sub(r" *#.*", "", block)

    assert blocks
    assert list(map(code, blocks)) == list(
        map(code, re.findall(r"```(?:sh|json)\n(.*?)```", english, re.DOTALL)[: len(blocks)])
    )
