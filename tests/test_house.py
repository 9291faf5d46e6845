"""The rules of the house: who may import whom, what is never written, how large a file may grow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "cleaner"
FILES = sorted(PACKAGE.rglob("*.py"))

# From the ground up. A module may import modules of lower floors only; the parts of a folder may also
# import each other. A new module has to be given its floor here.
FLOORS = (
    ("errors",),
    ("types", "config", "resources", "keys", "terminal", "styles", "compiled"),
    ("alphabet",),
    ("ngrams", "repair"),
    ("io",),
    ("view", "cases", "html"),
    ("switch", "language", "openings"),
    ("signs",),
    ("shapes",),
    ("gates", "phrases", "columns"),
    ("tally", "replaced"),
    ("boundaries",),
    ("propose",),
    ("surroundings",),
    ("features",),
    ("judge", "evidence"),
    ("scout",),
    ("model",),
    ("detect",),
    ("decide",),
    ("recurrence", "verdicts"),
    ("finder",),
    ("pipeline",),
    ("", "evaluate", "training", "review"),  # "": cleaner/__init__.py, the public names
    ("batch", "learning"),
    ("report",),
    ("cli", "adapters"),
    ("__main__",),
)
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}
# Cleaning.restore() is a method for the caller's comfort; the function it calls stands above the values.
UPWARD = {("types", "repair")}

FRAMEWORKS = (
    "datasets", "datatrove", "itemadapter", "pandas", "polars", "pyarrow", "pyspark", "ray", "scrapy", "trafilatura",
    "twisted",
)  # fmt: skip

# Other people's packages: who may import them.
OWNERS = {
    "click": {"cli"},
    "numpy": {
        "compiled", "alphabet", "ngrams", "view", "switch", "language", "openings", "replaced", "signs", "shapes",
        "gates", "phrases", "tally", "boundaries", "propose", "columns", "surroundings", "features", "judge",
        "scout", "evidence", "model", "detect", "decide", "recurrence", "verdicts", "finder", "training",
        "learning",
    },
    "regex": {"alphabet"},
    "sklearn": {"training"},
    "scipy": {"training", "learning"},
    "langdetect": {"training"},
    "joblib": {"training"},
    "textual": {"review"},
    "rich": {"review"},
    "lxml": {"html"},
    **{name: {"adapters"} for name in FRAMEWORKS},
}  # fmt: skip
NEVER_IMPORTED = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "socket", "urllib", "http", "requests"}
NEVER_CALLED = {"eval", "exec", "compile", "__import__", "print", "input", "breakpoint"}

MAX_LINES = 350
MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:home|root|work|farm|Users|mnt|srv)/[\w.]")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def place(path: Path) -> str:
    """Return the name of a file's floor: its module, or the folder it stands in."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def imports(path: Path) -> Iterator[str]:
    """Give the full names of all modules that a file imports, inside functions too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (item.name for item in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            module = node.module or ""
            yield from (f"{module}.{item.name}" for item in node.names)


def ours(name: str) -> str | None:
    """Return the floor's name of an imported name of this package, ``None`` for those of others."""
    parts = name.split(".")
    if parts[0] != "cleaner":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in FLOOR else ""


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def each_file() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())


@each_file()
def test_imports_go_down(path: Path) -> None:
    """One direction: nothing below knows what stands above."""
    own = place(path)
    assert own in FLOOR, f"give cleaner.{own} a floor in {Path(__file__).name}"
    for name in imports(path):
        other = ours(name)
        if other is None or other == own or (own, other) in UPWARD:
            continue
        assert FLOOR[other] < FLOOR[own], f"cleaner.{own} (floor {FLOOR[own]}) imports {name} (floor {FLOOR[other]})"


