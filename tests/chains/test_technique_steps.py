"""What techniques do with what the model writes: all of them with anything, each with its own logic."""

from dataclasses import replace

import pytest

from adapters.spec import GenerationOptions
from chains.asking import SAMPLING_TEMPERATURE, STEP, first_line, listed
from chains.errors import ChainError
from chains.examples import built_in_set, default_examples
from chains.question import Example, Message, Question, Template
from chains.steps import Outcome
from chains.techniques import Technique, technique, techniques
from chains.techniques.react import MOST_STEPS, action
from chains.techniques.self_consistency import SAMPLES, majority
from chains.techniques.self_refine import is_fine
from chains.techniques.tree_of_thoughts import score
from chains.templates import BadTemplate, TemplateNeeded
from tests.fakes import passage
from tests.playing import Play, play

EVERY = pytest.mark.parametrize("one", techniques().values(), ids=lambda one: one.key)
HOSTILE = "{question} {{y}} {0.__class__} {draft} {% for z in [] %} %(a)s {"
WRITTEN = {
    "nothing": "",
    "blank": " \n\t\n ",
    "garbage": ")]}>> ﷽ \x00\ud800 ;;; 1.) - * Action: [ finish[ search[",
    "long": "word and word. " * 700,
    "korean": "1. 무엇인가요?\n2. 왜 그런가요?\n행동: 검색[등대]\n정답: 등대예요.",
    "braces": HOSTILE,
    "list": "1. What is it?\n2. Why?\n- And how?\n4) When?",
    "action": "Thought: hm.\nAction: search[lighthouse]\nObservation: made up\nAction: finish[the moon]",
    "finish": "Action: finish[Paris]",
    "marks": "Answer: Answer: **Answer:** FINE 10/10",
}
LIGHTHOUSE = passage("The lighthouse was built in 1871 from grey granite.", "harbour.txt")
BRIDGE = passage("The bridge was painted green in 1956.", "bridge.txt")
TEMPLATE = Template("mine", "Be kind.", "Tell me: {question}")


def everything_found(query: str) -> tuple[object, ...]:
    return (LIGHTHOUSE, BRIDGE)


@EVERY
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("text", ["When was the lighthouse built?", "등대는 언제 지었나요?"])
def test_it_ends_with_an_answer_whatever_the_model_writes(one: Technique, written: str, text: str) -> None:
    for passages, choices in (((), ()), ((LIGHTHOUSE,), ("1871", HOSTILE))):
        question = Question(text, technique=one.key, choices=choices, collection="harbour", template=TEMPLATE)
        played = play(question, written, passages, everything_found)
        check_outcome(played.outcome)
        assert 1 <= len(played.calls) <= 10
        for call in played.calls:
            assert set(call.name) == {"en", "ko"} and all(name.strip() for name in call.name.values())
            assert "{" not in call.name["en"] + call.name["ko"]
        for prompt in (played.prompts[0], next_to_final(played)):
            assert text in prompt.messages[-1].content
            assert all(choice in prompt.messages[-1].content for choice in choices)
        assert sum(call.final for call in played.calls[-1:]) == sum(call.final for call in played.calls)
        assert sum(len(message.content) for message in played.prompts[-1].messages) < 12_000


def check_outcome(outcome: Outcome) -> None:
    assert isinstance(outcome, Outcome)
    assert isinstance(outcome.text, str)
    assert outcome.reasoning is None or isinstance(outcome.reasoning, str)
    assert outcome.agreement is None or 0 <= outcome.agreement <= 1


def next_to_final(played: Play):  # type: ignore[no-untyped-def]
    """The prompt of the final call; where none is, of the first."""
    return next(
        (p for call, p in zip(played.calls, played.prompts, strict=True) if call.final), played.prompts[0]
    )


@EVERY
def test_every_prompt_is_in_the_questions_language(one: Technique) -> None:
    english = play(
        Question("Why?", technique=one.key, template=TEMPLATE), "", (passage("A."),), everything_found
    )
    for prompt in english.prompts:
        assert not any("가" <= letter <= "힣" for message in prompt.messages for letter in message.content)
    korean = (
        play(Question("왜요?", technique=one.key), "1. 왜요?", (passage("본문"),), everything_found)
        if (one.key != "template")
        else None
    )
    for prompt in korean.prompts if korean else ():
        assert all(any("가" <= letter <= "힣" for letter in message.content) for message in prompt.messages)


