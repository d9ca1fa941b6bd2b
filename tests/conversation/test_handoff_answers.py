"""What short answers and wishes in the form come to, in six languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation.handoff.draft import FIELDS, Draft, Origin, Step
from bot.conversation.handoff.form import Form
from bot.conversation.handoff.move import Act
from knowledge.base import KnowledgeBase
from tests.conversation.handoff import MARIA, Filling

OFFERED = Draft("key", "response_package", "Maria", Origin("PE"), "maria@example.org", found_question="Who pays?")
"""A draft with a question asked before, which is offered."""

NO_OBJECTION = [
    *("no problem", "No objection.", "I have no objection", "I don't mind", "not a problem", "no problem at all"),
    *("pas de problème", "aucun problème", "pas d'objection", "il n'y a pas de problème", "sans problème"),
    *("je n'y vois pas d'inconvénient", "no hay problema", "ningún inconveniente", "no tengo inconveniente"),
    *("no hay ningún problema", "sin objeciones", "no me opongo", "لا مانع", "لا مانع لدي", "لا يوجد أي مانع"),
    *("لا أمانع", "لا بأس", "لا توجد مشكلة", "ليس لدي أي اعتراض", "不介意", "没问题", "没有问题", "无异议"),
    *("没有异议", "我不反对", "没有任何意见", "нет возражений", "нет проблем", "без проблем", "не возражаю"),
    *("у меня нет возражений", "возражений не имею", "я не против"),
]
KEEP_ON = [
    *("I do not want to cancel", "don't cancel", "please don't cancel it", "do not stop", "no, don't cancel"),
    *("n'annulez pas", "je ne veux pas annuler", "ne pas annuler", "n'arrêtez pas, s'il vous plaît"),
    *("no quiero cancelar", "no cancele", "por favor no lo cancelen", "no deseo anular"),
    *("لا أريد الإلغاء", "لا تلغوا", "لا أرغب في الإلغاء", "لا تلغوا السؤال من فضلكم"),
    *("不要取消", "别取消", "我不想取消", "请不要取消", "不是要取消"),
    *("не отменяйте", "не надо отменять", "я не хочу отменять", "пожалуйста, не отменяйте вопрос"),
]
CANCEL = [
    *("no, cancel", "ok, cancel it", "cancel my question", "non, annulez", "d'accord, annulez la question"),
    *("no, cancele", "sí, cancele la pregunta", "لا، ألغوه", "نعم ألغوا", "不，取消", "好的，取消", "нет, отмените"),
    *("да, отменяйте",),
]
ANOTHER = [
    *("another question", "I have another question", "ask a different question", "one more question"),
    *("une autre question", "poser une autre question", "j'ai une autre question", "otra pregunta"),
    *("tengo otra pregunta", "quiero hacer otra pregunta", "سؤال آخر", "لدي سؤال آخر", "أريد طرح سؤال آخر"),
    *("另一个问题", "我有另一个问题", "换一个问题", "其他问题", "другой вопрос", "у меня другой вопрос"),
    *("задать ещё один вопрос",),
]
THE_OTHER = ["another one", "no, another", "une autre", "otra", "آخر", "换一个", "другой", "change it", "modifiez-la"]
ABOUT_SOMETHING_ELSE = [
    *("send this question", "send it", "send my question", "yes, send my question", "try again", "all good"),
    *("the address is right", "use it", "I agree with the question", "my boss said yes"),
    *("envoyez", "envoyer cette question", "oui, envoyez ma question", "tout est correct", "c'est la bonne adresse"),
    *("enviar esta pregunta", "envíela", "sí, envíe la pregunta", "todo correcto", "أرسل هذا السؤال", "أرسلها"),
    *("نعم، أرسلوا السؤال", "كل شيء صحيح", "العنوان صحيح", "发送", "发送这个问题", "好的，发送问题", "内容无误"),
    *("отправьте этот вопрос", "отправляйте", "да, отправьте вопрос", "всё верно", "адрес верный"),
    *("there is a problem", "c'est un problème", "hay un problema", "هناك مشكلة", "есть проблемы", "有意见"),
    *("skip", "I don't know", "не знаю", "不知道", "لا أعرف", "no sé", "je ne sais pas"),
]
GIVEN = [
    *("certainly", "yes, of course", "oui, bien sûr", "sí, claro", "نعم، بالطبع", "好的，当然", "да, конечно"),
    *("yes", "Yes, send it along", "yes please do", "attach it", "sure, include the conversation", "oui"),
    *("joignez la conversation", "oui, joignez-la", "sí, adjúntela", "adjunte la conversación", "claro que sí"),
    *("نعم، أرفقها", "أرفقوا المحادثة من فضلكم", "好的", "可以一并发送", "请附上对话", "да", "приложите беседу"),
    *("да, приложите",),
]
REFUSED = [
    *("no", "yes, but only my question", "only the question", "don't attach it", "without the conversation"),
    *("better not", "no, not this time please", "oui, mais seulement ma question", "ne la joignez pas"),
    *("envoyez seulement ma question", "sí, pero solo mi pregunta", "no la adjunte", "لا شكرا", "نعم لكن السؤال فقط"),
    *("لا ترفقوا المحادثة", "可以，但只发问题", "不要附上对话", "не стоит", "да, но только вопрос"),
    *("не прикладывайте беседу",),
]


@pytest.fixture(scope="session")
def form(base: KnowledgeBase) -> Form:
    return Form(base)


def at(step: Step) -> Draft:
    return MARIA if step is Step.REVIEW else MARIA.asking(step)


@pytest.mark.parametrize("said", NO_OBJECTION)
def test_to_have_no_objection_is_to_agree(form: Form, said: str) -> None:
    consent = Filling(form, replace(MARIA, consent=None))
    consent.say(said, "small_talk", 0.9)
    assert consent.draft.consent is True
    assert Filling(form, MARIA).say(said).act is Act.SEND


@pytest.mark.parametrize("said", KEEP_ON)
@pytest.mark.parametrize("step", [*FIELDS, Step.REVIEW])
def test_not_to_cancel_asks_the_step_again(form: Form, step: Step, said: str) -> None:
    filling = Filling(form, at(step))
    assert filling.say(said, "small_talk", 0.9).act is Act.ASK
    assert filling.draft == at(step)


@pytest.mark.parametrize("said", CANCEL)
@pytest.mark.parametrize("step", [*FIELDS, Step.REVIEW])
def test_a_yes_or_no_beside_the_wish_to_cancel_cancels(form: Form, step: Step, said: str) -> None:
    assert Filling(form, at(step)).say(said).act is Act.CANCEL


@pytest.mark.parametrize("said", ANOTHER)
def test_another_question_asks_for_it(form: Form, said: str) -> None:
    for draft in (at(Step.QUESTION), OFFERED, at(Step.CONSENT), MARIA, at(Step.NAME)):
        filling = Filling(form, draft)
        assert filling.say(said).act is Act.ASK
        assert filling.asks(Step.QUESTION)
        assert filling.draft.found_question is None, "the question asked before is not offered again"
        assert filling.draft.question == draft.question, "what was written stays until there is another"
        filling.say("Who may apply for a scholarship?", "skills_and_capacity_building", 0.9)
        assert filling.draft.question == "Who may apply for a scholarship?"
    waiting = Filling(form, replace(OFFERED, again=True, found_question=None))
    waiting.say(said)
    assert waiting.asks(Step.QUESTION), "whether to write another question is answered"


@pytest.mark.parametrize("said", THE_OTHER)
def test_another_than_the_one_offered(form: Form, said: str) -> None:
    filling = Filling(form, OFFERED)
    filling.say(said)
    assert filling.asks(Step.QUESTION)
    assert (filling.draft.question, filling.draft.found_question) == (None, None)


@pytest.mark.parametrize("said", ABOUT_SOMETHING_ELSE)
def test_a_sentence_about_something_else_gives_no_consent(form: Form, said: str) -> None:
    filling = Filling(form, replace(MARIA, consent=None))
    assert filling.say(said).note == "yes_or_no"
    assert filling.draft.consent is None
    assert filling.asks(Step.CONSENT)


@pytest.mark.parametrize("said", GIVEN)
def test_consent_in_words(form: Form, said: str) -> None:
    filling = Filling(form, replace(MARIA, consent=None))
    filling.say(said)
    assert filling.draft.consent is True


@pytest.mark.parametrize("said", REFUSED)
def test_a_refusal_in_words(form: Form, said: str) -> None:
    filling = Filling(form, replace(MARIA, consent=None))
    filling.say(said)
    assert filling.draft.consent is False


@pytest.mark.parametrize(
    ("with_it", "without_it"),
    [
        ("attach the conversation", "don't attach the conversation"),
        ("joignez la conversation", "sans la conversation"),
        ("adjunte la conversación", "solo mi pregunta"),
        ("أرفقوا المحادثة", "لا ترفقوا المحادثة"),
        ("附上对话", "只发问题"),
        ("приложите беседу", "без беседы"),
    ],
)
def test_consent_is_changed_at_the_review_in_one_sentence(form: Form, with_it: str, without_it: str) -> None:
    filling = Filling(form, MARIA)
    for said, consent in ((without_it, False), (with_it, True), (with_it, True)):
        assert filling.say(said).act is Act.ASK
        assert filling.draft == replace(MARIA, consent=consent)


@pytest.mark.parametrize("said", ["yes", "oui", "sí", "نعم", "是的", "да"])
def test_a_yes_answers_what_is_asked_and_not_the_state_noted_before_it(form: Form, said: str) -> None:
    draft = replace(MARIA, consent=None, origin=Origin("CL"), unconfirmed=True)
    filling = Filling(form, draft)
    filling.say(said)
    assert filling.draft.consent is True
    assert Filling(form, replace(MARIA, unconfirmed=True)).say(said).act is Act.SEND


@pytest.mark.parametrize(
    "said",
    [
        *("the name is wrong", "the name is not right", "le nom est faux", "mi nombre está mal", "الاسم غير صحيح"),
        *("名字不对", "имя неверное", "yes, but change the name", "el nombre no es correcto"),
    ],
)
def test_a_field_that_is_not_right_is_asked_again(form: Form, said: str) -> None:
    filling = Filling(form, MARIA)
    filling.say(said)
    assert filling.asks(Step.NAME)


@pytest.mark.parametrize(
    "said", ["yes", "sí", "好的", "нет", "شكرا", "please help me", "пропустить", "跳过", "envoyez"]
)
@pytest.mark.parametrize(
    ("step", "note"), [(Step.NAME, "no_name"), (Step.FROM, "no_origin"), (Step.QUESTION, "no_question")]
)
def test_the_words_of_the_form_alone_are_no_value(form: Form, step: Step, note: str, said: str) -> None:
    filling = Filling(form, at(step))
    assert filling.say(said).note == note
    assert filling.draft == at(step)


@pytest.mark.parametrize("said", ["ok", "d'accord", "vale", "حسنا", "好的", "хорошо"])
def test_a_bare_yes_to_a_step_that_asks_for_a_value_is_no_small_talk(form: Form, said: str) -> None:
    for step in (Step.NAME, Step.FROM, Step.EMAIL, Step.QUESTION):
        filling = Filling(form, at(step))
        assert filling.say(said, "small_talk", 1.0).act is Act.ASK
        assert filling.draft == at(step)


@pytest.mark.parametrize(
    "said",
    ["I want to talk to a human being", "je voudrais parler à quelqu'un", "我想和真人说话", "أريد التحدث إلى شخص"],
)
def test_the_wish_for_a_person_is_no_question_to_one(form: Form, said: str) -> None:
    filling = Filling(form, Draft("key", "response_package", "Maria", Origin("PE"), "maria@example.org"))
    assert filling.say(said, "ask_for_person", 0.98).act is Act.ASK
    assert filling.draft.question is None


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step.NAME, "Why do you need my name?"),
        (Step.FROM, "¿Por qué necesitan mi país?"),
        (Step.EMAIL, "Pourquoi vous faut-il mon adresse ?"),
        (Step.EMAIL, "لماذا تحتاجون بريدي؟"),
        (Step.EMAIL, "为什么需要邮箱？"),
        (Step.CONSENT, "Зачем прилагать беседу?"),
        *((step, "why?") for step in (Step.NAME, Step.FROM, Step.EMAIL, Step.CONSENT)),
    ],
)
def test_what_a_field_is_for_is_said_when_asked(form: Form, base: KnowledgeBase, step: Step, said: str) -> None:
    filling = Filling(form, at(step))
    move = filling.say(said, "open_question", 0.9)
    assert (move.act, move.note) == (Act.ASK, f"why_{step}")
    assert filling.draft == at(step)
    assert all(f"handoff.note.why_{step}" in phrases for phrases in base.phrases.values())


def test_why_of_something_else_is_a_question_to_the_assistant(form: Form) -> None:
    filling = Filling(form, at(Step.EMAIL))
    assert filling.say("Why is ARDI not free?", "innovation_support", 0.9).act is Act.ANSWER
