"""Only what setup.cfg can't say: the loops in C, which are left out where they can't be compiled."""

from pathlib import Path

from setuptools import Extension, setup

FOLDER = Path("cleaner/compiled")

setup(
    ext_modules=[
        Extension(
            "cleaner.compiled._core",
            sources=sorted(path.as_posix() for path in FOLDER.glob("*.c")),
            depends=sorted(path.as_posix() for path in FOLDER.glob("*.h")),
            optional=True,
        )
    ]
)