@EVERY
def test_the_conversation_comes_along_and_the_persons_instruction_where_an_answer_is_written(
    one: Technique,
) -> None:
    history = (Message("user", "Before?"), Message("assistant", "Yes."))
    question = Question("Why?", history, one.key, system="Mine.", template=TEMPLATE, collection="c")
    played = play(question, "1. What is it?\n2. How?", (), everything_found)
    for number in (0, -1):
        assert played.messages(number)[-3:-1] == history
    steps = STEPS.get(one.key, ())
    for call, prompt in zip(played.calls, played.prompts, strict=True):
        between = call.name["en"].startswith(steps) if steps else False
        assert prompt.messages[0] == Message("system", STEP["en"] if between else "Mine."), call.name
    assert played.messages(-1)[0] == Message("system", "Mine.")


STEPS = {
    "least_to_most": ("Break up the question",),
    "step_back": ("More general question",),
    "generated_knowledge": ("What it knows",),
    "self_refine": ("Feedback",),
    "chain_of_verification": ("Plan the checks",),
    "react": ("Step",),
    "tree_of_thoughts": ("Thought", "Score of thought"),
}
"""The calls that write no answer."""


# few-shot by likeness --------------------------------------------------------------------------------------

POOL = tuple(
    Example(question, str(number))
    for number, question in enumerate(
        [
            "What is the capital of Peru?",
            "Is this review positive or negative? I loved every minute.",
            "A train travels 60 km in 2 hours. How fast is it?",
            "Who painted the Mona Lisa?",
            "Is this review positive or negative? A waste of time.",
            "How many legs does a spider have?",
            "Is this review positive or negative? The cast is a delight.",
        ]
    )
)


def test_the_likest_examples_are_shown_and_the_likest_stands_last() -> None:
    text = "Is this review positive or negative? It is a waste of your time."
    messages = play(Question(text, technique="few_shot_similar", examples=POOL), "x").messages(0)
    assert len(messages) == 1 + 2 * 4 + 1
    shown = [message.content for message in messages if message.role == "assistant"]
    assert shown[-1] == "4" and set(shown[1:]) == {"4", "1", "6"}


@pytest.mark.parametrize(
    ("text", "language"), [("What is the capital of Sweden?", "en"), ("스웨덴의 수도는 어디인가요?", "ko")]
)
def test_without_own_examples_they_come_from_many_kinds(text: str, language: str) -> None:
    messages = play(Question(text, technique="few_shot_similar"), "x").messages(0)
    pool = built_in_set("many_kinds", language).examples
    shown = [message.content for message in messages[1:-1] if message.role == "user"]
    assert len(shown) == 4 and set(shown) <= {one.question for one in pool}
    assert shown[-1] == pool[0].question
    grounded = play(Question(text, technique="few_shot_similar"), "x", (passage("본문"),)).messages(0)
    assert {one.question for one in default_examples(language, grounded=True)} == {
        message.content for message in grounded[1:-1] if message.role == "user"
    }


LEAKS = (
    "What is the capital of Peru?",
    "What is 3-1?",
    "Which is it?\nA. Peru\nB. Chile\nAnswer with the letter of the right choice.",
    "Passages:\n[1] Tea is grown there.\n\nQuestion: What is grown there?",
    "Who painted it?",
)


