"""`make mutation`: is there a test for every line of the ledger that matters?

Each mutant (`tools/mutants.py`) is one small change to the code of `points/ledger`; a test must fail on it.
pytest collects the tests once; for each mutant a forked process takes the changed function (the code object
of the living function is replaced, so every reference sees it), runs the tests that touch the changed line,
quickest first, and stops at the first failure. mutmut 3 starts pytest anew for each mutant, which costs
some seconds with Django; a fork costs a fiftieth of one.

Answers are kept in var/mutation/, named after the function's source, so a run can be stopped and taken up
again, and only what has changed since is tried again (`--again`: everything).

First everything on SQLite; then, on a PostgreSQL of our own, its write path, the functions it calls in the
database, and whatever nothing on SQLite has seen (half of the locks, for example, exist there only).

    python tools/mutation.py [--only portable services] [--jobs 2] [--minutes 30] [--survivors]
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pytest

from tools import pg
from tools.mutants import Mutant, changed, mutants_of, names_of

LEDGER = ROOT / "points" / "ledger"
ON_SQLITE = (
    *("accounts", "balances", "closing", "content", "corrections", "export", "kinds", "moves", "portable"),
    *("receipts", "retry", "sealing", "services", "statements", "streams", "tasks"),
    *("trial_balance", "verify"),
)
ON_POSTGRESQL = ("postgres", "sql/post_postgresql.sql", "sql/post_many_postgresql.sql")
TESTS = ["tests/ledger", "-m", "not slow", "--deselect=tests/ledger/test_machine.py"]
CALLER = str(LEDGER / "postgres.py")
KEPT = ROOT / "var" / "mutation"
KILLED, SURVIVED, TIMEOUT, UNTOUCHED = "killed", "survived", "timeout", "untouched"
CAUGHT = (KILLED, TIMEOUT)


# --- In a forked process ----------------------------------------------------------------------------------
@cache
def living() -> dict[tuple[str, str, int], list[FunctionType]]:
    """The ledger's functions that exist now, by file, name and first line."""
    found: dict[tuple[str, str, int], list[FunctionType]] = defaultdict(list)
    for thing in gc.get_objects():
        if type(thing) is FunctionType and thing.__code__.co_filename.startswith(str(LEDGER)):
            code = thing.__code__
            found[code.co_filename, code.co_name, code.co_firstlineno].append(thing)
    return found


def flags() -> int:
    import __future__

    return __future__.annotations.compiler_flag


