"""`python -m benchmarks`: which benchmarks there are."""

import ast
import pkgutil
from pathlib import Path


def main() -> None:
    """Prints a line for each: how it is run, and the first line of what it says about itself."""
    folder = Path(__file__).parent
    for name in sorted(module.name for module in pkgutil.iter_modules([str(folder)])):
        if name.startswith("_"):
            continue
        text = ast.get_docstring(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))) or ""
        print(f"  make bench-{name.replace('_', '-'):<16} {text.partition(chr(10))[0]}")


if __name__ == "__main__":
    main()
