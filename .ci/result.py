"""Counts what pytest's reports in a folder say, and fails where CI must not be content.

    python .ci/result.py FOLDER STATUS_OF_THE_SLOW_TESTS

A browser test that was skipped is a failure here: on a laptop without Chromium it is not. Slow tests that ran
out of time (124), or of which there are none (5, through make: 2 with an empty report), are no failure.
"""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

OUT_OF_TIME = {124, 137}


def main(folder: Path, slow_status: int) -> int:
    """Prints "N passed, N failed, N skipped" last; returns the exit status."""
    cases = [case for report in sorted(folder.glob("*.xml")) for case in read(report)]
    skipped = {name for name, outcome in cases if outcome == "skipped"}
    failed = [name for name, outcome in cases if outcome == "failed"]
    browser = browser_tests()
    problems = [f"browser test skipped: {name}" for name in sorted(browser & skipped)]
    problems += [] if browser & {name for name, _ in cases} else ["no browser test ran"]
    slow = read(folder / "slow.xml") if (folder / "slow.xml").exists() else []
    if slow_status in OUT_OF_TIME:
        print("the slow tests ran out of time")
    elif slow_status and (slow or not (folder / "slow.xml").exists()):
        problems.append(f"the slow tests ended with status {slow_status}")
    for problem in problems:
        print(problem)
    passed = len(cases) - len(failed) - len(skipped)
    print(f"{passed} passed, {len(failed) + len(problems)} failed, {len(skipped)} skipped")
    return 1 if failed or problems else 0


def read(report: Path) -> list[tuple[str, str]]:
    """("tests.test_x::test_y", "passed" | "failed" | "skipped") of every test in a JUnit report."""
    cases = []
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 (we wrote it)
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        cases.append((f"{case.get('classname')}::{case.get('name')}", outcome))
    return cases


def browser_tests() -> set[str]:
    """The names of the tests marked browser, as JUnit writes them."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "browser and not slow"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return {_junit_name(line) for line in listed.splitlines() if "::" in line}


def _junit_name(node: str) -> str:
    """tests/test_x.py::TestA::test_b[c/d] -> tests.test_x.TestA::test_b[c/d]"""
    file, *classes, name = node.split("::")
    return ".".join([file.removesuffix(".py").replace("/", "."), *classes]) + f"::{name}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
