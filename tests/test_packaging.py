"""What is installed is what stands here: the list of packages, the wheel, and the command from anywhere."""

from __future__ import annotations

import configparser
import os
import shutil
import site
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

import cleaner

MAPPED = {"cleaner.models": "models", "cleaner.corpus": "corpus"}
SOURCES = ("setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE", "cleaner", "models", "corpus")


@pytest.fixture(scope="module")
def setup(root: Path) -> configparser.RawConfigParser:
    """Give setup.cfg as it stands."""
    parser = configparser.RawConfigParser()
    parser.read(root / "setup.cfg", "utf-8")
    return parser


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip() and not line.startswith("#")]


def names(requirements: str) -> set[str]:
    return {line.split(">")[0].strip() for line in lines(requirements)}


def test_the_packages_are_the_folders(root: Path, setup: configparser.RawConfigParser) -> None:
    """Each folder with an ``__init__.py`` is listed, and nothing else is."""
    folders = {path.parent.relative_to(root) for path in (root / "cleaner").rglob("__init__.py")}
    packages = {".".join(folder.parts) for folder in folders} | set(MAPPED)
    listed = lines(setup["options"]["packages"])
    assert sorted(listed) == sorted(packages)
    mapping = dict(line.split(" = ") for line in lines(setup["options"]["package_dir"]))
    assert mapping == MAPPED
    assert all((root / folder / "__init__.py").exists() for folder in MAPPED.values())


def test_what_tests_need_holds_what_training_needs(setup: configparser.RawConfigParser) -> None:
    """``pip install '.[test]'`` is enough to run every test; the core stays small."""
    extras = setup["options.extras_require"]
    assert set(lines(extras["train"])) <= set(lines(extras["test"]))
    assert names(setup["options"]["install_requires"]) == {"click", "numpy", "regex", "tomli"}


def run(command: Sequence[str | Path], cwd: Path, **env: str) -> str:
    """Run a command without this checkout in its path and return what it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env={**clean, **env},
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")
    return done.stdout.decode()


@pytest.fixture(scope="module")
def checkout(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the sources to build from, so that nothing is left in the checkout."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in SOURCES:
        if (root / name).is_dir():
            left = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
            shutil.copytree(root / name, copy / name, ignore=left)
        else:
            shutil.copy(root / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    """Give the wheel, built from the source archive as an index would."""
    run([sys.executable, "-m", "build", "--no-isolation", "-o", "dist", "."], checkout)
    (built,) = (checkout / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that holds the installed package and nothing else."""
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--no-index"]
    run([*pip, "--target", target, wheel], target)
    return target


def clean_command(sample: Path) -> list[str]:
    return ["-m", "cleaner", "clean", str(sample)]


@pytest.mark.slow
def test_the_wheel_carries_model_and_corpus(root: Path, wheel: Path) -> None:
    """Every source file, the model, the corpus, the type marker, the compiled loops; one name on top; under 10 MB."""
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {path.relative_to(root).as_posix() for path in (root / "cleaner").rglob("*.py")} | {"cleaner/py.typed"}
    for folder in MAPPED.values():
        files = [path for path in (root / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        expected |= {"cleaner/" + path.relative_to(root).as_posix() for path in files}
    compiled = {name for name in inside if name.startswith("cleaner/compiled/_core.")}
    assert inside - compiled == expected
    # The archive that the wheel is built from has to carry all that a C compiler needs.
    assert len(compiled) == (shutil.which("cc") is not None)
    assert "cleaner/models/news/manifest.json" in inside
    assert wheel.stat().st_size < 10_000_000


@pytest.mark.slow
def test_the_version_is_one(wheel: Path, installed: Path) -> None:
    """The name of the wheel, the package and the command agree."""
    assert wheel.name.startswith(f"cleaner-{cleaner.__version__}-")
    printed = run([sys.executable, "-m", "cleaner", "--version"], installed, PYTHONPATH=str(installed))
    assert cleaner.__version__ in printed


@pytest.mark.slow
def test_two_builds_are_equal(checkout: Path, wheel: Path) -> None:
    """The same sources give the same bytes, once the clock is set."""
    made = []
    for folder in ("one", "two"):
        run(
            [sys.executable, "-m", "build", "--no-isolation", "--wheel", "-o", folder, "."],
            checkout, SOURCE_DATE_EPOCH="1700000000",
        )  # fmt: skip
        made.append((checkout / folder / wheel.name).read_bytes())
    assert made[0] == made[1]


@pytest.mark.slow
def test_the_wheel_cleans_from_anywhere(installed: Path, root: Path, sample: tuple[str, str], tmp_path: Path) -> None:
    """The installed package finds its model without the checkout."""
    article = root / "samples" / "harbour_city.txt"
    printed = run([sys.executable, *clean_command(article)], tmp_path, PYTHONPATH=str(installed))
    assert printed == sample[1]


@pytest.mark.slow
def test_a_zipped_package_cleans(installed: Path, root: Path, sample: tuple[str, str], tmp_path: Path) -> None:
    """Clusters ship packages as zip files; the model is found inside."""
    archive = shutil.make_archive(str(tmp_path / "cleaner"), "zip", installed)
    article = root / "samples" / "harbour_city.txt"
    assert run([sys.executable, *clean_command(article)], tmp_path, PYTHONPATH=archive) == sample[1]


@pytest.mark.slow
def test_an_editable_install_cleans(checkout: Path, root: Path, sample: tuple[str, str], tmp_path: Path) -> None:
    """``pip install -e .`` finds model and corpus too, from any folder."""
    run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], tmp_path)
    scripts = [tmp_path / "venv" / name for name in ("bin", "Scripts")]
    (commands,) = (path for path in scripts if path.is_dir())
    python = commands / "python"
    # Lend it our packages, except this one, instead of fetching them again.
    (packages,) = lines(run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], tmp_path))
    for path in (path for folder in site.getsitepackages() for path in Path(folder).iterdir()):
        if not path.name.startswith(("cleaner", "__")) and path.suffix != ".pth":
            Path(packages, path.name).symlink_to(path)
    options = ["-q", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--ignore-installed"]
    run([sys.executable, "-m", "pip", "--python", python, "install", *options, "-e", checkout], tmp_path)
    where = run([python, "-c", "import cleaner; print(cleaner.__file__)"], tmp_path).strip()
    assert Path(where) == checkout / "cleaner" / "__init__.py"
    article = root / "samples" / "harbour_city.txt"
    assert run([commands / "cleaner", "clean", article], tmp_path) == sample[1]
