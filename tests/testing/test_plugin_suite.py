"""The published suite judges: what it says of plugins that are broken, each in its own way."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

import earnorm.stores.sqlite  # noqa: F401 # a run inside this one forgets what it was the first to import
from earnorm import registry
from earnorm.testing import PluginSuite
from tests.testing.conftest import ASYNCIO, Stranger

pytestmark = pytest.mark.once

HEAD = """
import asyncio, dataclasses, threading
from typing import Any
from earnorm import BaseModel, EmbeddedModel, IntegerField, PluginFields, ReferenceField, StringField, connect, hookimpl, inspect
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A plugin, the lines of the suite that tests it, and what must fail."""

    plugin: str
    suite: str = ""
    fails: dict[str, str] = field(default_factory=dict)
    """Tests that must fail, and no others, each with a part of what it says."""


BROKEN = {
    "a misspelt hook": Case(
        plugin="class Plugin:\n    def befor_save(self, instance): ...",
        fails={"test_a_model_can_have_it": "Did you mean 'before_save'?"},
    ),
    "a manifest that cannot be read": Case(
        plugin="class Plugin:\n    requires = ['timestamp']\n    def before_save(self): ...",
        fails={"test_a_model_can_have_it": "requires must map plugin names to version ranges"},
    ),
    "a requirement that nobody meets": Case(
        plugin="class Plugin:\n    requires = {'nonesuch': ''}\n    def before_save(self): ...",
        fails={"test_a_model_can_have_it": "requires the plugin 'nonesuch', which no installed"},
    ),
    "another core": Case(
        plugin="class Plugin:\n    api = '>=2'\n    def before_save(self): ...",
        fails={"test_a_model_can_have_it": "knows the core API >=2"},
    ),
    "no hook": Case(
        plugin="class Plugin:\n    def stamp(self, instance): ...",
        fails={"test_it_does_something": "implements no hook"},
    ),
    "the name of another": Case(
        plugin="class Plugin:\n    def before_save(self): ...",
        suite="name = 'timestamp'",
        fails={"test_it_is_installed_as_what_is_tested": "is advertised by earnorm-timestamp"},
    ),
    "a first save that fails": Case(
        plugin="class Plugin:\n    def before_save(self, instance):\n        raise KeyError('title')",
        fails={
            "test_an_instance_can_be_saved": "KeyError: 'title'; in before_save of the plugin 'broken' (this process); "
        },
    ),
    "a first save that fails in a sentence": Case(
        plugin="class Plugin:\n    def before_save(self, instance):\n        raise ValueError('No title.')",
        fails={"test_an_instance_can_be_saved": "No title; in before_save of the plugin 'broken'"},
    ),
    "a file at import": Case(
        plugin="open('log.txt', 'w').close()\nclass Plugin:\n    def before_save(self): ...",
        fails={"test_importing_it_does_nothing": "opens 'log.txt' for writing"},
    ),
    "a socket at import": Case(
        plugin="import socket\nsocket.socket().close()\nclass Plugin:\n    def before_save(self): ...",
        fails={"test_importing_it_does_nothing": "socket.__new__"},
    ),
    "a thread at import": Case(
        plugin="threading.Thread(target=int, name='busy').start()\nclass Plugin:\n    def before_save(self): ...",
        fails={"test_importing_it_does_nothing": "starts the thread 'busy'"},
    ),
    "talk at import": Case(
        plugin="print('hello')\nclass Plugin:\n    def before_save(self): ...",
        fails={"test_importing_it_does_nothing": "prints 'hello'"},
    ),
    "a model at import": Case(
        plugin="class Entry(BaseModel):\n    text = StringField()\nclass Plugin:\n    def before_save(self): ...",
        fails={"test_importing_it_does_nothing": "defines the model Entry on the default registry"},
    ),
    "options that take any name": Case(
        plugin="""
class Plugin:
    class Options:
        def __init__(self, **given): ...
    def __init__(self, options): ...
    def before_save(self): ...
""",
        fails={"test_an_unknown_option_is_refused": "'no_such_option', passes.\nMake the plugin's"},
    ),
    "options that take any value": Case(
        plugin="""
