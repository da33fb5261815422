"""Every technique file against its contract, and what each of them does."""

import re
from dataclasses import replace

import pytest

from chains.asking import STEP
from chains.errors import TechniqueNotFound
from chains.examples import default_examples
from chains.neutral import neutralise
from chains.prompting import letter, turns
from chains.question import Example, Message, Prompt, Question, Template
from chains.steps import Call
from chains.techniques import Technique, technique, techniques
from tests.fakes import passage
from vectorstore.passage import Passage

EVERY = pytest.mark.parametrize("one", techniques().values(), ids=lambda one: one.key)
HOSTILE = "{x} {{y}} {0.__class__} {% for z in [] %} %(a)s $b \\n 한글"
TEXTS = [
    "Denver.",
    "First, 3 + 4 = 7.\nThen 7 * 2 = 14.\n\nAnswer: 14",
    "We add them. So the answer is **14**.",
    "**Final answer:** 14\nBecause of this.",
    "먼저 더해요. 따라서 답은 14예요.",
    "먼저 더해요.\n정답: 14",
    "I know the answer is in the text. It says 14.",
    "One paragraph.\n\nAnother paragraph: the answer:\n\n",
    "Answer:",
    "So the",
    "  \n Step 1. Think.\nStep 2. Answer the question.\nAnswer: yes. Answer: no.",
    "",
]


FIRST_ADD = "The answer: first we add. 3 + 4 = 7.\n\nAnswer: 7"
TEXTS += [FIRST_ADD, "The answer is not 5. The answer is 6.", "Answer: 7\n\nAnswer:", "Answer: Answer:\nx"]


def test_the_folder_is_the_list() -> None:
    assert list(techniques()) == [
        "zero_shot",
        "few_shot",
        "few_shot_similar",
        "chain_of_thought",
        "chain_of_thought_few_shot",
        "self_consistency",
        "least_to_most",
        "step_back",
        "generated_knowledge",
        "plan_and_solve",
        "self_refine",
        "chain_of_verification",
        "react",
        "tree_of_thoughts",
        "role",
        "template",
    ]


@pytest.mark.parametrize("key", ["nothing", "", "__init__", "../zero_shot", "Zero_Shot"])
def test_an_unknown_key_is_refused_by_name(key: str) -> None:
    with pytest.raises(TechniqueNotFound, match="zero_shot, few_shot, few_shot_similar, chain_of_thought"):
        technique(key)


def ready(one: Technique, question: Question) -> Question:
    """One technique asks with the person's own template, and cannot without."""
    return (
        replace(question, template=Template("mine", "", "{question}")) if one.key == "template" else question
    )


def first_call(one: Technique, question: Question, passages: tuple[Passage, ...] = ()) -> Call:
    """What a technique asks the model first."""
    wanted, *_ = next(one.run(ready(one, question), passages))
    assert isinstance(wanted, Call)
    return wanted


def built(one: Technique, question: Question, passages: tuple[Passage, ...] = ()) -> Prompt:
    return first_call(one, question, passages).build(ready(one, question), passages)


@EVERY
def test_it_says_what_it_is_in_both_languages(one: Technique) -> None:
    for text in (one.label, one.help):
        assert set(text) == {"en", "ko"}
        assert all(words.strip() for words in text.values())
    assert one.help["en"].endswith(".") and one.help["ko"].endswith("요.")
    assert one.paper.title == one.paper.title.strip() != ""
    assert re.fullmatch(r"https://arxiv\.org/abs/\d{4}\.\d{5}", one.paper.url)


def test_no_two_techniques_are_called_or_stand_alike() -> None:
    for of in (lambda one: one.label["en"], lambda one: one.label["ko"], lambda one: one.order):
        assert len({of(one) for one in techniques().values()}) == len(techniques())


@EVERY
def test_it_says_why_where_passages_are_not_optional(one: Technique) -> None:
    assert one.retrieval in {"optional", "needed", "unused"}
    assert (one.retrieval_note is None) == (one.retrieval == "optional")
    if one.retrieval_note is not None:
        assert one.retrieval_note["en"].endswith(".") and one.retrieval_note["ko"].endswith("요.")


