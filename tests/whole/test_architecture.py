"""What the import contracts cannot say: who commits, who knows the request, which names agree."""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatch

import pytest
from jinja2 import nodes

from stafett import errors
from stafett.app import create_app
from stafett.db import Database
from stafett.web import messages
from stafett.web.errors import CODES, STATUS
from tests.conftest import ROOT, settings

PRODUCT = sorted((ROOT / "stafett").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHARED = {"_layout", "house"}
BELOW_THE_GUARD = {
    "rules.py",
    "commands.py",
    "drafting.py",
    "progress.py",
    "baton.py",
    "level_zero.py",
    "membership.py",
    "queries.py",
    "concerns.py",
    "differences.py",
    "measures.py",
    "people_named.py",
    "waiting.py",
}
"""Layers, and what has been cut out of one by its subject."""
WORD = re.compile(r"[a-z]+(-[a-z]+)+")
NOT_CODES = {"no-store", "same-origin"}
"""Words with a hyphen where codes are that are no codes of a refusal."""


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def texts(tree):
    """Every string in a module but its docstrings."""
    documented = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in documented:
            yield text


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module, name.name) for name in node.names)


def feature(path):
    return path.relative_to(ROOT / "stafett").parts[0]


def test_only_db_commits():
    for path in PRODUCT:
        code = path.read_text(encoding="utf-8")
        if path.name != "db.py":
            assert ".commit(" not in code, path
            assert ".begin(" not in code or path.name == "cli.py", path  # the owner's grants


def test_only_web_knows_the_request():
    for path in PRODUCT:
        if feature(path) != "web":
            found = {name for module, name in imported(parsed(path)) if module == "flask"}
            assert not found & {"request", "current_app", "g", "after_this_request"}, path


def test_nobody_below_the_guard_reads_the_clock():
    """Time is a parameter of rules, commands and queries."""
    for path in PRODUCT:
        if path.name in BELOW_THE_GUARD | {"editor.py", "views.py", "api.py", "guards.py"}:
            code = path.read_text(encoding="utf-8")
            assert not re.search(r"\b(now|today|utcnow|time)\(\)|\.now\(", code), path


def test_every_module_says_what_it_is_for():
    for path in PRODUCT:
        assert ast.get_docstring(parsed(path)), path


# Every refusal has a sentence, and every sentence a refusal.


def codes():
    names = BELOW_THE_GUARD | {"guards.py", "schemas.py", "load.py", "town.py"}
    read = [path for path in PRODUCT if path.name in names or path.match("web/errors.py")]
    return {
        text: path
        for path in read
        for text in texts(parsed(path))
        if WORD.fullmatch(text) and text not in NOT_CODES
    }