@dataclasses.dataclass
class Choices:
    times: int = 1
class Plugin:
    Options = Choices
    def __init__(self, options): ...
    def before_save(self): ...
""",
        fails={"test_a_wrong_option_is_refused": "the option 'times' takes anything"},
    ),
    "what one model has for all of them": Case(
        plugin="""
class Plugin:
    def on_register(self, model):
        self.kind = model.__name__
    def before_save(self, instance):
        instance.kind = self.kind
""",
        fails={
            "test_models_share_it": "'kind': 'Tested' (one model alone), 'TestedTwin' (one model"
        },
    ),
    "a count that waits for the end of a save": Case(
        plugin="""
class Plugin:
    saved = 0
    def before_save(self, instance):
        instance.rank = self.saved
    def after_save(self):
        self.saved += 1
""",
        suite="skipped = {'test_models_share_it': 'the rank is one of all models'}",
        fails={
            "test_bulk_inserts_store_what_saves_store": "'rank': 1 (save), 0 (insert_many)",
            "test_a_hook_that_saves_is_survived": "'rank': 1 (saves one by one), 0 (a save in",
            "test_saves_at_the_same_time_do_not_mix": "Keep what belongs to one instance",
        },
    ),
    "a twin that does nothing": Case(
        plugin="""
class Plugin:
    def before_save(self, instance):
        instance.text = instance.text.upper()
    def before_update(self): ...
""",
        fails={
            "test_query_updates_store_what_saves_store": "'text': 'SAMPLE 1000' (save), 'Sample 1000' (a query update)"
        },
    ),
    "a delete that takes the filter for an id": Case(
        plugin="class Plugin:\n    def before_delete(self, filter):\n        filter['_id'].generation_time",
        fails={
            "test_query_deletes_leave_what_deletes_leave": "a query delete: raised AttributeError: 'dict'"
        },
    ),
    "a change that is not written": Case(
        plugin="class Plugin:\n    ignores_query_writes = True\n    def after_save(self, instance):\n        instance.text += '!'",
        fails={"test_what_was_saved_is_what_is_loaded": "change it in before_save"},
    ),
    "a lock round the hooks of others": Case(
        plugin="""
class Plugin:
    def __init__(self):
        self.lock = asyncio.Lock()
    @hookimpl(wrapper=True)
    async def before_save(self, instance):
        async with self.lock:
            yield
""",
        suite="seconds = 0.5",
        fails={"test_a_hook_that_saves_is_survived": "is stuck after 0.5 seconds.\nOne plugin"},
    ),
    "an instance kept on the plugin": Case(
        plugin="""
class Plugin:
    async def before_save(self, instance):
        self.instance = instance
        await asyncio.sleep(0)
        self.instance.text = self.instance.text.upper()
""",
        fails={"test_saves_at_the_same_time_do_not_mix": "saves one by one and saves at the same"},
    ),
    "a sum over what is not its own": Case(
        plugin="""
class Plugin:
    def before_save(self, instance):
        document = instance.to_document()
        instance.sum = repr([document[name] for name in sorted(document) if name not in ('_id', 'sum')])
""",
        fails={
            "test_its_place_among_others_does_not_matter": "@hookimpl(trylast=True) on the hook"
        },
    ),
    "a write beside the transaction": Case(
        plugin="""
class Plugin:
    ignores_query_writes = True
    async def after_save(self, instance):
        store = type(instance).__registry__.database.store
        await store.insert('log', [{'_id': instance.text}])
""",
        suite="seconds = 0.5",
        fails={
            "test_a_transaction_stores_what_saves_store": "TimeoutError: the transaction is stuck",
            "test_a_transaction_that_fails_leaves_nothing": "Write through models, in the task that",
        },
    ),
    "a lock on the instance": Case(
        plugin="class Plugin:\n    def before_save(self, instance):\n        instance._lock = threading.Lock()",
        fails={"test_a_saved_instance_can_be_pickled": "It holds '_lock'."},
    ),
    "a plugin that comes back empty": Case(
        plugin="""