@pytest.mark.parametrize("key", ["few_shot", "few_shot_similar", "chain_of_thought_few_shot"])
@pytest.mark.parametrize(
    ("asked", "left_out"),
    [
        (Question("What is the capital of Peru?"), 0),
        (Question("  what is the capital  of Peru ?"), 0),
        (Question("Which is it?", choices=("Peru", "Chile")), 2),
        (Question("What is grown there?"), 3),
        (Question("What is the capital of Chile?"), None),
        (Question("What is 3+1?"), None),
    ],
    ids=lambda value: getattr(value, "text", value),
)
def test_the_question_itself_is_no_example(key: str, asked: Question, left_out: int | None) -> None:
    examples = tuple(Example(text, "It is so.") for text in LEAKS)
    played = play(replace(asked, technique=key, examples=examples), "x")
    shown = {message.content for message in played.messages(0)[1:-1] if message.role == "user"}
    if left_out is not None:
        assert shown == set(LEAKS) - {LEAKS[left_out]}
    elif key != "few_shot_similar":
        assert shown == set(LEAKS)
    else:
        assert len(shown) == 4


def test_no_examples_are_no_error() -> None:
    played = play(Question("Why?", technique="few_shot_similar", examples=()), "x")
    assert [message.role for message in played.messages(0)] == ["system", "user"]


# chain of thought -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "mark"), [("Why?", "Answer: "), ("왜요?", "정답: ")])
def test_worked_examples_reason_and_then_answer(text: str, mark: str) -> None:
    played = play(Question(text, technique="chain_of_thought_few_shot"), f"Because.\n{mark}So.")
    examples = [message.content for message in played.messages(0) if message.role == "assistant"]
    assert len(examples) == 4
    for example in examples:
        reasoning, answer = played.calls[0].read(example, True)
        assert reasoning and answer and mark in example and len(reasoning) > 2 * len(answer)
    assert (played.outcome.reasoning, played.outcome.text) == ("Because.", "So.")
    mine = play(Question(text, technique="chain_of_thought_few_shot", examples=POOL[:1]), "x").messages(0)
    assert [message.content for message in mine[1:]] == [POOL[0].question, "0", text]


def test_plan_and_solve_keeps_plan_and_answer_apart() -> None:
    played = play(Question("Why?", technique="plan_and_solve"), "Plan: think.\n1. Thought.\nAnswer: So.")
    assert played.outcome == Outcome("So.", "Plan: think.\n1. Thought.")
    assert "make a plan" in played.asked[0] and len(played.calls) == 1


# self-consistency -----------------------------------------------------------------------------------------


def test_samples_differ_in_seed_and_are_drawn_alike_again() -> None:
    options = GenerationOptions(temperature=0.0, seed=7, max_tokens=99)
    plays = [play(Question("Why?", technique="self_consistency", options=options), "Answer: 5") for _ in "12"]
    drawn = [[call.options for call in played.calls] for played in plays]
    assert drawn[0] == drawn[1] and plays[0].together == [SAMPLES]
    assert len({one.seed for one in drawn[0]}) == SAMPLES
    assert {(one.temperature, one.max_tokens) for one in drawn[0]} == {(SAMPLING_TEMPERATURE, 99)}
    warm = Question("Why?", technique="self_consistency", options=GenerationOptions(temperature=1.1))
    assert {(call.options.temperature, call.options.seed) for call in play(warm, "").calls} == {(1.1, None)}


def test_the_majority_answers_and_the_reasoning_shows_all_samples() -> None:
    said = iter(["2 + 2.\nAnswer: 4", "Answer: five", "So.\nAnswer: It is 4.", "Answer: 5", "Answer: $4.00"])
    outcome = play(Question("2 + 2?", technique="self_consistency"), lambda name, asked: next(said)).outcome
    assert (outcome.text, outcome.agreement) == ("4", 0.6)
    assert outcome.reasoning is not None
    assert outcome.reasoning.startswith("1. 2 + 2.\nAnswer: 4\n\n2. Answer: five\n\n3. So.")