@EVERY
@pytest.mark.parametrize("grounded", [False, True])
@pytest.mark.parametrize("text", ["Why is that?", "왜 그런가요?"])
def test_its_prompt_begins_with_one_system_message_and_ends_with_the_person(
    one: Technique, grounded: bool, text: str
) -> None:
    history = (Message("user", "Before?"), Message("assistant", "Yes."))
    passages = (passage("A text."), passage("Another.", page=7)) if grounded else ()
    messages = built(one, Question(text, history), passages).messages
    assert [message.role for message in messages].count("system") == 1
    assert messages[0].role == "system" and messages[0].content.strip()
    roles = [message.role for message in messages[1:]]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"]
    assert history == messages[-3:-1]
    assert text in messages[-1].content
    for n, piece in enumerate(passages, start=1):
        assert f"[{n}] (notes.txt" in messages[-1].content
        assert piece.text in messages[-1].content


@EVERY
def test_the_persons_own_instruction_replaces_the_usual_one_but_that_of_a_step(one: Technique) -> None:
    for passages in ((), (passage("A text."),)):
        usual = built(one, Question("Why?"), passages)
        own = built(one, Question("Why?", system="Be {kind}."), passages)
        step = usual.messages[0].content == STEP["en"]
        assert own.messages[0] == (usual.messages[0] if step else Message("system", "Be {kind}."))
        assert own.messages[1:] == usual.messages[1:]
        assert built(one, Question("Why?", system=" \n"), passages) == usual


@EVERY
def test_a_korean_question_is_asked_in_korean(one: Technique) -> None:
    for passages in ((), (passage("본문"),)):
        korean = built(one, Question("왜 그런가요?", language="en"), passages).messages
        assert re.search("답하세요|쓰세요", korean[0].content)
        chosen = built(one, Question("1 + 1 = ?", language="ko"), passages).messages
        assert re.search("답하세요|쓰세요", chosen[0].content)
        english = built(one, Question("Why?"), passages).messages
        assert english[0].content.isascii()


@EVERY
def test_text_of_people_and_documents_arrives_letter_by_letter(one: Technique) -> None:
    history = (Message("user", HOSTILE + "1"), Message("assistant", HOSTILE + "2"))
    question = Question(HOSTILE + "3", history, system=HOSTILE + "4", examples=(Example(HOSTILE, HOSTILE),))
    messages = built(one, question, (passage(HOSTILE + "5", HOSTILE + "6"),)).messages
    sent = "\n".join(message.content for message in messages)
    step = messages[0].content == STEP["ko"]
    for n in "12356" if step else "123456":
        assert HOSTILE + n in sent
    assert neutralise(sent) == sent


@EVERY
@pytest.mark.parametrize("text", TEXTS)
def test_what_is_shown_only_grows(one: Technique, text: str) -> None:
    reasoning, answer, read = "", "", first_call(one, Question("Why?")).read
    for end in range(len(text) + 1):
        thought, said = read(text[:end], False)
        assert (thought or "").startswith(reasoning), (end, thought, reasoning)
        assert said.startswith(answer), (end, said, answer)
        reasoning, answer = thought or "", said


@EVERY
@pytest.mark.parametrize("text", TEXTS)
def test_nothing_the_model_meant_is_lost(one: Technique, text: str) -> None:
    reasoning, answer = first_call(one, Question("Why?")).read(text, True)
    assert answer == answer.strip()
    assert reasoning is None or reasoning == reasoning.strip() != ""
    assert answer in text
    assert answer or text in {"", "Answer:"}


# few-shot -------------------------------------------------------------------------------------------------


def test_few_shot_shows_the_examples_as_turns() -> None:
    mine = (Example("2+2?", "4"), Example("3+3?", "6"))
    messages = built(technique("few_shot"), Question("5+5?", examples=mine), ()).messages
    assert [message.content for message in messages[1:]] == ["2+2?", "4", "3+3?", "6", "5+5?"]