class Plugin:
    def __init__(self):
        self.count = 0
    def __getstate__(self):
        return None
    def before_save(self): ...
""",
        fails={
            "test_the_plugin_pickles_or_refuses": "lacks ['count'].\nRestore them in __setstate__"
        },
    ),
    "a refusal that does not say what": Case(
        plugin="class Plugin:\n    def __reduce__(self):\n        raise TypeError('no')\n    def before_save(self): ...",
        fails={"test_the_plugin_pickles_or_refuses": "does not speak of it:\n  TypeError: no;"},
    ),
    "a skipped test that there is not": Case(
        plugin="class Plugin:\n    def before_save(self): ...",
        suite="skipped = {'test_nonesuch': 'a typo', 'test_its_place_among_others_does_not_matter': 'why not'}",
        fails={"test_what_is_skipped_is_known": "the suite has no test 'test_nonesuch'"},
    ),
}

SOUND = {
    "a slug with a model of its own": Case(
        plugin="""
class Slugged(PluginFields, plugin='broken'):
    slug = StringField()
class Plugin:
    def contribute_fields(self, model):
        return Slugged
    def before_save(self, instance):
        instance.slug = instance.title.lower()
    def before_update(self, update):
        changes = update.get('$set', {})
        if 'title' in changes:
            changes['slug'] = changes['title'].lower()
class Titled(BaseModel):
    title = StringField()
    class Meta:
        abstract = True
        indexes = [{'fields': ['title'], 'unique': True}]
""",
        suite="base = module.Titled\n    def values(self, number):\n        return {'title': f'Title {number}'}",
    ),
    "options, a lock and a wrapper": Case(
        plugin="""
class Choices(EmbeddedModel):
    mark = StringField(default='!', max_length=1)
class Plugin:
    Options = Choices
    def __init__(self, options):
        self.mark, self.lock = options.mark, threading.Lock()
    @hookimpl(wrapper=True)
    def before_save(self, instance):
        yield
        instance.mark = self.mark
""",
        suite="options = {'mark': '?'}",
    ),
    "a random token that the suite knows of": Case(
        plugin="import secrets\nclass Plugin:\n    def before_save(self, instance):\n        instance.token = secrets.token_hex()",
        suite="varying = ['token']",
    ),
    "a sum that comes last": Case(
        plugin="""
class Plugin:
    @hookimpl(trylast=True)
    def before_save(self, instance):
        document = instance.to_document()
        instance.sum = repr([document[name] for name in sorted(document) if name not in ('_id', 'sum')])
""",
    ),
    "documents of its own": Case(
        plugin="""
class Entry(BaseModel):
    text = StringField()
    class Meta:
        abstract = True
class Plugin:
    ignores_query_writes = True
    def __init__(self):
        self.entries = {}
    def on_register(self, model, registry):
        class ModelEntry(Entry, registry=registry):
            of = ReferenceField(model)
            class Meta:
                collection = f'{registry.get_metadata(model).collection}_history'
        self.entries[model] = ModelEntry
    async def after_save(self, instance):
        await self.entries[type(instance)].create(text=instance.text, of=instance)
""",
    ),
    "a refusal to change anything": Case(
        plugin="""
class Plugin:
    def before_save(self, instance):
        if not inspect(instance).is_new:
            raise TypeError('stored for good')
    def before_update(self):
        raise TypeError('stored for good')
    def before_delete(self):
        raise TypeError('stored for good')
""",
    ),
    "a module": Case(
        plugin="def before_save(instance):\n    instance.text = instance.text.strip()",
        suite="plugin = module",
    ),
    "an object": Case(
        plugin="class Kind:\n    def before_save(self): ...\nPlugin = Kind()",
    ),
}
CASES = {**BROKEN, **SOUND}
NAMES = {case: f"case_{number}" for number, case in enumerate(CASES)}


def suite(case: str) -> str:
    """The source of a stranger's suite."""
    lines = CASES[case].suite
    plugin = "" if "plugin = " in lines else f"    plugin = {NAMES[case]}.Plugin\n"
    return (
        f"import {NAMES[case]}\nclass Test_{NAMES[case]}(PluginSuite):\n    name = 'broken'\n"
        f"{plugin}    {lines.replace('module', NAMES[case])}\n"
    )