def take(mutant: Mutant) -> None:
    """Make the change in this process."""
    path = str(ROOT / mutant.path)
    if mutant.where == "<sql>":
        _replace_function(mutant.new.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
        return
    module = sys.modules[mutant.path.removesuffix(".py").replace("/", ".")]
    with changed(mutant) as owner:
        if isinstance(owner, ast.FunctionDef):
            first = min([owner.lineno, *(one.lineno for one in owner.decorator_list)])
            bare = ast.FunctionDef(**{**dict(ast.iter_fields(owner)), "decorator_list": []})
            body: list[ast.stmt] = [ast.copy_location(bare, owner)]
            code = compile(ast.Module(body, []), path, "exec", flags(), dont_inherit=True)
            space = dict(vars(module))
            exec(code, space)  # noqa: S102
            new = space[owner.name]
            targets = living().get((path, owner.name, first), [])
            if not targets:
                raise LookupError(f"no living function for {mutant}")
            for function in targets:
                function.__code__ = new.__code__
                function.__defaults__ = new.__defaults__
                function.__kwdefaults__ = new.__kwdefaults__
            return
        _retake_constants(mutant, module, owner, path)


def _replace_function(sql: str) -> None:
    """In the database of this process, as soon as it has one, and whenever it gets a new one."""
    from django.db import connection

    from tests import databases

    for name in ("prepare", "restore"):

        def make(*how: Any, real: Callable[..., None] = getattr(databases, name)) -> None:  # noqa: B008
            real(*how)
            with connection.cursor() as cursor:
                cursor.execute(sql)
            connection.close()

        setattr(databases, name, make)


def _retake_constants(mutant: Mutant, module: Any, owner: ast.AST, path: str) -> None:
    """A changed constant, and the constants made of it, put wherever their names were imported."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    assert isinstance(owner, ast.Assign | ast.AnnAssign)
    space, stale = dict(vars(module)), set(names_of(owner))
    statements: list[ast.stmt] = [owner]
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.lineno > owner.lineno:
            used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            if used & stale:
                stale |= set(names_of(node))
                statements.append(node)
    exec(compile(ast.Module(statements, []), path, "exec", flags(), dont_inherit=True), space)  # noqa: S102
    for name in stale & vars(module).keys():
        old, new = vars(module)[name], space[name]
        for other in list(sys.modules.values()):
            for key, value in list(getattr(other, "__dict__", {}).items()):
                if value is old and getattr(other, "__name__", "").startswith(("points", "tests", "rewards")):
                    setattr(other, key, new)


def run_items(session: pytest.Session, items: Sequence[pytest.Item]) -> int:
    """Run tests until one fails; the number of failures."""
    for place, item in enumerate(items):
        following = items[place + 1] if place + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            break
    try:
        session._setupstate.teardown_exact(None)
    except Exception:
        return max(session.testsfailed, 1)
    return session.testsfailed


def silent() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for handle in (1, 2):
        os.dup2(nowhere, handle)


def fork(session: pytest.Session, work: Callable[[], int]) -> int:
    """Run `work` in a process of its own, with a database of its own."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 3
    try:
        os.setpgid(0, 0)
        silent()
        session.config.workerinput = {"workerid": f"mut{os.getpid()}"}  # type: ignore[attr-defined]
        code = work()
    except BaseException:
        with (KEPT / "broken.log").open("a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
    finally:
        os._exit(code)


# --- Which test touches which line ------------------------------------------------------------------------
class Tracer:
    """Notes the lines of the ledger that run."""

    def __init__(self) -> None:
        self.folder = str(LEDGER) + os.sep
        self.lines: set[tuple[str, int]] = set()

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(self.folder):
            return None
        self.lines.add((name, frame.f_lineno))
        return self


def touch(session: pytest.Session, out: Path) -> int:
    """Run every test once and note what it touches, how long it takes, whether it passes."""
    found: dict[str, Any] = {}
    for place, item in enumerate(session.items):
        tracer, failed, start = Tracer(), session.testsfailed, time.monotonic()
        sys.settrace(tracer)
        following = session.items[place + 1] if place + 1 < len(session.items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        sys.settrace(None)
        if session.testsfailed == failed:
            found[item.nodeid] = (time.monotonic() - start, tracer.lines)
    out.write_bytes(pickle.dumps(found))
    return 0


def users_of(mutant: Mutant) -> list[tuple[str, int, int]]:
    """Where the functions stand that use a changed constant, or a constant made of it."""
    assert isinstance(mutant.owner, ast.Assign | ast.AnnAssign)
    names, spans = set(names_of(mutant.owner)), []
    trees = {str(path): ast.parse(path.read_text(encoding="utf-8")) for path in LEDGER.rglob("*.py")}
    for node in trees[str(ROOT / mutant.path)].body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and uses(node, names):
            names |= set(names_of(node))
    for path, tree in trees.items():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and uses(function, names):
                end = function.end_lineno or function.lineno
                spans.append((path, function.body[0].lineno, end + 1))
    return spans


def uses(node: ast.AST, names: set[str]) -> bool:
    return any(
        (isinstance(one, ast.Name) and one.id in names)
        or (isinstance(one, ast.Attribute) and one.attr in names)
        for one in ast.walk(node)
    )


def busy() -> float:
    """How many times more work than this machine can do at once is waiting: no mutant is to blame for it."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


# --- The run ----------------------------------------------------------------------------------------------
class Runner:
    """A pytest plugin that tries mutants instead of running the tests."""

    def __init__(self, options: argparse.Namespace, mutants: Sequence[Mutant], kept: Kept) -> None:
        self.options, self.mutants, self.kept = options, mutants, kept
        self.running: dict[int, tuple[Mutant, float, str]] = {}
        self.tried = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for name in {one.path for one in self.mutants if one.where != "<sql>"}:
            __import__(name.removesuffix(".py").replace("/", "."))
        with tempfile.TemporaryDirectory(prefix="jindou-mutation-") as folder:
            out = Path(folder) / "touched"
            os.waitpid(fork(session, lambda: touch(session, out)), 0)
            touched = pickle.loads(out.read_bytes())  # noqa: S301  (written two lines above)
        living()
        items = {item.nodeid: item for item in session.items if item.nodeid in touched}
        left_out = len(session.items) - len(items)
        print(f"{len(items)} tests ({left_out} fail without a mutant and are left out)", flush=True)
        by_line: dict[tuple[str, int], set[str]] = defaultdict(set)
        for name, (_seconds, lines) in touched.items():
            for line in lines:
                by_line[line].add(name)
        start = time.monotonic()
        for mutant in self.mutants:
            if time.monotonic() - start > self.options.minutes * 60:
                print("Time is up; run it again to go on.", flush=True)
                break
            names = self.touching(mutant, by_line)
            if not names:
                self.answer(mutant, UNTOUCHED, "")
                continue
            ordered = sorted(names, key=lambda name: touched[name][0])
            limit = busy() * (15 + 10 * sum(touched[name][0] for name in ordered))
            while len(self.running) >= self.options.jobs:
                self.wait()
            chosen = [items[name] for name in ordered]
            pid = fork(session, lambda m=mutant, c=chosen: self.attempt(session, m, c))  # type: ignore[misc]
            self.running[pid] = (mutant, time.monotonic() + limit, f"{len(ordered)} tests")
        while self.running:
            self.wait()
        return True

    def touching(self, mutant: Mutant, by_line: dict[tuple[str, int], set[str]]) -> set[str]:
        path = str(ROOT / mutant.path)
        if mutant.where == "<sql>":  # the tests that call the function
            return {name for (file, _line), names in by_line.items() if file == CALLER for name in names}
        if mutant.where == "<module>":
            spans = users_of(mutant)
            lines = (
                by_line.get((name, line), set()) for name, first, last in spans for line in range(first, last)
            )
            return set().union(*lines)
        first, last = mutant.line, mutant.last_line
        if isinstance(mutant.owner, ast.FunctionDef) and first < mutant.owner.body[0].lineno:
            first, last = mutant.owner.lineno, mutant.owner.end_lineno or first  # a default argument
        for statement in ast.walk(mutant.owner):  # a line inside a long statement: any line of it
            if isinstance(statement, ast.stmt) and not isinstance(statement, ast.FunctionDef):
                end = statement.end_lineno or statement.lineno
                simple = not hasattr(statement, "body")
                if simple and statement.lineno <= mutant.line <= end:
                    first, last = min(first, statement.lineno), max(last, end)
        return {name for line in range(first, last + 1) for name in by_line.get((path, line), ())}

    def attempt(self, session: pytest.Session, mutant: Mutant, chosen: Sequence[pytest.Item]) -> int:
        try:
            take(mutant)
        except LookupError:
            raise
        except Exception:  # the module itself falls over
            return 1
        return 1 if run_items(session, chosen) else 0

    def wait(self) -> None:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid in self.running:
            mutant, _limit, note = self.running.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            self.answer(mutant, {0: SURVIVED, 1: KILLED}.get(code, KILLED if code < 0 else "broken"), note)
            clean(f"mut{pid}")
            return
        now = time.monotonic()
        for one, (mutant, limit, note) in list(self.running.items()):
            if now > limit:
                os.killpg(one, signal.SIGKILL)
                os.waitpid(one, 0)
                del self.running[one]
                self.answer(mutant, TIMEOUT, note)
                clean(f"mut{one}")
        time.sleep(0.01)

    def answer(self, mutant: Mutant, result: str, note: str) -> None:
        self.kept.add(mutant, result)
        self.tried += 1
        if result not in CAUGHT:
            print(f"{result:9} {mutant} ({note})", flush=True)
        if self.tried % 100 == 0:
            print(f"… {self.tried} of {len(self.mutants)}", flush=True)


def clean(worker: str) -> None:
    """The files of a process that did not clean up after itself."""
    from tests import databases

    for path in databases.FOLDER.glob(f"*-{worker}.*"):
        path.unlink(missing_ok=True)
    if databases.is_postgresql():
        databases.drop(f"test_{databases.base_name()}_{databases.run_name()}_{worker}")


class Kept:
    """Answers of this and earlier runs, one JSON line each, in a file per engine."""

    def __init__(self, engine: str) -> None:
        KEPT.mkdir(parents=True, exist_ok=True)
        self.engine = engine
        self.answers = {name: self.read(name) for name in ("sqlite", "postgresql")}

    def read(self, engine: str) -> dict[str, str]:
        path = KEPT / f"{engine}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return {one["key"]: one["result"] for one in map(json.loads, lines)}

    def add(self, mutant: Mutant, result: str) -> None:
        self.answers[self.engine][mutant.key] = result
        with (KEPT / f"{self.engine}.jsonl").open("a", encoding="utf-8") as out:
            out.write(json.dumps({"key": mutant.key, "result": result, "mutant": str(mutant)}) + "\n")

    def result(self, mutant: Mutant) -> str:
        """What became of it on either engine."""
        found = [one[mutant.key] for one in self.answers.values() if mutant.key in one]
        return next((one for one in found if one in CAUGHT), found[0] if found else "not tried")


def every(names: Sequence[str]) -> list[Mutant]:
    found: list[Mutant] = []
    for name in names:
        path = LEDGER / (name if name.endswith(".sql") else f"{name}.py")
        found += mutants_of(path, str(path.relative_to(ROOT)))
    return found


def table(mutants: Sequence[Mutant], kept: Kept) -> str:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant in mutants:
        language = "all SQL functions" if mutant.where == "<sql>" else "all Python"
        for name in (Path(mutant.path).stem, language):
            counts[name][kept.result(mutant)] += 1
    lines = [f"{'module':17} {'mutants':>7} {'killed':>7} {'timeout':>7} {'left':>5} {'score':>7}"]
    for name, found in sorted(counts.items(), key=lambda one: one[0].startswith("all")):
        tried = sum(found.values()) - found["not tried"]
        caught = found[KILLED] + found[TIMEOUT]
        score = f"{100 * caught / tried:6.1f}%" if tried else "-"
        numbers = (sum(found.values()), found[KILLED], found[TIMEOUT])
        lines.append(f"{name:17} " + " ".join(f"{n:7}" for n in numbers) + f" {tried - caught:5} {score:>7}")
    return "\n".join(lines)


def pending(options: argparse.Namespace, kept: Kept, mutants: Sequence[Mutant]) -> list[Mutant]:
    """What is still to be tried on this engine."""
    wanted = CAUGHT if options.retry else {*CAUGHT, SURVIVED, UNTOUCHED}
    found = []
    for mutant in mutants:
        if not options.again and kept.answers[kept.engine].get(mutant.key) in wanted:
            continue
        own = mutant.where == "<sql>" or Path(mutant.path).stem in ON_POSTGRESQL
        if kept.engine == "sqlite" and not own:
            found.append(mutant)
        if kept.engine == "postgresql" and (own or kept.result(mutant) in (SURVIVED, UNTOUCHED)):
            found.append(mutant)  # also what nothing on SQLite saw
    if options.shuffle:
        random.Random(options.shuffle).shuffle(found)
    return found


def run(options: argparse.Namespace, engine: str) -> None:
    kept = Kept(engine)
    mutants = pending(options, kept, every(options.only or [*ON_SQLITE, *ON_POSTGRESQL]))
    print(f"{len(mutants)} mutants to try on {engine}", flush=True)
    if not mutants:
        return
    if engine == "postgresql" and not os.environ.get("DATABASE_URL", "").startswith(("postgres", "pgsql")):
        with pg.server() as url:
            environment = {**os.environ, "DATABASE_URL": url}
            command = [sys.executable, __file__, *sys.argv[1:], "--engine", engine, "--inner"]
            subprocess.run(command, env=environment, check=False)
        return
    os.nice(10)
    arguments = [*TESTS, "-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header"]
    pytest.main(arguments, plugins=[Runner(options, mutants, kept)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="*", default=[], help="modules of points/ledger")
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument(
        "--shuffle", type=int, help="a seed: in random order, so that a part is a fair sample"
    )
    parser.add_argument("--again", action="store_true", help="forget earlier answers")
    parser.add_argument("--retry", action="store_true", help="try again what was not caught before")
    parser.add_argument("--survivors", action="store_true", help="only list what is left of earlier runs")
    parser.add_argument("--least", type=float, default=0, help="exit with 1 below this score, in percent")
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.chdir(ROOT)
    if not options.survivors:
        for engine in ("sqlite", "postgresql"):
            if options.engine in (engine, "both"):
                if engine == "sqlite":
                    os.environ.pop("DATABASE_URL", None)
                run(options, engine)
    if options.inner:
        return 0
    kept, mutants = Kept("sqlite"), every(options.only or [*ON_SQLITE, *ON_POSTGRESQL])
    results = [kept.result(mutant) for mutant in mutants]
    for mutant, result in zip(mutants, results, strict=True):
        if options.survivors and result not in (*CAUGHT, "not tried"):
            print(f"{result:9} {mutant}")
    print(table(mutants, kept))
    tried = [result for result in results if result != "not tried"]
    caught = sum(result in CAUGHT for result in tried)
    return 1 if not tried or 100 * caught / len(tried) < options.least else 0


if __name__ == "__main__":
    raise SystemExit(main())