def test_few_shot_without_examples_is_zero_shot() -> None:
    question = Question("5+5?", examples=())
    assert built(technique("few_shot"), question, ()) == built(technique("zero_shot"), question, ())


@pytest.mark.parametrize(("text", "language"), [("Why?", "en"), ("왜요?", "ko")])
def test_few_shot_chooses_its_examples_by_language_and_passages(text: str, language: str) -> None:
    for passages in ((), (passage("본문"),)):
        examples = default_examples(language, grounded=bool(passages))
        assert (
            built(technique("few_shot"), Question(text), passages).messages[1].content == examples[0].question
        )
    assert "[1]" in examples[0].question


# chain of thought -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("3 + 4 = 7.\n\nAnswer: 7", "3 + 4 = 7.", "7"),
        ("3 + 4 = 7. So the answer is 7.", "3 + 4 = 7.", "7."),
        ("3 + 4 = 7, so the answer is 7.", "3 + 4 = 7,", "7."),
        ("Add.\n**Answer:** 7", "Add.", "7"),
        ("Add.\n**Answer**: 7", "Add.", "7"),
        ("ANSWER: 7", None, "7"),
        ("더하면 7이에요.\n정답: 7", "더하면 7이에요.", "7"),
        ("더하면 7이에요. 따라서 답은 7이에요.", "더하면 7이에요.", "7이에요."),
        ("Add them.\n\nThat makes 7.", "Add them.", "That makes 7."),
        ("That makes 7.", None, "That makes 7."),
        ("Add them.\n\nThat makes 7.\n\nAnswer:", "Add them.", "That makes 7."),
        ("I know the answer is near.", None, "I know the answer is near."),
        (FIRST_ADD, "The answer: first we add. 3 + 4 = 7.", "7"),
        ("The answer is not 5. The answer is 6.", "The answer is not 5.", "6."),
        ("The answer is 6. The answer is not 5.", None, "6. The answer is not 5."),
        ("The answer is not known.", None, "not known."),
        ("3 + 4 = 8.\nAnswer: 8\nNo, wait.\nAnswer: 7", "3 + 4 = 8.\nAnswer: 8\nNo, wait.", "7"),
        ("Add them.\nAnswer: 7\n\nAnswer:", "Add them.", "7"),
        ("정답: 먼저 더해요. 3 + 4 = 7.\n\n정답: 7", "정답: 먼저 더해요. 3 + 4 = 7.", "7"),
    ],
)
def test_reasoning_and_answer_are_parted(text: str, reasoning: str | None, answer: str) -> None:
    assert first_call(technique("chain_of_thought"), Question("Why?")).read(text, True) == (reasoning, answer)


def test_reasoning_is_shown_while_it_grows_but_not_half_a_mark() -> None:
    read = first_call(technique("chain_of_thought"), Question("Why?")).read
    assert read("3 + 4 = 7. So the ans", False) == ("3 + 4 = 7.", "")
    assert read("3 + 4 = 7. So the ants", False) == ("3 + 4 = 7. So the ants", "")


# what all share -------------------------------------------------------------------------------------------


def test_only_complete_turns_are_history() -> None:
    user, assistant = (lambda text: Message("user", text)), (lambda text: Message("assistant", text))
    history = [
        assistant("Hello!"),
        user("a"),
        user("b"),
        assistant("B"),
        user("c"),
        assistant(" "),
        user("d"),
    ]
    assert turns(history) == [(user("b"), assistant("B"))]


def test_choices_are_listed_by_their_letters() -> None:
    question = Question("Which is a fruit?", choices=("Stone", "Apple"))
    for passages in ((), (passage("Apples grow on trees."),)):
        asked = built(technique("zero_shot"), question, passages).messages[-1].content
        assert "Which is a fruit?\nA. Stone\nB. Apple\n" in asked
    korean = built(technique("zero_shot"), Question("과일은 무엇인가요?", choices=("돌", "사과"))).messages[
        -1
    ]
    assert "A. 돌\nB. 사과\n맞는 보기" in korean.content
    assert [letter(n) for n in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]