Run = Callable[[str], dict[str, str]]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs the suite of a case as a stranger would; gives what the tests that failed said, by name."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("EARNORM_TEST_MONGODB_URI", raising=False)
    pytester.syspathinsert()
    pytester.makeini(f"[pytest]\nfilterwarnings = error\n{ASYNCIO}")

    def failures(case: str) -> dict[str, str]:
        name = NAMES[case]
        pytester.makepyfile(**{name: f"{HEAD}{CASES[case].plugin}\n"})
        pytester.makepyfile(
            **{f"test_{name}": f"from earnorm.testing import PluginSuite\n{suite(case)}"}
        )
        arguments = ["-q", "-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin"]
        if not case.endswith("at import"):
            # It starts an interpreter: the cases that are about it are enough.
            arguments += ["-k", "not test_importing_it_does_nothing"]
        passed, _, failed = pytester.inline_run(*arguments).listoutcomes()
        assert passed
        return {
            report.nodeid.rpartition("::")[2].partition("[")[0]: report.longreprtext
            for report in failed
        }

    yield failures
    for model in registry.get_all_models():
        if model.__module__ in NAMES.values():
            registry.unregister(model)


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_fails_the_test_that_is_about_it_and_no_other(case: str, run: Run) -> None:
    expected = BROKEN[case].fails

    failures = run(case)

    assert failures.keys() == expected.keys(), failures
    for test, said in expected.items():
        assert said in failures[test]


@pytest.mark.parametrize("case", SOUND)
def test_a_sound_plugin_passes(case: str, run: Run) -> None:
    assert run(case) == {}


@pytest.mark.parametrize(
    ("suite", "said"),
    [
        ("pass", "*does not say which plugin it tests. Write plugin = ...*"),
        ("plugin = Plugin", "*under which name models enable the plugin*Write name = 'slug'*"),
        (
            "plugin, name, base = Plugin, 'broken', Titled",
            "*names a base, Titled, and does not say how to fill it*values(self, number)*",
        ),
    ],
)
def test_a_suite_that_says_too_little_says_what_to_write(
    stranger: Stranger, suite: str, said: str
) -> None:
    source = f"""
from earnorm import BaseModel
from earnorm.testing import PluginSuite

class Plugin:
    def before_save(self): ...

class Titled(BaseModel):
    class Meta:
        abstract = True

class TestIt(PluginSuite):
    {suite}
"""
    result = stranger(source, "-k", "test_an_instance_can_be_saved")

    result.stdout.fnmatch_lines([said])


def test_a_store_of_the_suite_and_a_server_that_is_named_are_tried_as_well(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARNORM_TEST_MONGODB_URI", "mongodb://nowhere.invalid/x?replicaSet=r")
    source = """
from earnorm.testing import PluginSuite

class TestIt(PluginSuite):
    class plugin:
        def before_save(self): ...

    name = "slug"
    stores = {"embedded": "sqlite://", "file": "sqlite:///slug.db"}
"""
    result = stranger(source, "--collect-only", "-q", "-k", "test_models_share_it")

    result.stdout.fnmatch_lines(
        [f"*test_models_share_it[[]{store}[]]" for store in ("embedded", "file", "mongodb")]
    )


@pytest.mark.parametrize("missing", ["pytest", "pytest_asyncio"])
def test_without_pytest_the_error_names_both(missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import earnorm.testing\n"
        "try:\n    earnorm.testing.PluginSuite\n"
        "except ModuleNotFoundError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )

    assert "PluginSuite needs pytest and pytest-asyncio" in done.stdout
    assert repr(missing) in done.stdout


def test_no_part_of_the_suite_hides_a_test_of_another() -> None:
    parts = PluginSuite.__mro__[1:-1]
    names = [name for part in parts for name in vars(part) if name.startswith("test_")]

    assert len(names) == len(set(names))
    assert len(names) > 14
