"""What the recorder writes down, and what its assertions say."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from earnorm import BaseModel, ModelRegistry, StringField, connect, hookimpl
from earnorm.testing import HookRecorder, isolated_registry


class Sync:
    def before_save(self, instance: Any) -> None:
        instance.text += "s"

    def before_update(self) -> None:
        """Asks for nothing of what the hook passes."""

    def narrow_query(self, model: type) -> dict[str, Any]:
        return {}


class Async:
    async def before_save(self, instance: Any) -> None:
        if instance.text.startswith("bad"):
            raise ValueError("bad text")
        instance.text += "a"

    async def before_update(self, *, update: Any, loud: bool = False) -> None:
        update["$set"]["text"] += "!"


class Wrapping:
    @hookimpl(wrapper=True)
    async def before_save(self, instance: Any) -> AsyncIterator[None]:
        yield
        instance.text += "w"


@pytest.fixture
def recorder() -> HookRecorder:
    return HookRecorder()


@pytest.fixture
async def model(recorder: HookRecorder) -> AsyncIterator[Any]:
    home = isolated_registry(recorder=recorder)
    for name, plugin in {"sync": Sync, "async": Async, "wrapping": Wrapping}.items():
        home.plugin(name)(plugin)

    class Note(BaseModel, registry=home):
        text = StringField()

        class Meta:
            plugins = ["sync", "async", "wrapping"]

    async with connect("sqlite://", registry=home):
        recorder.clear()
        yield Note


async def test_every_kind_of_hook_runs_as_ever_and_is_written_down(
    model: Any, recorder: HookRecorder
) -> None:
    note = await model.create(text="")
    await model.find().update({"$set": {"text": "b"}}, skip_hooks=["wrapping"])
    await note.reload()

    assert note.text == "b!"
    assert recorder.names[:3] == [
        "wrapping.before_save(Note)",
        "sync.before_save(Note)",
        "async.before_save(Note)",
    ]
    assert recorder.calls[0].arguments == {"instance": note}
    recorder.assert_order("sync.narrow_query", "sync.before_update(Note)", "async.before_update")
    assert [str(call) for call in recorder.of("async", model=model)] == [
        "async.before_save(Note)",
        "async.before_update(Note)",
    ]


async def test_an_error_is_told_with_the_call_that_it_ended(
    model: Any, recorder: HookRecorder
) -> None:
    with pytest.raises(ValueError, match="bad text"):
        await model.create(text="bad")

    assert isinstance(recorder.of("async", "before_save")[0].error, ValueError)
    with pytest.raises(AssertionError, match=r"3. async.before_save\(Note\) raised ValueError"):
        recorder.assert_exactly("sync.before_save")


Assertion = Callable[[HookRecorder], object]


@pytest.mark.parametrize(
    ("assertion", "fault"),
    [
        (lambda r: r.assert_order("async.before_save", "sync.before_save"), "did not run after"),
        (lambda r: r.assert_order("sync.before_save(Other)"), "did not run"),
        (lambda r: r.assert_exactly("wrapping.before_save"), "3 hooks ran, not 1"),
        (
            lambda r: r.assert_exactly("wrapping.before_save", "async.before_save"),
            "call 2 was sync.before_save",
        ),
        (lambda r: r.assert_never("sync.before_save"), "ran, and should not have"),
    ],
)
async def test_an_assertion_that_fails_tells_what_ran(
    model: Any, recorder: HookRecorder, assertion: Assertion, fault: str
) -> None:
    await model.create(text="")

    with pytest.raises(AssertionError, match=fault) as caught:
        assertion(recorder)

    assert "What ran:\n  1. wrapping.before_save(Note)\n  2. sync.before_save(Note)" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("sync.befor_save", "no hook.*Did you mean 'before_save'"),
        ("snc.before_save", "no model here has. Did you mean 'sync'"),
        ("before_save", "no model here has"),
        ("sync", "Write 'plugin.hook'"),
    ],
)
async def test_a_name_that_no_call_could_have_is_an_error(
    model: Any, recorder: HookRecorder, name: str, fault: str
) -> None:
    with pytest.raises(LookupError, match=fault):
        recorder.assert_never(name)


async def test_what_did_not_run_passes(model: Any, recorder: HookRecorder) -> None:
    recorder.assert_never("sync.before_save", "async.before_update(Note)")
    recorder.assert_exactly()
    with pytest.raises(AssertionError, match="No hook ran"):
        recorder.assert_order("sync.before_save")


async def test_a_registry_without_a_recorder_runs_the_same(recorder: HookRecorder) -> None:
    home: ModelRegistry = isolated_registry()
    home.plugin("sync")(Sync)

    class Note(BaseModel, registry=home):
        text = StringField()

        class Meta:
            plugins = ["sync"]

    async with connect("sqlite://", registry=home):
        assert (await Note.create(text="x")).text == "xs"
    assert recorder.calls == []
