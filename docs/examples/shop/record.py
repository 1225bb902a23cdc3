"""What every model of the shop has."""

from earnorm import BaseModel


class Record(BaseModel):
    """A document that knows when it was made and last written."""

    class Meta:
        abstract = True
        plugins = ["timestamp"]
