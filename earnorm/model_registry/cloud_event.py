"""An event of a registry as CloudEvents 1.0 have it."""

from urllib.parse import quote

from earnorm.typing import JsonValue

__all__ = ["cloud_event"]


def cloud_event(event: dict[str, JsonValue], *, source: str | None) -> dict[str, JsonValue]:
    """The event, given as plain values, in the JSON event format of CloudEvents 1.0.

    An id is unique within its source, as the specification wants it, since it begins with the registry's run.
    """
    subject = {"subject": event["model"]} if event["model"] is not None else {}
    return {
        "specversion": "1.0",
        "id": f"{event['run']}-{event['revision']}",
        "source": source or f"urn:earnorm:registry:{quote(str(event['registry']), safe='')}",
        "type": f"earnorm.registry.{event['kind']}",
        "time": event["time"],
        **subject,
        "datacontenttype": "application/json",
        "data": event,
    }