@each_file()
def test_other_packages_have_owners(path: Path) -> None:
    """Each foreign package is known to few modules, and the heavy ones to training alone."""
    for name in imports(path):
        top = name.split(".")[0]
        assert top not in NEVER_IMPORTED, f"{top} is not for this package"
        if top in OWNERS:
            assert place(path) in OWNERS[top], f"{top} belongs to {sorted(OWNERS[top])}"


@each_file()
def test_heavy_packages_are_imported_when_needed(path: Path) -> None:
    """Even in training they stand inside functions, so that a test or --help does not wait for them."""
    tops = [node for node in tree(path).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {item.name for node in tops if isinstance(node, ast.Import) for item in node.names}
    names |= {node.module or "" for node in tops if isinstance(node, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in names} & {"sklearn", "scipy", "langdetect", "joblib"}


@each_file()
def test_no_banned_calls(path: Path) -> None:
    """No code from data, no printing past the screen, and no ``splitlines``: it breaks at U+2028 too."""
    for call in calls(path):
        function = call.func
        if isinstance(function, ast.Name):
            assert function.id not in NEVER_CALLED, f"line {call.lineno}: {function.id}()"
        if isinstance(function, ast.Attribute):
            assert function.attr != "splitlines", f"line {call.lineno}: splitlines()"
        for keyword in call.keywords:
            literal = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            assert not (keyword.arg in ("shell", "allow_pickle") and literal is not False), f"line {call.lineno}"


@each_file()
def test_text_files_name_their_encoding(path: Path) -> None:
    """The platform's default encoding is never relied on."""
    for call in calls(path):
        function = call.func
        if isinstance(function, ast.Name) and function.id == "open":
            modes = [item.value for item in call.keywords if item.arg == "mode"] or call.args[1:2]
            binary = any(isinstance(mode, ast.Constant) and "b" in str(mode.value) for mode in modes)
            assert binary or any(item.arg == "encoding" for item in call.keywords), f"line {call.lineno}: open()"
        if isinstance(function, ast.Attribute) and function.attr in ("read_text", "write_text"):
            position = 0 if function.attr == "read_text" else 1
            named = any(item.arg == "encoding" for item in call.keywords)
            assert named or len(call.args) > position, f"line {call.lineno}: {function.attr}()"


@each_file()
def test_a_load_of_arrays_never_unpickles(path: Path) -> None:
    """``np.load`` says so each time."""
    for call in calls(path):
        if ast.unparse(call.func) in ("np.load", "numpy.load"):
            given = {item.arg: ast.unparse(item.value) for item in call.keywords}
            assert given.get("allow_pickle") == "False", f"line {call.lineno}"


@each_file()
def test_only_resources_knows_where_files_are(path: Path) -> None:
    """A package in a zip has no ``__file__`` worth using."""
    names = {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
    assert "__file__" not in names or place(path) == "resources"


@each_file()
def test_files_stay_readable(path: Path) -> None:
    """A reader holds a file at once."""
    assert path.read_text("utf-8").count("\n") <= MAX_LINES


@each_file()
def test_public_things_say_what_they_do(path: Path) -> None:
    """Every module and every public class, function and method has a docstring."""
    module = tree(path)
    assert ast.get_docstring(module), "the module"
    for node in module.body:
        members = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else []
        for item in (node, *members):
            if isinstance(item, (ast.ClassDef, ast.FunctionDef)) and not item.name.startswith("_"):
                assert ast.get_docstring(item), f"line {item.lineno}: {item.name}"


def test_no_path_of_a_machine() -> None:
    """What the project says works on every machine."""
    folders = [ROOT / name for name in (".ci", "benchmarks", "cleaner", "corpus", "models", "samples", "tests")]
    files = [*ROOT.glob("*.*"), *(path for folder in folders for path in folder.rglob("*"))]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        if path.is_file() and path.suffix not in (".npy", ".jsonl", ".gz", ".pyc", ".so", ".pyd")
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").split("\n"), 1)
        if MACHINE_PATH.search(line)
    ]
    assert not found
