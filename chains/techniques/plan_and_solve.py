"""Ask for a plan first and for its execution after it, in one go."""

from chains.asking import asking
from chains.techniques import Paper, chain_of_thought

order = 80
label = {"en": "Plan and solve", "ko": "계획하고 풀기"}
help = {
    "en": "Asks the model to make a plan, then to carry it out step by step; both are folded away.",
    "ko": "먼저 계획을 세우고 그대로 풀게 해요. 계획과 풀이는 접어서 보여 줘요.",
}
paper = Paper(
    "Plan-and-Solve Prompting: Improving Zero-Shot Chain-of-Thought Reasoning by Large Language Models",
    "https://arxiv.org/abs/2305.04091",
)

_ASK = {
    "en": (
        "Let's first understand the question and make a plan to answer it. Then let's carry out the plan, "
        'step by step. At the end write "Answer:" and the answer.'
    ),
    "ko": (
        "먼저 질문을 이해하고 풀 계획을 세워 봅시다. 그런 다음 계획대로 한 단계씩 풀어 봅시다. "
        '마지막에 "정답:"이라고 쓰고 답을 쓰세요.'
    ),
}

build = asking(_ASK)
read = chain_of_thought.read