@pytest.mark.parametrize(
    ("answers", "choices", "chosen", "agreement"),
    [
        (["The Eiffel Tower.", "eiffel tower", "Big Ben"], (), "The Eiffel Tower.", 2 / 3),
        (["a", "b", "b", "a"], (), "a", 0.5),
        (["", "", "x", "y"], (), "x", 0.25),
        (["", " "], (), "", 0.0),
        (["yes", "no", "No."], (), "no", 2 / 3),
        (["1,000 won", "1000", "999"], (), "1,000 won", 2 / 3),
        (["from 3 to 5", "3", "5"], (), "from 3 to 5", 1 / 3),
        (["B", "Apple", "A", "B. Apple"], ("Stone", "Apple"), "B", 0.75),
        (["서울", "서울.", "부산"], (), "서울", 2 / 3),
        (["March 2010", "May 2010", "May 2010", "may 2010.", "May 2010"], (), "May 2010", 0.8),
        (["2010년 3월", "2010년 5월", "2010년 5월"], (), "2010년 5월", 2 / 3),
        (["before 2010", "after 2010", "After 2010."], (), "after 2010", 2 / 3),
        (["It is not 5.", "5", "It is 5."], (), "5", 2 / 3),
        (["5 km", "5 miles", "5", "It is 5 miles."], (), "5 miles", 0.75),
        (["$5", "€5", "5 euros", "5 Euro."], (), "€5", 0.75),
        (["35,000원입니다", "3만 5천 원이에요.", "3만 원"], (), "35,000원입니다", 2 / 3),
        (["5 or more", "5", "5."], (), "5", 2 / 3),
    ],
)
def test_answers_are_counted_by_what_they_mean(
    answers: list[str], choices: tuple[str, ...], chosen: str, agreement: float
) -> None:
    text = "어디?" if "서울" in answers else "What?"
    assert majority(answers, Question(text, choices=choices)) == (chosen, pytest.approx(agreement))


def test_where_a_number_is_asked_for_it_counts_however_it_is_worded() -> None:
    wordy = ["She makes 9 * 2 = $18 every day.", "$18", "Twice 9 eggs, so 18 dollars at the market", "16"]
    assert majority(wordy, Question("What does she make?", numeric=True))[1] == 0.75
    assert majority(wordy, Question("What does she make?"))[1] == 0.25
    asked = ["There were 40 guests in all.", "40", "They had 41."]
    assert majority(asked, Question("How many guests came?")) == (asked[0], pytest.approx(2 / 3))
    assert majority(["손님은 40명이 왔어요.", "40명"], Question("손님이 몇 명 왔나요?"))[1] == 1.0


# least-to-most --------------------------------------------------------------------------------------------


def test_parts_are_answered_in_order_each_with_the_answers_before() -> None:
    written = {
        "Break up the question": "Sure:\n1. How many trays?\n2. How many rolls?\n3. How many sold?\n4. Why?",
        "Part 1": "Four trays.",
        "Part 2": "24 rolls.",
        "Part 3": "9 sold.",
        "Answer": "15",
    }
    played = play(Question("How many are left?", technique="least_to_most"), written, (LIGHTHOUSE,))
    assert played.names == list(written) and played.together == [1] * 5
    assert all(LIGHTHOUSE.text in asked for asked in played.asked)
    assert "Four trays." not in played.asked[1] and played.asked[1].endswith("one sentence: How many trays?")
    assert "Found so far:\nQ: How many trays?\nA: Four trays.\n\nFirst answer only" in played.asked[2]
    assert "A: 24 rolls.\nQ: How many sold?\nA: 9 sold.\n\nNow answer" in played.asked[4]
    assert played.outcome.text == "15" and "9 sold." in str(played.outcome.reasoning)


def test_a_question_without_parts_is_just_answered() -> None:
    played = play(Question("Why?", technique="least_to_most"), "It is simple.")
    assert played.names == ["Break up the question", "Answer"]
    assert played.outcome == Outcome("It is simple.")


# step back ------------------------------------------------------------------------------------------------


def test_the_general_question_is_answered_first_where_nothing_is_searched() -> None:
    written = {
        "More general question": '\n"What is heat?"\nIt is …',
        "Its answer": "Motion.",
        "Answer": "Yes.",
    }
    question = Question("Is 30 degrees hot?", (Message("user", "a"), Message("assistant", "b")), "step_back")
    played = play(question, written)
    assert played.names == list(written) and not played.searched
    assert [message.content for message in played.messages(1)[1:]] == ["What is heat?"]
    assert "Background:\nWhat is heat?\nMotion." in played.asked[2]
    assert played.outcome == Outcome("Yes.", "What is heat?\nMotion.")


