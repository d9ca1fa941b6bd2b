"""Addresses, names and origins as people type them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.conversation.handoff.draft import Draft, Origin, Step
from bot.conversation.handoff.form import Form
from bot.conversation.handoff.mail_address import MailAddresses
from bot.conversation.handoff.message import Mention, Message
from bot.conversation.handoff.move import Act
from knowledge.base import KnowledgeBase
from tests.conversation.handoff import Filling, message


@pytest.fixture(scope="session")
def form(base: KnowledgeBase) -> Form:
    return Form(base)


@pytest.fixture(scope="session")
def addresses(base: KnowledgeBase) -> MailAddresses:
    return MailAddresses(base.mail_domains)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("maria@gmial.com", "maria@gmail.com"),
        ("maria@gmsil.com", "maria@gmail.com"),
        ("maria@outlok.com", "maria@outlook.com"),
        ("maria@hotnail.com", "maria@hotmail.com"),
        ("maria@yaaho.com", "maria@yahoo.com"),
        ("maria@gmail.con", "maria@gmail.com"),
        ("maria@gmail.cmo", "maria@gmail.com"),
        ("maria@example.con", "maria@example.com"),
        ("maria@example.ogr", "maria@example.org"),
        ("maria@mial.ru", "maria@mail.ru"),
        ("maria@qq.con", "maria@qq.com"),
    ],
)
def test_a_mistyped_domain_is_offered_back(addresses: MailAddresses, typed: str, meant: str) -> None:
    assert addresses.better(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "maria@gmail.com",
        "maria@mail.com",
        "maria@example.org",
        "maria@mail.example.org",
        "maria@indecopi.example",
        "maria@qq.com",
        "maria@mail.ru",
        "maria@gmx.de",
        "maria@live.fr",
    ],
)
def test_a_domain_of_ones_own_is_left_alone(addresses: MailAddresses, typed: str) -> None:
    assert addresses.better(typed) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("maria@example.org", "maria@example.org"),
        ("My e-mail is maria@example.org.", "maria@example.org"),
        ("(maria.silva+wipo@example.org)", "maria.silva+wipo@example.org"),
        ("Maria Silva <maria@example.org>", "maria@example.org"),
        ("邮箱：maria@example.org。", "maria@example.org"),
        ("我的邮箱是maria@example.org谢谢", "maria@example.org"),
        ("用户@example.org", "用户@example.org"),
        ("maria＠example.org", "maria@example.org"),
        ("بريدي maria@example.org، شكرا", "maria@example.org"),
        ("not old@example.org but maria@example.org", "maria@example.org"),
    ],
)
def test_an_address_is_found_in_a_message(text: str, address: str) -> None:
    assert MailAddresses.in_text(text) == address


@pytest.mark.parametrize(
    "text",
    ["maria at example dot org", "maria (at) example.org", "maria @ example.org", "maria arroba example punto org"],
)
def test_an_address_written_as_it_is_said(text: str) -> None:
    assert MailAddresses.spoken_in(text) == "maria@example.org"


@pytest.mark.parametrize(
    "text",
    [
        "maria@",
        "@example.org",
        "maria@example",
        "maria@@example.org",
        "maria@exa mple",
        "a..b@example.org",
        "maria@localhost",
        "maria@[127.0.0.1]",
        "maria\r\nBcc: x@",
    ],
)
def test_what_is_no_address_is_asked_again(form: Form, text: str) -> None:
    filling = Filling(form, Draft("key", "response_package", "Maria", Origin("PE")))
    move = filling.say(text)
    assert move.act is Act.ASK
    assert filling.draft.email is None
    assert filling.asks(Step.EMAIL)


@pytest.mark.parametrize("said", ["maria@gmail", "maria@gmail,com", "maria@gmail. com", "Maria: maria@GMAIL"])
def test_a_common_domain_without_its_ending_is_offered_whole(form: Form, said: str) -> None:
    filling = Filling(form, Draft("key", "response_package", "Maria", Origin("PE")))
    filling.say(said)
    assert filling.draft.offered_email == "maria@gmail.com"
    asked = Filling(form, filling.draft)
    asked.say("no")
    assert asked.asks(Step.EMAIL)
    filling.say("yes")
    assert filling.draft.email == "maria@gmail.com"


def test_an_offered_address_is_taken_or_kept_as_typed(form: Form) -> None:
    draft = Draft("key", "response_package", "Maria", Origin("PE"))
    for said, kept in (
        ("yes", "maria@gmail.com"),
        ("no", "maria@gmial.com"),
        ("maria@example.org", "maria@example.org"),
    ):
        filling = Filling(form, draft)
        filling.say("maria@gmial.com")
        assert filling.asks(Step.EMAIL)
        assert not filling.draft.has(Step.EMAIL)
        filling.say(said)
        assert filling.draft.email == kept
        assert filling.asks(Step.QUESTION)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Maria Silva", "Maria Silva"),
        ("maria silva", "maria silva"),
        ("Dr. Ahmed Hassan", "Dr. Ahmed Hassan"),
        ("Jean-Pierre N'Guessan", "Jean-Pierre N'Guessan"),
        ("I am María de los Ángeles Pérez y Gómez", "María de los Ángeles Pérez y Gómez"),
        ("my name is ana", "ana"),
        ("This is Tomas Novak", "Tomas Novak"),
        ("محمد الأحمد", "محمد الأحمد"),
        ("أنا محمد الأحمد", "محمد الأحمد"),
        ("maria de la cruz", "maria de la cruz"),
        ("李明", "李明"),
        ("我是李明", "李明"),
        ("阿卜杜勒·拉赫曼", "阿卜杜勒·拉赫曼"),
        ("Айгуль Сериковна Бекова", "Айгуль Сериковна Бекова"),
        ("O'Brien", "O'Brien"),
        ("Xu", "Xu"),
    ],
)
def test_a_name(form: Form, said: str, name: str) -> None:
    filling = Filling(form, Draft("key", "response_package"))
    filling.say(said)
    assert filling.draft.name == name


INTRODUCED = {
    "Maria Silva": (
        *("Hello, my name is Maria Silva", "hi, I'm Maria Silva.", "ok, Maria Silva", "Ok Maria Silva"),
        *("Sure, it's Maria Silva", "Good morning! This is Maria Silva.", "Maria Silva please"),
        *("Bonjour, je suis Maria Silva", "bonjour je m'appelle Maria Silva", "D'accord, c'est Maria Silva"),
        *("Hola, soy Maria Silva", "Buenos días, me llamo Maria Silva", "Claro que sí, Maria Silva"),
    ),
    "ليلى حداد": ("مرحبا، أنا ليلى حداد", "السلام عليكم، اسمي ليلى حداد", "مرحبا أنا ليلى حداد", "نعم، ليلى حداد"),
    "李明": ("您好，我是李明", "您好！我叫李明。", "你好我叫李明", "好的，李明", "好的我叫李明", "叫我李明"),
    "Мария Силва": (
        *("Здравствуйте, меня зовут Мария Силва", "Добрый день! Я Мария Силва", "Хорошо, это Мария Силва"),
    ),
    "آنا حداد": ("آنا حداد", "اسمي الصحيح آنا حداد"),
    "Mme Diallo": ("Bonjour, je suis Mme Diallo",),
    "An Le": ("An Le", "My name is An Le"),
    "Ne Win": ("Ne Win",),
}


@pytest.mark.parametrize(("said", "name"), [(said, name) for name, ways in INTRODUCED.items() for said in ways])
def test_who_introduces_themselves_is_known_by_the_name_alone(form: Form, said: str, name: str) -> None:
    filling = Filling(form, Draft("key", "response_package"))
    filling.say(said, "small_talk", 0.3)
    assert filling.draft.name == name


@pytest.mark.parametrize(
    "name",
    [
        *("Mme Aïssatou Diallo", "H.E. Mr. Ahmed Hassan", "S.E. M. Jean Dupont", "Excmo. Sr. D. Juan Pérez"),
        *("Dra. Lucía Rojas", "السيدة ليلى حداد", "سعادة السفير أحمد حسن", "د. ليلى حداد", "李明先生", "王安博士"),
        *("г-жа Мария Силва", "Его Превосходительство г-н Иван Петров"),
    ],
)
def test_titles_stay_with_the_name(form: Form, name: str) -> None:
    filling = Filling(form, Draft("key", "response_package"))
    filling.say(name)
    assert filling.draft.name == name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("My name is Maria Silva and I am from Peru", "Maria Silva"),
        ("Je m'appelle Maria Silva et je viens du Peru", "Maria Silva"),
        ("Me llamo Maria Silva y soy del Peru", "Maria Silva"),
        ("Меня зовут Мария Силва, и я из Peru", "Мария Силва"),
        ("اسمي ليلى حداد وأنا من Peru", "ليلى حداد"),
        ("我叫李明，我来自Peru", "李明"),
    ],
)
def test_where_one_is_from_said_with_the_name_is_not_asked(form: Form, said: str, name: str) -> None:
    filling = Filling(form, Draft("key", "response_package"))
    filling.say(said, PE="Peru")
    assert (filling.draft.name, filling.draft.origin) == (name, Origin("PE"))
    assert filling.asks(Step.EMAIL)


def test_in_chinese_a_name_may_follow_where_one_is_from(form: Form) -> None:
    for said in ("我是来自秘鲁的李明", "我是秘鲁代表李明"):
        filling = Filling(form, Draft("key", "response_package"))
        filling.say(said, PE="秘鲁")
        assert (filling.draft.name, filling.draft.origin) == ("李明", Origin("PE")), said


@pytest.mark.parametrize(
    "said",
    [
        *("I'd rather not say", "I don't want to give my name", "je préfère ne pas le dire", "prefiero no decirlo"),
        *("لا أريد ذكر اسمي", "不想说", "не хочу называть имя", "I told you already", "تمام", "好", "Ok."),
    ],
)
def test_who_declines_has_given_no_name(form: Form, said: str) -> None:
    filling = Filling(form, Draft("key", "response_package"))
    filling.say(said)
    assert filling.draft.name is None


@pytest.mark.parametrize(
    "said",
    [
        "What for?",
        "none of your business you know",
        "I am not happy with this",
        "not yet",
        "http://example.org",
        "+41 22 000 00 00",
        "<script>alert(1)</script>",
        "a b c d e f g h i j",
        "...",
        "x" * 500,
        "Maria{{7*7}}",
    ],
)
def test_what_is_no_name(form: Form, said: str) -> None:
    filling = Filling(form, Draft("key", "response_package"))
    filling.say(said)
    assert filling.draft.name is None


def test_a_name_that_is_also_a_state(form: Form) -> None:
    filling = Filling(form, Draft("key", "response_package"))
    filling.say("Jordan Brown", JO="Jordan")
    assert (filling.draft.name, filling.draft.origin) == ("Jordan Brown", None)


def test_a_state_alone_is_first_taken_for_the_state_and_then_for_the_name(form: Form) -> None:
    filling = Filling(form, Draft("key", "response_package"))
    assert filling.say("Chad", TD="Chad").note == "no_name"
    assert filling.draft.origin == Origin("TD")
    filling.say("Chad", TD="Chad")
    assert filling.draft.name == "Chad"


def test_a_name_holds_no_second_line(form: Form) -> None:
    filling = Filling(form, Draft("key", "response_package"))
    filling.say("Maria Silva\r\nBcc: everybody")
    assert filling.draft.name == "Maria Silva"


@pytest.mark.parametrize(
    ("said", "state", "origin"),
    [
        ("Peru", {"PE": "Peru"}, Origin("PE")),
        ("I'm from Ivory Coast", {"CI": "Ivory Coast"}, Origin("CI")),
        ("Permanent Mission of Peru", {"PE": "Peru"}, Origin("PE")),
        ("de la Côte d'Ivoire", {"CI": "Côte d'Ivoire"}, Origin("CI")),
        ("La República de Corea", {"KR": "República de Corea"}, Origin("KR")),
        ("أنا من بيرو", {"PE": "بيرو"}, Origin("PE")),
        ("我们来自秘鲁", {"PE": "秘鲁"}, Origin("PE")),
        ("秘鲁常驻代表团", {"PE": "秘鲁"}, Origin("PE")),
        ("мы из Перу", {"PE": "Перу"}, Origin("PE")),
        ("Ministry of Trade of Peru", {"PE": "Peru"}, Origin("PE", "Ministry of Trade of Peru")),
        ("I'm from the University of Ghana", {"GH": "Ghana"}, Origin("GH", "the University of Ghana")),
        ("WHO Regional Office for Africa", {}, Origin(None, "WHO Regional Office for Africa")),
        ("African Union", {}, Origin(None, "African Union")),
        ("国际商会", {}, Origin(None, "国际商会")),
        ("ARIPO", {}, Origin(None, "ARIPO")),
    ],
)
def test_where_one_is_from(form: Form, said: str, state: dict[str, Any], origin: Origin) -> None:
    filling = Filling(form, Draft("key", "response_package", "Maria"))
    filling.say(said, **state)
    assert filling.draft.origin == origin


def test_of_two_states_the_denied_one_is_not_meant(form: Form) -> None:
    filling = Filling(form, Draft("key", "response_package", "Maria"))
    for said in ("not Peru, Chile", "not from Peru, Chile", "I am not from the Peru, but Chile"):
        filling.say(said, PE="Peru", CL="Chile")
        assert filling.draft.origin is not None, said
        assert filling.draft.origin.member_state == "CL", said


@pytest.mark.parametrize(
    ("said", "code"), [("Urugay", "UY"), ("Kirgistan", "KG"), ("Колумбя", "CO"), ("Portugall", "PT")]
)
def test_a_misspelt_state_is_offered_back(form: Form, said: str, code: str) -> None:
    filling = Filling(form, Draft("key", "response_package", "Maria"))
    filling.say(said)
    assert filling.draft.offered_state == code
    kept = Filling(form, filling.draft)
    kept.say("no")
    assert kept.draft.origin == Origin(None, said)
    filling.say("yes")
    assert filling.draft.origin == Origin(code)


def test_a_name_and_an_origin_in_one_sentence(form: Form) -> None:
    for said, name in (
        ("Soy Lucía Rojas de la Misión Permanente de Bolivia", "Lucía Rojas"),
        ("I am Lucía Rojas from Bolivia", "Lucía Rojas"),
        ("Claire Dubois, délégation de Bolivia", "Claire Dubois"),
        ("أنا ليلى حداد من Bolivia", "ليلى حداد"),
    ):
        filling = Filling(form, Draft("key", "response_package"))
        filling.say(said, BO="Bolivia")
        assert (filling.draft.name, filling.draft.origin) == (name, Origin("BO"))


def test_who_has_no_address_is_told_why_one_is_needed(form: Form) -> None:
    draft = Draft("key", "response_package", "Maria", Origin("PE"))
    for said in ("I don't have an e-mail", "no tengo correo", "у меня нет почты", "没有邮箱", "ليس لدي بريد"):
        move = form.advance(draft, message(said, "open_question", 0.9))
        assert (move.act, move.note) == (Act.ASK, "no_email"), said


def test_two_states_are_no_certain_state(form: Form) -> None:
    said = "Joint office of Peru and Chile"
    states = (Mention("PE", said.index("Peru"), said.index("Peru") + 4), Mention("CL", 25, 30))
    filling = Filling(form, Draft("key", "response_package", "Maria"))
    filling.take(Message(said, None, "out_of_scope", 0.3, states))
    assert filling.draft.origin == Origin(None, said)


def test_a_question_of_one_word_is_none(form: Form) -> None:
    draft = Draft("key", "response_package", "Maria", Origin("PE"), "maria@example.org")
    assert form.advance(draft, message("Help")).note == "no_question"
    assert form.advance(draft, message("???")).note == "no_question"


@pytest.mark.parametrize("address", ["o'neil@example.org", "a&b@example.org", "first=last@example.org"])
def test_an_unusual_address_is_kept_whole(address: str) -> None:
    assert MailAddresses.checked(MailAddresses.in_text(f"Write to {address}") or "") == address


@pytest.mark.parametrize("address", ["josé@example.org", "müller@example.org"])
def test_an_address_that_mail_servers_may_not_know_is_refused_and_never_cut(address: str) -> None:
    assert MailAddresses.checked(MailAddresses.in_text(address) or "") is None