def raised(tree):
    """The codes in `obstacles.append(...)`, `RuleBrokenError([...])` and `FieldError(x, ...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            given = node.args[1:] if called == "FieldError" else node.args
            if called in {"append", "RuleBrokenError", "FieldError"}:
                yield from (text for one in given for text in texts(one))


def test_every_code_that_is_raised_has_a_sentence():
    known = messages.OBSTACLES.keys() | messages.FIELDS.keys() | messages.ERRORS.keys()
    assert not {code: path for code, path in codes().items() if code not in known}
    for path in PRODUCT:
        if path.name in BELOW_THE_GUARD:
            assert set(filter(WORD.fullmatch, raised(parsed(path)))) <= known, path


def test_no_sentence_is_left_over_or_said_twice():
    known = Counter([*messages.OBSTACLES, *messages.FIELDS, *messages.ERRORS])
    assert {code for code, count in known.items() if count > 1} == set()
    assert (messages.OBSTACLES.keys() | messages.FIELDS.keys()) - codes().keys() == set()


def test_every_error_has_a_status_and_a_sentence():
    made = {
        error
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.StafettError)
    }
    assert STATUS.keys() == made - {errors.StafettError}
    said = {error.code for error in made} | set(CODES.values())
    assert messages.ERRORS.keys() == said
    for code in [*messages.ERRORS, *messages.OBSTACLES, *messages.FIELDS]:
        assert re.fullmatch(r"[A-ZÆØÅ«].*[.?]", messages.of(code)), code


# Templates mirror the features.


def named(text):
    return set(re.findall(r"[\"']([a-z_]+/[a-z_]+\.html)[\"']", text))


def rendered():
    return {path: named(path.read_text(encoding="utf-8")) for path in PRODUCT}


def test_a_template_folder_is_a_feature():
    features = {feature(path) for path in PRODUCT if path.name == "views.py"}
    assert {path.parent.name for path in TEMPLATES} <= features | SHARED
    assert all(path.parent.parent == ROOT / "templates" for path in TEMPLATES)


def test_every_template_compiles():
    environment = create_app(Database("sqlite:///none.db"), settings()).jinja_env
    for path in TEMPLATES:
        environment.get_template(str(path.relative_to(ROOT / "templates")))


def test_a_view_renders_its_own_folder_or_the_layout():
    for path, names in rendered().items():
        own = {"app.py": "house"}.get(path.name, feature(path))
        assert {name.split("/")[0] for name in names} <= {own, "_layout"}, path


def test_every_template_is_there_and_used():
    there = {str(path.relative_to(ROOT / "templates")) for path in TEMPLATES}
    used = set().union(*rendered().values())
    used |= set().union(*(named(path.read_text(encoding="utf-8")) for path in TEMPLATES))
    assert used - there == set()
    assert there - used == set()


def test_a_template_uses_its_own_folder_or_the_layout_or_another_features_parts():
    for path in TEMPLATES:
        for name in named(path.read_text(encoding="utf-8")):
            folder, file = name.split("/")
            assert folder in {path.parent.name, *SHARED} or file.startswith("_"), (path, name)


def read_by_name():
    """Each template as Jinja reads it."""
    environment = create_app(Database("sqlite:///none.db"), settings()).jinja_env
    return {
        str(path.relative_to(ROOT / "templates")): environment.parse(path.read_text("utf-8"))
        for path in TEMPLATES
    }


def looked_up(name, read):
    """The names that a template asks its page for, it and those that it brings in."""
    kinds = (nodes.Extends, nodes.Include, nodes.FromImport)
    found = read[name].find_all(kinds)
    inside = [one.template for one in found if getattr(one, "with_context", True)]
    others = {
        one.value
        for template in inside
        for one in (
            [template] if isinstance(template, nodes.Const) else template.find_all(nodes.Const)
        )
        if one.value in read
    }
    own = {one.name for one in read[name].find_all(nodes.Name) if one.ctx == "load"}
    return own.union(*(looked_up(other, read) for other in others))


def test_a_template_uses_what_it_imports():
    read = read_by_name()
    for name, tree in read.items():
        brought = {
            one if isinstance(one, str) else one[1]
            for imported in tree.find_all(nodes.FromImport)
            for one in imported.names
        }
        assert brought <= looked_up(name, read), name


def test_a_template_uses_what_its_view_gives():
    read, own = read_by_name(), {"part", "tab", "running"}
    for path in PRODUCT:
        calls = (one for one in ast.walk(parsed(path)) if isinstance(one, ast.Call))
        for call in (one for one in calls if ast.unparse(one.func) in {"page", "render_template"}):
            shown = [one.value for one in call.args if isinstance(one, ast.Constant)]
            for name in {one for one in shown if one in read}:
                given = {one.arg for one in call.keywords if one.arg} - own
                assert given <= looked_up(name, read), (path, name)


def test_no_line_begins_with_the_dot_between_two_facts():
    """The dot is bound to the word before it; a line may break after it."""
    for path in [*TEMPLATES, *PRODUCT, *(ROOT / "exports").glob("*.py")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            on_top = line.strip().startswith("running=")  # of a page: one line
            assert on_top or not re.search(r"\s·", line), (path, line)


def test_no_template_turns_escaping_off():
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape false", text), path
    for path in PRODUCT:
        assert not re.search(r"\bMarkup\(|render_template_string", path.read_text("utf-8")), path


# The repository stands alone.


def repository():
    """Every text file that is kept."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = [line.strip("/").split("/")[-1] for line in lines if line] + [".git"]
    folders = [ROOT]
    while folders:
        for path in folders.pop().iterdir():
            if any(fnmatch(path.name, pattern) for pattern in ignored):
                continue
            if path.is_dir():
                folders.append(path)
                continue
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a picture, a font


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine():
    registries = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.", "proxy.gol" + "ang")
    places = (".." + "/shared", "/wo" + "rk/", "/home" + "/", "/Us" + "ers/")
    forbidden = re.compile("|".join(map(re.escape, registries + places)))
    found = {str(path.relative_to(ROOT)): forbidden.findall(text) for path, text in repository()}
    assert {name: words for name, words in found.items() if words} == {}


def test_the_lock_files_name_packages_by_hash_and_by_no_address():
    for path in [*(ROOT / ".ci").glob("*.txt"), ROOT / "package-lock.json"]:
        text = path.read_text(encoding="utf-8")
        assert "sha" in text
        assert not re.search(r"https?://|--index-url|--extra-index", text), path


# A matrix that says other things than the code stops the start.


@pytest.fixture
def start(tmp_path):
    """Starts the policy from a copy of its files, changed by `change`."""
    access = tmp_path / "stafett" / "access"
    access.mkdir(parents=True)
    (tmp_path / "stafett" / "__init__.py").touch()
    for name in ("__init__.py", "policy.py", "matrix.csv", "not_yet_built.txt"):
        shutil.copy(ROOT / "stafett" / "access" / name, access)

    def run(file, old, new):
        path = access / file
        before = path.read_text(encoding="utf-8")
        after = re.sub(old, new, before, count=1, flags=re.MULTILINE)
        path.write_text(after, encoding="utf-8")
        command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})"]
        command[-1] += "; import stafett.access.policy"
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stderr.strip().splitlines()[-1:]

    return run


def test_an_unbroken_matrix_starts(start):
    assert start("matrix.csv", r"\Z", "") == (0, [])


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("matrix.csv", r"^entry\.list,.*\n", "", "entry.list"),
        ("matrix.csv", r"^entry\.list,", "entry.lost,", "entry.lost"),
        ("matrix.csv", r"^action,kind,ADM,", "action,kind,BOSS,", "BOSS"),
        ("matrix.csv", r"^(entry\.list),read,", r"\1,reads,", "reads"),
        ("matrix.csv", r"^(entry\.list,read),-,", r"\1,X,", "X"),
        ("not_yet_built.txt", r"\A", "entry.list\n", "entry.list"),
        ("not_yet_built.txt", r"^audit\.alter\n", "", "audit.alter"),
        ("policy.py", r'^    ENTRY_LIST = "entry\.list"', '    ENTRY_LIST = "entry.x"', "entry.x"),
        ("policy.py", r'^    KEL = "KEL"\n', '    KEL = "KEL"\n    KX = "KX"\n', "KX"),
    ],
)
def test_a_matrix_and_enums_that_differ_stop_the_start(start, file, old, new, named):
    code, said = start(file, old, new)
    assert code == 1
    assert said[0].startswith("ValueError: ")
    assert named in said[0]
