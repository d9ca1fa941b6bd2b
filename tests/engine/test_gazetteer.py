"""Services, acronyms and member states are recognised by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message

from bot.engine.gazetteer import Gazetteer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    storage = LocalModelStorage(tmp_path_factory.mktemp("model"))
    resource = Resource("gazetteer")
    Gazetteer(storage, resource, {}).train(load_data(str(ROOT / "data/nlu/gazetteer.yml")))
    return Gazetteer.load({}, storage, resource, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is a TISC?", [("service", "TISC")]),
        ("هل من جديد لبيرو؟", [("member_state", "PE")]),
        ("in German please", [("language", "de")]),
        ("بالألمانية لو سمحت", [("language", "de")]),
        ("по-немецки, пожалуйста", [("language", "de")]),
        ("what is a tisc", [("service", "TISC")]),
        ("who hosts it", []),
        ("Does WHO host it?", [("service", "WHO")]),
        ("technology and innovation support centres in peru", [("service", "TISC"), ("member_state", "PE")]),
        ("Côte d'Ivoire and the Republic of Korea", [("member_state", "CI"), ("member_state", "KR")]),
        ("the Democratic Republic of the Congo", [("member_state", "CD")]),
        ("DL-101 or dl101?", [("service", "DL-101"), ("service", "DL-101")]),
        ("Is Pat-INFORMED free?", [("service", "Pat-INFORMED")]),
        ("usa and uk, or us", [("member_state", "US")]),
        ("", []),
        ("秘鲁可以申请吗", [("member_state", "PE")]),
        ("что доступно в Казахстане", [("member_state", "KZ")]),
        ("هل هذا متاح لكينيا", [("member_state", "KE")]),
        ("услуги ЦПТИ", [("service", "TISC")]),
        ("en español, por favor", [("language", "es")]),
        ("the other one", [("ordinal", "other")]),
    ],
)
def test_finds(gazetteer: Gazetteer, text: str, found: list[tuple[str, str]]) -> None:
    (message,) = gazetteer.process([Message({"text": text})])
    entities = [(entity["entity"], entity["value"]) for entity in message.get("entities", [])]
    assert entities == found


def test_says_where_in_the_message_the_name_stands(gazetteer: Gazetteer) -> None:
    message = Message.build("Please tell Fiji about ARDI.")
    gazetteer.process([message])
    spans = [message.get("text")[entity["start"] : entity["end"]] for entity in message.get("entities")]
    assert spans == ["Fiji", "ARDI"]