def test_the_general_question_is_searched_too_and_the_questions_passages_stay() -> None:
    written = {"More general question": "What are bridges like?", "Answer": "Green."}
    question = Question("Which colour is it?", technique="step_back", collection="c")
    played = play(question, written, (LIGHTHOUSE,), everything_found)
    assert played.searched == ["What are bridges like?"]
    assert played.calls[-1].passages == (LIGHTHOUSE, BRIDGE)
    assert f"[1] (harbour.txt) {LIGHTHOUSE.text}\n\n[2] (bridge.txt) {BRIDGE.text}" in played.asked[-1]


# generated knowledge --------------------------------------------------------------------------------------


def test_knowledge_stands_in_for_passages() -> None:
    written = {"What it knows": "Granite is hard.", "Answer": "Yes."}
    played = play(Question("Is it hard?", technique="generated_knowledge"), written, (LIGHTHOUSE,))
    assert [call.passages for call in played.calls] == [(), ()]
    assert "Facts:\nGranite is hard." in played.asked[1] and LIGHTHOUSE.text not in played.asked[1]
    assert played.outcome == Outcome("Yes.", "Granite is hard.")


# self-refine ----------------------------------------------------------------------------------------------


def test_a_draft_is_improved_until_it_is_fine() -> None:
    written = {
        "Draft": "1870",
        "Feedback 1": "It was a year later.",
        "Improved 1": "1871",
        "Feedback 2": "FINE.",
    }
    played = play(Question("When?", technique="self_refine"), written)
    assert played.names == list(written)
    assert "Draft answer:\n1870\n\nFeedback:\nIt was a year later." in played.asked[2]
    assert "Draft answer:\n1871" in played.asked[3]
    assert played.outcome.text == "1871" and "Feedback 1: It was a year later." in str(
        played.outcome.reasoning
    )


def test_refining_ends_after_two_rounds_and_never_loses_the_draft() -> None:
    played = play(
        Question("When?", technique="self_refine"), lambda name, asked: "" if "Impr" in name else "Hm"
    )
    assert played.names == ["Draft", "Feedback 1", "Improved 1", "Feedback 2", "Improved 2"]
    assert [call.final for call in played.calls] == [False] * 4 + [True]
    assert played.outcome.text == "Hm"


@pytest.mark.parametrize(
    ("feedback", "fine"),
    [
        ("FINE", True),
        ('"Fine."', True),
        ("FINE. The draft says it all.", True),
        ("", True),
        ("Nothing needs to be improved.", True),
        ("No changes are needed.", True),
        ("좋음", True),
        ("고칠 점이 없어요.", True),
        ("Fine, but the year is wrong.", False),
        ("Finer words would help.", False),
        ("The year is wrong.", False),
        ("좋음이라고 할 수 없어요.", False),
        ("연도가 틀렸어요.", False),
    ],
)
def test_what_the_critic_means_is_read(feedback: str, fine: bool) -> None:
    assert is_fine(feedback) == fine


# chain of verification ------------------------------------------------------------------------------------


def test_checks_are_answered_side_by_side_without_the_draft() -> None:
    written = {
        "Draft": "Built in 1870 of wood.",
        "Plan the checks": "1. When was it built?\n2. Of what was it built?",
        "Check 1": "In 1871.",
        "Check 2": "Of granite.",
        "Answer": "Built in 1871 of granite.",
    }
    question = Question(
        "Tell me.", (Message("user", "a"), Message("assistant", "b")), "chain_of_verification"
    )
    played = play(question, written, (LIGHTHOUSE,))
    assert played.names == list(written) and played.together == [1, 1, 2, 1]
    for number, check in ((2, "When was it built?"), (3, "Of what was it built?")):
        assert played.asked[number].endswith(f"Question: {check}") and LIGHTHOUSE.text in played.asked[number]
        assert "1870" not in "".join(message.content for message in played.messages(number))
    assert "Q: When was it built?\nA: In 1871.\nQ: Of what was it built?\nA: Of granite." in played.asked[4]
    assert played.outcome.text == "Built in 1871 of granite."


