"""The form from its first step to its last, in six languages."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.conversation.handoff.draft import FIELDS, Draft, Origin, Step
from bot.conversation.handoff.form import Form
from bot.conversation.handoff.move import Act
from knowledge.base import KnowledgeBase
from tests.conversation.handoff import MARIA, Filling, message, press


@pytest.fixture(scope="session")
def form(base: KnowledgeBase) -> Form:
    return Form(base)


@pytest.fixture
def empty(form: Form) -> Filling:
    return Filling(form, Draft("key", "response_package"))


@dataclass(frozen=True)
class Spoken:
    """What a delegate says in one language on the way through the form."""

    name: str
    wanted_name: str
    origin: str
    state: str
    question: str
    yes: str
    no: str
    send: str
    cancel: tuple[str, ...]
    back: str
    change_email: str
    new_name: str
    newly_named: str
    aside: str
    early: str


LANGUAGES = {
    "en": Spoken(
        name="My name is Maria Silva.",
        wanted_name="Maria Silva",
        origin="I am from Peru",
        state="Peru",
        question="Could our office host a workshop next year?",
        yes="Yes, please",
        no="No, thank you",
        send="Yes, send it",
        cancel=("cancel", "Please cancel", "forget it", "Never mind.", "stop", "I've changed my mind", "no, cancel it"),
        back="go back",
        change_email="I would like to change my e-mail address",
        new_name="no, my name is Ana Silva",
        newly_named="Ana Silva",
        aside="What is a TISC?",
        early="I am Maria Silva from Peru, maria@example.org, please let someone call me",
    ),
    "fr": Spoken(
        name="Je m'appelle Maria Silva",
        wanted_name="Maria Silva",
        origin="Je suis du Pérou",
        state="Pérou",
        question="Notre office pourrait-il accueillir un atelier l'an prochain ?",
        yes="Oui, merci",
        no="Non merci",
        send="Oui, envoyez",
        cancel=("annuler", "Annulez, s'il vous plaît", "laisse tomber", "Laissez tomber", "j'ai changé d'avis", "stop"),
        back="retour",
        change_email="je voudrais modifier mon adresse électronique",
        new_name="non, mon nom est Ana Silva",
        newly_named="Ana Silva",
        aside="Qu'est-ce qu'un CATI ?",
        early="Bonjour, je suis Maria Silva, du Pérou, maria@example.org, quelqu'un peut-il m'appeler ?",
    ),
    "es": Spoken(
        name="Me llamo Maria Silva",
        wanted_name="Maria Silva",
        origin="Soy del Perú",
        state="Perú",
        question="¿Podría nuestra oficina acoger un taller el próximo año?",
        yes="Sí, por favor",
        no="No, gracias",
        send="Sí, envíela",
        cancel=("cancelar", "Quiero cancelar", "déjelo", "olvídalo", "no importa, déjalo", "he cambiado de opinión"),
        back="volver atrás",
        change_email="quisiera cambiar mi correo electrónico",
        new_name="no, mi nombre es Ana Silva",
        newly_named="Ana Silva",
        aside="¿Qué es un CATI?",
        early="Soy Maria Silva, de Perú, maria@example.org, que alguien me llame por favor",
    ),
    "ar": Spoken(
        name="اسمي ليلى حداد",
        wanted_name="ليلى حداد",
        origin="أنا من بيرو",
        state="بيرو",
        question="هل يمكن لمكتبنا استضافة حلقة عمل في العام المقبل؟",
        yes="نعم من فضلك",
        no="لا شكرا",
        send="نعم أرسلها",
        cancel=("إلغاء", "اترك الأمر", "ألغوا الطلب من فضلك", "خلاص", "غيرت رأيي", "انس الأمر"),
        back="رجوع",
        change_email="أريد تغيير البريد الإلكتروني",
        new_name="لا، اسمي آنا حداد",
        newly_named="آنا حداد",
        aside="ما هو مركز دعم التكنولوجيا؟",
        early="أنا ليلى حداد من بيرو، maria@example.org، أرجو أن يتصل بي أحد",
    ),
    "zh": Spoken(
        name="我叫李明",
        wanted_name="李明",
        origin="我来自秘鲁",
        state="秘鲁",
        question="我局明年能否承办一次研讨会？",
        yes="是的",
        no="不用，谢谢",
        send="是的，发送吧",
        cancel=("取消", "算了", "我想取消", "请取消", "改主意了", "不用了"),
        back="上一步",
        change_email="我想修改邮箱",
        new_name="不对，我叫王安",
        newly_named="王安",
        aside="什么是TISC？",
        early="我叫李明，来自秘鲁，maria@example.org，请派人联系我",
    ),
    "ru": Spoken(
        name="Меня зовут Мария Силва",
        wanted_name="Мария Силва",
        origin="Я из Перу",
        state="Перу",
        question="Может ли наше ведомство провести семинар в следующем году?",
        yes="Да, пожалуйста",
        no="Нет, спасибо",
        send="Да, отправляйте",
        cancel=("отмена", "Отмените, пожалуйста", "не надо", "забудьте", "я передумала", "хватит"),
        back="назад",
        change_email="хочу изменить адрес электронной почты",
        new_name="нет, меня зовут Анна Силва",
        newly_named="Анна Силва",
        aside="Что такое ЦПТИ?",
        early="Меня зовут Мария Силва, я из Перу, maria@example.org, пусть мне кто-нибудь позвонит",
    ),
}
each_language = pytest.mark.parametrize("spoken", LANGUAGES.values(), ids=LANGUAGES)


@each_language
def test_the_whole_way(empty: Filling, spoken: Spoken) -> None:
    empty.say(spoken.name)
    assert empty.draft.name == spoken.wanted_name
    empty.say(spoken.origin, PE=spoken.state)
    assert empty.draft.origin == Origin("PE")
    assert empty.draft.unconfirmed, "the member state is to be shown with the next step"
    empty.say("maria@example.org")
    assert empty.draft.email == "maria@example.org"
    empty.say(spoken.question, "skills_and_capacity_building", 0.9)
    assert empty.draft.question == spoken.question
    empty.say(spoken.yes)
    assert empty.draft.consent is True
    assert empty.asks(Step.REVIEW)
    assert empty.say(spoken.send).act is Act.SEND
    assert all(move.note is None for move in empty.moves)


@each_language
def test_no_consent_is_as_good(form: Form, spoken: Spoken) -> None:
    filling = Filling(form, MARIA.asking(Step.CONSENT))
    filling.say(spoken.no)
    assert filling.draft.consent is False
    assert filling.asks(Step.REVIEW)


@each_language
@pytest.mark.parametrize("step", [*FIELDS, Step.REVIEW])
def test_it_is_cancelled_at_any_step_in_any_words(form: Form, spoken: Spoken, step: Step) -> None:
    draft = MARIA if step is Step.REVIEW else MARIA.asking(step)
    # Where only a yes or no was asked for, "no need" is a no.
    words = spoken.cancel if step is not Step.CONSENT else spoken.cancel[:1]
    for said in words:
        assert Filling(form, draft).say(said, "small_talk", 0.9).act is Act.CANCEL, said
    assert Filling(form, draft).press("cancel").act is Act.CANCEL


@each_language
def test_a_step_back(form: Form, spoken: Spoken) -> None:
    filling = Filling(form, MARIA)
    filling.say(spoken.back)
    assert filling.asks(Step.CONSENT)
    filling.say(spoken.back)
    assert filling.asks(Step.QUESTION)


@each_language
def test_a_field_is_changed_from_the_review(form: Form, spoken: Spoken) -> None:
    filling = Filling(form, MARIA)
    filling.say(spoken.change_email)
    assert filling.asks(Step.EMAIL)
    filling.say("ana@example.org")
    assert filling.draft.email == "ana@example.org"
    assert filling.asks(Step.REVIEW)


@each_language
@pytest.mark.parametrize("step", [Step.FROM, Step.EMAIL, Step.QUESTION, Step.CONSENT, Step.REVIEW])
def test_a_name_is_corrected_from_anywhere(form: Form, spoken: Spoken, step: Step) -> None:
    filling = Filling(form, MARIA if step is Step.REVIEW else MARIA.asking(step))
    filling.say(spoken.new_name)
    assert filling.draft.name == spoken.newly_named
    assert filling.asks(step)
    assert filling.draft.question == MARIA.question


@each_language
@pytest.mark.parametrize("step", [Step.NAME, Step.FROM, Step.EMAIL, Step.CONSENT, Step.REVIEW])
def test_a_question_to_the_assistant_is_none_to_a_person(form: Form, spoken: Spoken, step: Step) -> None:
    draft = MARIA if step is Step.REVIEW else MARIA.asking(step)
    filling = Filling(form, draft)
    assert filling.say(spoken.aside, "innovation_support", 0.98).act is Act.ANSWER
    assert filling.draft == draft, "the step is asked again"


@each_language
def test_what_the_wish_itself_tells_is_not_asked(form: Form, spoken: Spoken) -> None:
    draft = form.begin(Draft("key", "response_package"), message(spoken.early, "ask_for_person", PE=spoken.state))
    assert draft.name in {spoken.wanted_name, "Maria Silva"}
    assert draft.origin == Origin("PE")
    assert draft.email == "maria@example.org"
    assert draft.step is Step.QUESTION


@pytest.mark.parametrize(
    "wish",
    [
        "I want to talk to somebody",
        "I'm not satisfied with you, give me a person",
        "this is useless, I want a human",
        "Je suis pressé, je veux parler à quelqu'un",
        "Soy delegado y quiero hablar con alguien",
        "أنا لا أفهم، أريد شخصا",
        "我是代表，请转人工",
        "Я хочу поговорить с человеком",
    ],
)
def test_a_wish_that_tells_nothing_is_not_taken_for_a_name(form: Form, wish: str) -> None:
    draft = form.begin(Draft("key", "response_package"), message(wish, "ask_for_person"))
    assert draft.name is None
    assert draft.origin is None


def test_a_state_that_is_spoken_of_is_not_where_one_is_from(form: Form) -> None:
    wish = message("Can I talk to somebody who knows what was done in Bhutan?", "ask_for_person", BT="Bhutan")
    assert form.begin(Draft("key", "response_package"), wish).origin is None


def test_a_question_behind_a_colon_is_the_question(form: Form) -> None:
    wish = message("Please forward this to a person: can the fund pay for laboratory equipment?", "ask_for_person")
    draft = form.begin(Draft("key", "response_package"), wish)
    assert draft.found_question == "can the fund pay for laboratory equipment?"


def test_everything_in_one_answer(empty: Filling) -> None:
    empty.say("Maria Silva, Permanent Mission of Peru, maria@example.org", PE="Peru")
    assert (empty.draft.name, empty.draft.origin, empty.draft.email) == (
        "Maria Silva",
        Origin("PE"),
        "maria@example.org",
    )
    assert empty.asks(Step.QUESTION)


def test_what_was_asked_before_is_offered_as_the_question(form: Form) -> None:
    draft = Draft("key", "response_package", "Maria Silva", Origin("PE"), "maria@example.org", found_question="Why?")
    kept = Filling(form, draft)
    kept.press("yes")
    assert kept.draft.question == "Why?"
    other = Filling(form, draft)
    other.press("change:question")
    assert other.draft.found_question is None
    other.say("Who pays for the training in our region?", "skills_and_capacity_building", 0.9)
    assert other.draft.question == "Who pays for the training in our region?"


def test_a_wrong_state_is_put_right_at_the_next_step(form: Form) -> None:
    for said in ("No, Chile", "no, I'm from Chile", "Chile"):
        filling = Filling(form, Draft("key", "response_package", "Maria", Origin("PE"), unconfirmed=True))
        filling.say(said, CL="Chile")
        assert filling.draft.origin == Origin("CL"), said
        assert filling.asks(Step.EMAIL)
    denied = Filling(form, Draft("key", "response_package", "Maria", Origin("PE"), unconfirmed=True))
    denied.say("no")
    assert denied.asks(Step.FROM)


def test_an_address_in_the_question_belongs_to_the_question(form: Form) -> None:
    filling = Filling(form, MARIA.asking(Step.QUESTION))
    filling.say("Is info@example.org still the address for applications?", "response_package", 0.9)
    assert filling.draft.question == "Is info@example.org still the address for applications?"
    assert filling.draft.email == MARIA.email


def test_an_address_alone_corrects_the_address_at_any_step(form: Form) -> None:
    for step in (Step.FROM, Step.QUESTION, Step.CONSENT):
        filling = Filling(form, MARIA.asking(step))
        filling.say("my e-mail is ana@example.org")
        assert filling.draft.email == "ana@example.org"
        assert filling.asks(step)


@pytest.mark.parametrize("said", ["Thank you", "Good, thanks a lot for your help. Goodbye!", "hello"])
def test_courtesy_is_no_name(empty: Filling, said: str) -> None:
    assert empty.say(said, "small_talk", 1.0).act is Act.ANSWER
    assert empty.draft.name is None


def test_asking_for_a_person_again_asks_the_step_again(form: Form) -> None:
    for step in FIELDS:
        filling = Filling(form, MARIA.asking(step))
        assert filling.say("I want a human", "ask_for_person", 1.0).act is Act.ASK
        assert filling.asks(step)


def test_another_question_while_one_waits(form: Form) -> None:
    waiting = Draft("key", "response_package", "Maria", Origin("PE"), "maria@example.org", again=True)
    agreed = Filling(form, waiting)
    agreed.say("yes")
    assert agreed.asks(Step.QUESTION)
    declined = Filling(form, waiting)
    assert declined.say("no").act is Act.KEEP
    aside = form.advance(waiting, message("What is ARDI?", "innovation_support", 0.9))
    assert (aside.act, aside.draft) == (Act.ANSWER, None)
    assert form.advance(waiting, press("another")).draft is not None


def test_a_change_that_is_not_made_after_all(form: Form) -> None:
    filling = Filling(form, MARIA)
    filling.say("no")
    assert filling.asks(Step.FIELD)
    filling.say("no")
    assert filling.asks(Step.REVIEW)
    filling.press("change")
    filling.say("the name")
    assert filling.asks(Step.NAME)


def test_a_button_of_an_earlier_step_does_no_harm(form: Form) -> None:
    for pressed in ("send", "yes", "another"):
        filling = Filling(form, MARIA.asking(Step.NAME))
        assert filling.press(pressed).act is Act.ASK
        assert filling.draft.name == MARIA.name


@pytest.mark.parametrize("said", ["no thanks, all good", "non, c'est bon", "no, está bien así", "нет, хорошо"])
def test_a_friendly_no_is_a_no(form: Form, said: str) -> None:
    filling = Filling(form, MARIA.asking(Step.CONSENT))
    filling.say(said)
    assert filling.draft.consent is False


@pytest.mark.parametrize("said", ["do not send it", "of course not", "not correct", "no la envíe", "ne l'envoyez pas"])
def test_a_no_at_the_review_sends_nothing(form: Form, said: str) -> None:
    assert Filling(form, MARIA).say(said).act is not Act.SEND


@pytest.mark.parametrize("said", ["好像不行", "行政规定不允许"])
def test_a_word_that_begins_like_a_yes_is_none(form: Form, said: str) -> None:
    assert Filling(form, MARIA.asking(Step.CONSENT)).say(said).note == "yes_or_no"


def test_correct_alone_agrees_at_the_review(form: Form) -> None:
    assert Filling(form, MARIA).say("oui correct").act is Act.SEND
    assert Filling(form, MARIA).say("correct the name").draft == MARIA.asking(Step.NAME)


def test_a_very_long_message_is_read_in_no_time(form: Form) -> None:
    for text in ("no " * 660, "我的" * 1000, "my the " * 280, "change " * 280, "@" * 2000, "a@" * 1000):
        for step in FIELDS:
            Filling(form, MARIA.asking(step)).say(text.strip())
