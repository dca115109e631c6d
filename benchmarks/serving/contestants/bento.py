"""6: BentoML, from an environment of its own."""

from pathlib import Path

from benchmarks.serving.contestants.contestant import HOST, PROJECT, Contestant, data

PROGRAM = PROJECT / "build/bento/bin/bentoml"
SERVICE = "benchmarks.serving.services.bento:Bento"


def contestant(models: Path) -> Contestant:
    return _contestant("BentoML", models)


def constant(models: Path) -> Contestant:
    return _contestant("constant: BentoML", models, CONSTANT="1")


def _contestant(name: str, models: Path, **environ: str) -> Contestant:
    return Contestant(
        name,
        lambda port: [str(PROGRAM), "serve", SERVICE, "--host", HOST, "--port", str(port)],
        "/score",
        data,
        lambda _: {
            "BOOSTER": str(models / "booster.txt"),
            "BENTOML_HOME": str(models / "bento"),
            "PATH": f"{PROGRAM.parent}:/usr/bin:/bin",
            **environ,
        },
        PROGRAM,
    )