def test_a_draft_without_checks_is_the_answer() -> None:
    played = play(Question("When?", technique="chain_of_verification"), "In 1871.")
    assert played.names == ["Draft", "Plan the checks"] and played.outcome == Outcome("In 1871.")


# ReAct ----------------------------------------------------------------------------------------------------


def finds(query: str) -> tuple[object, ...]:
    return {"lighthouse": (LIGHTHOUSE,), "bridge": (LIGHTHOUSE, BRIDGE)}.get(query, ())


def test_it_searches_until_it_finishes() -> None:
    written = {
        "Step 1": "Thought: I need the year.\nAction: search[lighthouse]",
        "Step 2": 'Thought: and the bridge?\nAction: search["bridge"]\nObservation: invented',
        "Step 3": "Action: finish[1871 and 1956]",
    }
    played = play(Question("Which years?", technique="react"), written, (), finds)
    assert played.searched == ["lighthouse", "bridge"]
    assert played.outcome.text == "1871 and 1956" and played.outcome.passages == (LIGHTHOUSE, BRIDGE)
    assert all("Observation:" in prompt.stop for prompt in played.prompts)
    assert "Observation: passages [1]" in played.asked[1] and LIGHTHOUSE.text in played.asked[1]
    assert "invented" not in played.asked[2] and "Observation: passages [2]" in played.asked[2]


def test_at_most_four_steps_then_it_answers() -> None:
    queries = iter(["lighthouse", "bridge", "moon", "sun", "never"])
    played = play(
        Question("Which years?", technique="react"),
        lambda name, asked: "1871" if name == "Answer" else f"Action: search[{next(queries)}]",
        (),
        finds,
    )
    assert len(played.searched) == MOST_STEPS and played.names[-1] == "Answer"
    assert "Observation: nothing new" in played.asked[3]
    assert played.calls[-1].final and played.calls[-1].passages == (LIGHTHOUSE, BRIDGE)


def test_a_model_that_names_no_action_gets_what_the_question_finds() -> None:
    played = play(Question("lighthouse", technique="react"), "I think it is old.", (), finds)
    assert played.names == ["Step 1", "Answer"] and played.searched == ["lighthouse"]
    early = play(Question("lighthouse", technique="react"), "Action: finish[1871]", (), finds)
    assert early.names == ["Step 1", "Answer"] and early.searched == ["lighthouse"]


def test_the_same_search_again_ends_the_search() -> None:
    played = play(Question("Why?", technique="react"), "Action: search[lighthouse]", (), finds)
    assert played.names == ["Step 1", "Step 2", "Answer"] and played.searched == ["lighthouse"]


@pytest.mark.parametrize(("text", "words"), [("Why?", "found nothing"), ("왜요?", "찾지 못했어요")])
def test_where_nothing_is_found_it_says_so_and_invents_nothing(text: str, words: str) -> None:
    outcome = play(Question(text, technique="react"), "Action: search[moon]").outcome
    assert words in outcome.text and outcome.passages == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thought: x\nAction: search[grey granite]", ("search", "grey granite")),
        ("Action 2: Search: grey granite", ("search", "grey granite")),
        ("action: search(grey granite)", ("search", "grey granite")),
        ("Action: search [grey granite", ("search", "grey granite")),
        ("Action: look up grey granite.", ("search", "grey granite.")),
        ('Action: search["grey granite"]\nAction: finish[x]', ("search", "grey granite")),
        ("I will search[grey granite] now", ("search", "grey granite")),
        ("생각: 뭘까\n행동: 검색[회색 화강암]", ("search", "회색 화강암")),
        ("행동: 완료[1871년]", ("finish", "1871년")),
        ("Action: finish[1871]", ("finish", "1871")),
        ("Action: Answer: 1871", ("finish", "1871")),
        ("Action: finish[the answer]", ("", "")),
        ("Action: search[words to look for in the documents]\nAction: search[x]", ("search", "x")),
        ("I search for the answer (it is hard).", ("", "")),
        ("Action: dance[now]", ("", "")),
        ("Action: search[]", ("", "")),
        ("Action: finish", ("", "")),
        ("", ("", "")),
    ],
)
def test_actions_are_read_from_what_small_models_write(text: str, expected: tuple[str, str]) -> None:
    assert action(text) == expected


