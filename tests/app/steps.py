"""An answer of several steps, as the screen's and the terminal's tests show it."""

from chains.question import Answer, Message, Prompt, Question, Step, Timings, Tokens
from tests.fakes import passage

PLAN = Step(
    name={"en": "Plan", "ko": "계획"},
    prompt=Prompt((Message("system", "Plan first."), Message("user", "3 + 4?")), stop=("\n\n",)),
    prompt_text="<|im_start|>plan",
    raw="Add **both**.",
    text="Add **both**.",
    tokens=Tokens(14, 40, (6, 8)),
    total_s=0.8,
    seed=5,
    finish_reason="stop",
)
LOOK = Step(
    name={"en": "Look it up", "ko": "찾아보기"},
    query="3 <and> 4",
    passages=(passage("Three and four are seven."),),
    total_s=0.1,
)
FINAL = Step(
    name={"en": "Answer", "ko": "답변"},
    prompt=Prompt((Message("user", "With that: 3 + 4?"),)),
    raw="It is 7.",
    text="It is 7.",
    tokens=Tokens(20, 5, (20,)),
    total_s=0.5,
    finish_reason="stop",
    final=True,
)
ANSWER = Answer(
    Question("3 + 4?"),
    FINAL.prompt,
    text="It is 7.",
    raw="It is 7.",
    reasoning="Add both.",
    steps=(PLAN, LOOK, FINAL),
    agreement=0.8,
    tokens=Tokens(34, 45, (20,)),
    timings=Timings(0.1, 0.3, 1.4),
    finish_reason="stop",
    done=True,
)
