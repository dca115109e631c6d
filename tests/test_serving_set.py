"""What requirements.txt brings, and how much room it takes."""

from importlib.metadata import PackageNotFoundError, distribution

from tests.test_environment import pins

LIMIT_MB = 420

LARGEST = {"scipy", "pandas", "numpy", "scikit-learn", "mlflow-skinny"}


def size_mb(name):
    """As installed here; 0 for what this platform or Python does not take."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0
    paths = (file.locate() for file in files if file.suffix != ".pyc")
    return sum(path.stat().st_size for path in paths if path.exists()) / 2**20


def test_the_serving_set_stays_small():
    sizes = {name: size_mb(name) for name in pins("requirements.txt")}
    listed = sorted(((mb, name) for name, mb in sizes.items()), reverse=True)
    told = "\n".join(f"{mb:7.1f} MB {name}" for mb, name in listed)
    print(told)
    assert all(sizes[name] for name in LARGEST), told
    assert sum(sizes.values()) <= LIMIT_MB, told
