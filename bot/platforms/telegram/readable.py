"""Updates one by one: what the library cannot read must hold up nothing that comes with it."""

from __future__ import annotations

from typing import Any

import structlog
from telegram import Update
from telegram.request import HTTPXRequest

log = structlog.get_logger()


class UpdatesRequest(HTTPXRequest):
    """Asks for updates; the library would refuse all of an answer for one that it cannot read."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer, with nothing but the number left of an update that cannot be read."""
        answer = HTTPXRequest.parse_json_payload(payload)
        if isinstance(updates := answer.get("result"), list):
            answer["result"] = [readable(update) for update in updates]
        return answer


def readable(update: dict[str, Any]) -> dict[str, Any]:
    """An update as it came, or its number alone: with that it is confirmed, and comes no more.

    Raises ``KeyError`` or ``TypeError`` where there is no number.
    """
    number = {"update_id": update["update_id"]}
    try:
        Update.de_json(update, None)
    except Exception as exc:  # noqa: BLE001 - whatever it was, it would come again for ever
        log.error("update.unreadable", platform="telegram", error=type(exc).__name__)  # noqa: TRY400
        return number
    return update
