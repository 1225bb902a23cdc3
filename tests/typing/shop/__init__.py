"""A package whose models have typing bases; `earnorm stubs tests.typing.shop` makes them."""
