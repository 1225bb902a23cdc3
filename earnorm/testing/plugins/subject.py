"""What an author says of a plugin, so that the suite can test it."""

import os
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import pytest
import pytest_asyncio

from earnorm.errors import EarnORMError
from earnorm.fields import IntegerField, StringField
from earnorm.models import BaseModel
from earnorm.testing.plugins.bench import Place
from earnorm.testing.plugins.failing import fail
from earnorm.testing.plugins.tested import Tested, advertised_name

__all__ = ["MONGODB_URI", "DescribesPlugin", "Sample"]

MONGODB_URI = "EARNORM_TEST_MONGODB_URI"
"""The environment variable that names a MongoDB server on which suites run as well."""


class Sample(BaseModel):
    """The model on which a plugin is tried where the suite names no other."""

    text = StringField()
    number = IntegerField()

    class Meta:
        """Only its children, one for each test, are models of a registry."""

        abstract = True


class DescribesPlugin:
    """Which plugin it is, and on what model it is tried. Only `plugin` must be said."""

    plugin: ClassVar[Any] = None
    """The class, object or module that the entry point names."""

    name: ClassVar[str] = ""
    """The name that models use; that of the entry point, where the distribution is installed."""

    options: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """The options with which it is tried; none, where nothing is said."""

    base: ClassVar[type[BaseModel]] = Sample
    """An abstract model with the fields that the plugin is about; `values` fills them."""

    varying: Collection[str] = ()
    """Stored names whose values differ from write to write on purpose, such as that of a random token."""

    neighbours: ClassVar[Collection[str]] = ()
    """Installed plugins before and after which it is tried."""

    stores: ClassVar[Mapping[str, str]] = MappingProxyType({"embedded": "sqlite://"})
    """Names and URLs of the stores on which it is tried; MongoDB is added where there is a server."""

    seconds: ClassVar[float] = 10.0
    """How long a few saves may take before they count as stuck."""

    skipped: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Tests that are not run, each with the reason."""

    def values(self, number: int) -> dict[str, Any]:
        """What the sample of this number is constructed with. Samples differ."""
        if self.base is not Sample:
            fail(
                f"{type(self).__name__} names a base, {self.base.__name__}, and does not say how to fill it. Give "
                "the suite a method values(self, number) that returns the arguments of its constructor."
            )
        return {"text": f"Sample {number}", "number": number}

    def changes(self, number: int) -> dict[str, Any]:
        """What a write changes in a sample, by field: the values of the sample a thousand numbers on."""
        return self.values(number + 1000)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Runs what touches a store once on each, unless the suite has a fixture `store_url`."""
        if "store_url" in metafunc.fixturenames and not hasattr(self, "store_url"):
            urls = dict(self.stores)
            if uri := os.environ.get(MONGODB_URI):
                urls.setdefault("mongodb", uri)
            metafunc.parametrize("store_url", list(urls.values()), ids=list(urls))

    @pytest.fixture(autouse=True)
    def _heeds_what_is_skipped(self, request: pytest.FixtureRequest) -> None:
        name = getattr(request.node, "originalname", request.node.name)
        if reason := self.skipped.get(name):
            pytest.skip(reason)

    @pytest.fixture
    def tested(self) -> Tested:
        """The plugin under its name."""
        name = self.name or advertised_name(self.plugin)
        if self.plugin is None:
            fail(
                f"{type(self).__name__} does not say which plugin it tests. Write plugin = ... in the class: the "
                "class, object or module that the entry point names."
            )
        if not name:
            fail(
                f"{type(self).__name__} does not say under which name models enable the plugin, and no installed "
                "distribution advertises it. Write name = 'slug' in the class, or install the distribution with "
                "pip install -e ."
            )
        return Tested(
            plugin=self.plugin,
            name=name,
            options=self.options,
            base=self.base,
            module=type(self).__module__,
        )

    @pytest.fixture
    def accepted(self, tested: Tested) -> Tested:
        """The plugin, once models can have it; where they cannot, one test tells why and the others need not."""
        try:
            tested.define()
        except EarnORMError:
            pytest.skip("no model can have it, as test_a_model_can_have_it tells")
        return tested

    @pytest.fixture
    def anywhere(self, accepted: Tested, store_url: str) -> Place:
        """Where its models are written, whether that works or not."""
        return Place(tested=accepted, samples=self, url=store_url)

    @pytest_asyncio.fixture
    async def place(self, anywhere: Place) -> Place:
        """Where its models are written, once that works; where it does not, one test tells why."""
        saved = await anywhere.outcome(lambda bench: bench.sample(0).save())
        if saved.error is not None:
            pytest.skip("no instance can be saved, as test_an_instance_can_be_saved tells")
        return anywhere