# tree of thoughts -----------------------------------------------------------------------------------------


def test_the_best_thought_is_followed() -> None:
    written = {
        "Thought 1": "Guess.",
        "Thought 2": "Count them.",
        "Thought 3": "Ask.",
        "Score of thought 1": "2",
        "Score of thought 2": "I say 9/10.",
        "Score of thought 3": "9",
        "Answer": "15",
    }
    question = Question("How many?", technique="tree_of_thoughts", options=GenerationOptions(seed=3))
    played = play(question, written)
    assert played.names == list(written) and played.together == [3, 3, 1]
    assert len({call.options.seed for call in played.calls[:3] if call.options}) == 3
    assert {call.options.temperature for call in played.calls[3:6] if call.options} == {0.0}
    assert "Count them." in played.asked[4] and "Count them.\n\nFollow it" in played.asked[6]
    assert played.outcome == Outcome("15", "(2/10) Guess.\n(9/10) Count them.\n(9/10) Ask.")


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("Score: 8.5 of 10", 8.5), ("100", 10), ("good", 0), ("", 0), ("점수는 6점", 6)],
)
def test_scores_are_read(text: str, value: float) -> None:
    assert score(text) == value


def test_an_empty_thought_is_never_the_best() -> None:
    written = {"Thought 1": "", "Thought 2": "", "Thought 3": "Ask.", "Answer": "x"}
    played = play(
        Question("?!a", technique="tree_of_thoughts"), lambda name, asked: written.get(name, "none")
    )
    assert "Ask." in played.asked[-1]


# roles and templates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "word"), [("Why?", "teacher"), ("왜요?", "선생님")])
def test_a_role_is_taken_from_the_template_or_else_a_teachers(text: str, word: str) -> None:
    usual, mine = Question(text, technique="role"), Question(text, technique="role", template=TEMPLATE)
    assert word in play(usual, "x").messages(0)[0].content
    assert [message.content for message in play(mine, "x").messages(0)] == ["Be kind.", f"Tell me: {text}"]


def test_the_own_template_is_asked_for_where_it_is_missing() -> None:
    with pytest.raises(TemplateNeeded) as raised:
        play(Question("Why?", technique="template"), "x")
    assert isinstance(raised.value, ChainError) and "템플릿" in raised.value.text("ko")
    with pytest.raises(BadTemplate, match="Known ones"):
        play(Question("Why?", technique="template", template=Template("t", "", "{question} {x}")), "x")
    question = Question("Why?", technique="template", template=TEMPLATE)
    assert [message.content for message in play(question, "So.").messages(0)] == ["Be kind.", "Tell me: Why?"]


# what they share ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("1. What?\n2) Why?\n(3) How?\n- When?\n* Who?\nQ5: Where?", ["What?", "Why?", "How?", "When?"]),
        ("Here are some:\n\nWhat is it?\nWhy so?\nThat is all.", ["What is it?", "Why so?"]),
        ("1. **What?**\n1. What?\n2. \n3. x", ["What?"]),
        ("질문 1: 무엇인가요?\n질문 2: 왜인가요?", ["무엇인가요?", "왜인가요?"]),
        ("No list at all.", []),
        ("1.5 is a number", []),
        ("", []),
    ],
)
def test_lists_are_read(text: str, entries: list[str]) -> None:
    assert listed(text, 4) == entries


def test_the_first_line_is_read_without_its_quotation_marks() -> None:
    assert first_line('\n  "What?" \nBecause.') == "What?"
    assert first_line(" \n") == ""


def test_every_key_is_covered_here_or_asks_once() -> None:
    once = [
        key
        for key in techniques()
        if play(Question("Why?", technique=key, template=TEMPLATE), "x").together == [1]
    ]
    assert set(once) >= {"zero_shot", "few_shot", "role", "template", "plan_and_solve"}
    assert technique("self_consistency").key not in once
