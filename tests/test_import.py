"""What a process takes on with `import cleaner`, and what a cleaning may do: run no code, ask no network."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

HEAVY = ("sklearn", "scipy", "joblib", "langdetect", "click", "pandas", "torch", "pytest")

AUDITED = """
    import io, json, os, sys
    from pathlib import Path
    from cleaner import Cleaner
    from cleaner.resources import model_folder

    infected, cases = json.load(sys.stdin)
    Cleaner().clean(infected)  # everything that is imported late is there now

    events = []

    def watch(event, args):
        if event in ("pickle.find_class", "exec", "os.system", "subprocess.Popen", "ctypes.dlopen"):
            events.append([event, ascii(args)[:200]])
        elif event.startswith(("socket.", "urllib.", "http.")):
            events.append([event, ""])
        elif event == "import" and sys.modules.get(args[0]) is None:
            events.append([event, args[0]])
        elif event == "compile":
            # numpy reads the header of an array with ast.literal_eval: parsed as data, never run.
            source = args[0] if isinstance(args[0], (str, bytes)) else b""
            if args[1] != "<unknown>" or not str(source).lstrip("b'\\"").startswith("{'descr'"):
                events.append([event, ascii(args)[:200]])
        elif event == "open":
            path, mode, flags = args
            writing = (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND) & (flags or 0)
            if (mode is not None and set(str(mode)) & set("wax+")) or writing:
                events.append([event, ascii(args)[:200]])

    sys.addaudithook(watch)
    with model_folder(None) as folder:
        model = Cleaner(model=Path(str(folder)))
    for _ in model.clean_many(cases * 10):
        pass
    model.clean(infected)
    found = list(events)
    print(json.dumps(found))
"""

CONTROL = """
    import json, pickle, sys
    events = []
    sys.addaudithook(lambda event, args: events.append(event))
    pickle.loads(pickle.dumps(json.JSONDecoder))
    print(json.dumps(sorted(set(events))))
"""


def run(code: str, *, stdin: str = "", cwd: Path) -> str:
    """Run code in a fresh process and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        input=stdin, capture_output=True, text=True, encoding="utf-8", check=False, cwd=cwd,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_and_cleaning_take_on_nothing_heavy(root: Path) -> None:
    """A crawler that imports the library pays for numpy and regex alone."""
    code = f"""
        import json, sys
        import cleaner
        cleaner.clean("One.\\nTwo.")
        print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
    """
    assert json.loads(run(code, cwd=root)) == []


def test_the_public_interface_is_typed(root: Path) -> None:
    """Type checkers of other projects read our annotations."""
    assert (root / "cleaner" / "py.typed").exists()


def test_i11_to_i13_data_runs_nothing_and_a_cleaning_writes_nothing(root: Path, sample: tuple[str, str]) -> None:
    """I11, I12, I13: opening a model and 1,000 cleanings unpickle, run, connect and write nothing."""
    cases = [sample[0] + f"\n{number}" for number in range(100)]
    assert json.loads(run(AUDITED, stdin=json.dumps([sample[0], cases]), cwd=root)) == []


def test_the_watch_would_see_a_pickle(root: Path) -> None:
    """The control of the test above: a pickle does show."""
    assert "pickle.find_class" in json.loads(run(CONTROL, cwd=root))
