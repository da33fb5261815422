"""The report's own words, in both languages."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Comparison: {name}",
        "facts": "{questions} questions · {columns} columns · {repeats}",
        "once": "each asked once",
        "repeated": "each asked {n} times",
        "licence": "Licence of the questions: {licence}",
        "found": "What was found",
        "ahead": "{top} is ahead of every other column.",
        "shared": "{top} scores highest, but cannot be told apart from {others}.",
        "nothing": "No column can be told apart from another.",
        "unscored": "There is no score to rank the columns by.",
        "alone": "Only {top} has a score: there is nothing to compare it with.",
        "ahead_scored": "{top} is ahead of every other column that has a score.",
        "unanswered": (
            "{column}: not answered, and so compared with nothing. What came between may pass: run the "
            "comparison again to ask it."
        ),
        "left_out": (
            "{column}: {n} of {all} answers are missing, for reasons that may pass. Their questions do "
            "not count in its scores."
        ),
        "cut_off": (
            "{column}: {n} of {all} answers were cut off at the limit of {limit} new tokens (max_tokens). A "
            "higher limit lets them end."
        ),
        "better": "{a} answers {points} points better than {b} ({low} to {high}; {p}).",
        "better_unit": "{a} is better than {b} by {amount} {unit} ({low} to {high}; {p}).",
        "same": "{a} and {b}: no detectable difference ({low} to {high}){settle}.",
        "same_corrected": (
            "{a} and {b}: no detectable difference once {family} comparisons are corrected for "
            "({low} to {high} by itself){settle}."
        ),
        "settle": "; about {n} more questions would settle it",
        "hopeless": "; not even {n} more questions would settle it",
        "identical": "; they score the same",
        "against": "Against {baseline}, on {metric}",
        "scores": "Scores",
        "scores_help": (
            "Dot: mean. Line: 95 % interval. Dashed: the baseline. Columns that share a letter cannot be "
            "told apart on {metric}."
        ),
        "column": "Column",
        "band": "Band",
        "baseline": "baseline",
        "failed": "{n} failed",
        "tokens_each": "Tokens an answer",
        "seconds_each": "Seconds an answer",
        "memory": "Peak memory",
        "cost": "Score against cost",
        "cost_help": (
            "Up is better, left is cheaper. The line joins the Pareto front: what no other column beats at "
            "less cost. Seconds depend on the machine and on what else it was doing."
        ),
        "by_seconds": "{metric} by seconds an answer",
        "by_tokens": "{metric} by tokens an answer",
        "changed": "Fixed and broken, against {baseline}",
        "changed_help": "An answer counts as right from 50 points of {metric} on.",
        "fixed": "fixed",
        "broke": "broke",
        "tags": "By tag",
        "tags_help": "Mean {metric} of each column. Few questions say little.",
        "tag": "Tag",
        "n": "Questions",
        "spread": "Spread between repeats, apart from the spread between questions",
        "spread_help": (
            "Standard deviations, in points of {metric}. Large between questions: the set is mixed. Large "
            "between repeats: the column answers the same question differently from one time to the next."
        ),
        "between_questions": "between questions",
        "between_repeats": "between repeats",
        "unsteady": "questions whose score changed",
        "repeat_means": "mean of each repeat",
        "judge": "Judge and exact match",
        "judge_help": (
            "How often the judge calls the same answers right as exact match does. Kappa takes chance out: "
            "1 is always, 0 is no better than chance."
        ),
        "judged_by": "Judged by {model}, precision {precision}, by {rubric}.",
        "own_rubric": "a rubric of its own",
        "our_rubric": "the rubric that comes with Maru",
        "agreed": "agreed",
        "kappa": "Cohen's kappa",
        "answers": "answers",
        "unreadable": "unreadable verdicts",
        "divided": "Questions the columns disagree on",
        "divided_count": "{n} of {all} questions, the most divided first.",
        "divided_some": "The first {shown} are here; every answer is in answers.jsonl.",
        "divided_none": "The columns are right and wrong on the same questions.",
        "no_texts": "This report was written without the texts of questions and answers.",
        "filter": "Show",
        "search": "Search",
        "all": "all",
        "marks": "The dots, from left to right: {names}.",
        "is_right": "{name} right",
        "is_wrong": "{name} wrong",
        "is_fixed": "{name} fixed",
        "is_broken": "{name} broke",
        "shown_count": "{n} shown",
        "question": "Question",
        "reference": "Right answers",
        "unanswerable": "It cannot be answered.",
        "no_answer": "No answer.",
        "empty": "(empty)",
        "reasoning": "Reasoning",
        "prompts": "Prompts (calls: {calls}, tokens: {prompt} + {completion}, {seconds} s)",
        "raw": "written",
        "searched": "searched for",
        "passages": "Passages: {sources}",
        "agreement": "agreement {share} %",
        "repeat": "repeat {n}",
        "right": "right",
        "wrong": "wrong",
        "pairs": "All pairs",
        "pairs_help": (
            "Differences are the first column minus the second. p is corrected by Holm over all {family} "
            "comparisons; a verdict needs p ≤ .05. An interval is not corrected: it can leave 0 out where "
            "there is no verdict."
        ),
        "difference": "Difference",
        "p": "p (Holm)",
        "verdict": "Verdict",
        "more": "More questions to settle it",
        "undecided": "no detectable difference",
        "none": "–",
        "over": "more than {n}",
        "method": "How it was computed",
        "method_text": (
            "Everything is paired by question. With repeats, a question's score is the mean over them. "
            "Intervals: {resamples} bootstrap resamples of the questions, the same draws for all columns, "
            "percentiles widened for small samples (Hesterberg, 2015). Tests: McNemar's exact test where "
            "answers are right or wrong, else the paired permutation test. Correction: Holm, over all pairs "
            "and metrics. Bands: the largest groups in which no pair has a verdict (Piepho, 2004). “More "
            "questions”: for {power} % power at the corrected level, if the observed difference is the true "
            "one. Seed of the statistics: {seed}."
        ),
        "settings": "Settings",
        "options": "tokens ≤ {max_tokens}, temperature {temperature}, top-p {top_p}, seed {seed}",
        "random_seed": "drawn",
        "answered_by": "answered by {model}, {precision}, {engine} [{fingerprint}]",
        "fingerprint": "Fingerprint of the questions: {mark}",
        "versions": "Versions",
        "repeat_it": "To repeat it",
        "repeat_text": "The same specification, questions and weights give the same scores.",
        "specification": "Specification",
        "gold_passage": "the question's passage",
        "examples": "{n} examples ({mark})",
        "adapter": "adapter {name}",
        "template": "template {name}, version {version}",
        "ranks": "passages {k} × {retriever} from {collection}",
        "yes_reason": "{metric}: {reason}",
    },
    "ko": {
        "title": "비교: {name}",
        "facts": "질문 {questions}개 · 열 {columns}개 · {repeats}",
        "once": "한 번씩 질문",
        "repeated": "{n}번씩 질문",
        "licence": "질문의 라이선스: {licence}",
        "found": "결과",
        "ahead": "{top}: 다른 모든 열보다 앞서요.",
        "shared": "{top}: 점수가 가장 높지만 다음 열과는 구별되지 않아요: {others}.",
        "nothing": "어느 열도 다른 열과 구별되지 않아요.",
        "unscored": "순위를 매길 점수가 없어요.",
        "alone": "점수가 있는 열이 하나뿐이라 비교할 수 없어요: {top}.",
        "ahead_scored": "{top}: 점수가 있는 다른 모든 열보다 앞서요.",
        "unanswered": (
            "{column}: 답변을 받지 못해서 비교에서 빠졌어요. 잠깐의 문제일 수 있으니 비교를 다시 "
            "시작해 보세요."
        ),
        "left_out": (
            "{column}: 답변 {all}개 중 {n}개를 받지 못했어요. 잠깐의 문제일 수 있어서, 그 질문은 이 열의 "
            "점수에 넣지 않았어요."
        ),
        "cut_off": (
            "{column}: 답변 {all}개 중 {n}개가 최대 토큰(max_tokens) {limit}에서 잘렸어요. 한도를 늘리면 "
            "끝까지 쓸 수 있어요."
        ),
        "better": "{a}: {b}보다 {points}점 높아요 ({low}~{high}점, {p}).",
        "better_unit": "{a}: {b}보다 {amount}{unit}만큼 나아요 ({low}~{high}, {p}).",
        "same": "{a}, {b}: 차이를 확인할 수 없어요 ({low}~{high}){settle}.",
        "same_corrected": (
            "{a}, {b}: 비교 {family}개에 맞춰 보정하면 차이를 확인할 수 없어요 "
            "(따로 보면 {low}~{high}){settle}."
        ),
        "settle": ". 질문이 {n}개쯤 더 있으면 가릴 수 있어요",
        "hopeless": ". 질문이 {n}개 더 있어도 가리기 어려워요",
        "identical": ". 점수가 같아요",
        "against": "{baseline} 대비, {metric} 기준",
        "scores": "점수",
        "scores_help": (
            "점은 평균, 선은 95% 신뢰구간, 점선은 기준 열이에요. 같은 글자가 붙은 열은 {metric} 기준으로 "
            "구별되지 않아요."
        ),
        "column": "열",
        "band": "묶음",
        "baseline": "기준",
        "failed": "{n}개 실패",
        "tokens_each": "답변당 토큰",
        "seconds_each": "답변당 초",
        "memory": "최대 메모리",
        "cost": "비용 대비 점수",
        "cost_help": (
            "위로 갈수록 좋고 왼쪽일수록 비용이 적어요. 선은 파레토 경계, 곧 더 적은 비용으로 이길 열이 없는 "
            "열을 이은 거예요. 시간은 기기와 그때 하던 일에 따라 달라져요."
        ),
        "by_seconds": "{metric}, 답변당 초",
        "by_tokens": "{metric}, 답변당 토큰",
        "changed": "고친 질문과 망친 질문 ({baseline} 대비)",
        "changed_help": "{metric} 점수가 50점 이상이면 맞은 것으로 봐요.",
        "fixed": "고침",
        "broke": "망침",
        "tags": "태그별",
        "tags_help": "열마다 {metric} 평균이에요. 질문 수가 적은 태그는 참고만 하세요.",
        "tag": "태그",
        "n": "질문 수",
        "spread": "반복 사이의 흩어짐과 질문 사이의 흩어짐",
        "spread_help": (
            "{metric} 점수의 표준편차예요. 질문 사이가 크면 질문의 난이도가 고르지 않은 것이고, 반복 사이가 "
            "크면 같은 질문에도 답이 매번 달라지는 거예요."
        ),
        "between_questions": "질문 사이",
        "between_repeats": "반복 사이",
        "unsteady": "점수가 바뀐 질문",
        "repeat_means": "반복마다의 평균",
        "judge": "심사 모델과 정확히 일치",
        "judge_help": (
            "심사 모델이 맞다고 한 답이 정확히 일치 지표와 얼마나 같은지예요. 카파는 우연을 뺀 값으로, 1이면 "
            "늘 같고 0이면 우연과 다르지 않아요."
        ),
        "judged_by": "심사 모델: {model}, 정밀도: {precision}, 채점 기준: {rubric}.",
        "own_rubric": "직접 정한 기준",
        "our_rubric": "마루의 기본 기준",
        "agreed": "일치",
        "kappa": "코헨의 카파",
        "answers": "답변",
        "unreadable": "읽을 수 없는 판정",
        "divided": "열마다 결과가 갈린 질문",
        "divided_count": "질문 {all}개 중 {n}개예요. 많이 갈린 것부터 보여 줘요.",
        "divided_some": "여기에는 {shown}개만 있어요. 모든 답변은 answers.jsonl에 있어요.",
        "divided_none": "모든 열이 같은 질문을 맞히고 같은 질문을 틀렸어요.",
        "no_texts": "질문과 답변의 글을 빼고 만든 보고서예요.",
        "filter": "보기",
        "search": "검색",
        "all": "전체",
        "marks": "점은 왼쪽부터 {names} 순서예요.",
        "is_right": "{name}: 맞음",
        "is_wrong": "{name}: 틀림",
        "is_fixed": "{name}: 고침",
        "is_broken": "{name}: 망침",
        "shown_count": "{n}개 표시",
        "question": "질문",
        "reference": "정답",
        "unanswerable": "답이 없는 질문이에요.",
        "no_answer": "답변이 없어요.",
        "empty": "(빈 답변)",
        "reasoning": "추론",
        "prompts": "프롬프트 (호출 {calls}번, {prompt} + {completion}토큰, {seconds}초)",
        "raw": "모델이 쓴 글",
        "searched": "검색어",
        "passages": "문단: {sources}",
        "agreement": "일치도 {share}%",
        "repeat": "반복 {n}",
        "right": "맞음",
        "wrong": "틀림",
        "pairs": "모든 쌍",
        "pairs_help": (
            "차이는 첫째 열에서 둘째 열을 뺀 값이에요. p는 비교 {family}개 전체에 Holm 보정을 한 값이고, "
            "0.05 이하일 때만 승자를 정해요. 신뢰구간은 보정하지 않아서, 0을 벗어나도 승자가 없을 수 있어요."
        ),
        "difference": "차이",
        "p": "p (Holm)",
        "verdict": "판정",
        "more": "가리는 데 더 필요한 질문",
        "undecided": "차이를 확인할 수 없음",
        "none": "–",
        "over": "{n}개 초과",
        "method": "계산 방법",
        "method_text": (
            "모든 비교는 같은 질문끼리 짝지어 해요. 반복이 있으면 그 평균이 질문의 점수예요. 신뢰구간: "
            "질문을 {resamples}번 다시 뽑는 부트스트랩(모든 열에 같은 표본, 작은 표본에 맞게 넓힌 백분위수; "
            "Hesterberg, 2015). 검정: 맞고 틀림은 McNemar 정확 검정, 나머지는 짝지은 순열 검정. 보정: 모든 "
            "쌍과 지표에 걸친 Holm. 묶음: 판정이 난 쌍이 없는 가장 큰 무리(Piepho, 2004). ‘더 필요한 질문’: "
            "관측한 차이가 참일 때 보정한 수준에서 검정력 {power}%를 얻는 수. 통계의 시드: {seed}."
        ),
        "settings": "설정",
        "options": "최대 {max_tokens}토큰, 온도 {temperature}, top-p {top_p}, 시드 {seed}",
        "random_seed": "무작위",
        "answered_by": "실제로 답한 모델: {model}, {precision}, {engine} [{fingerprint}]",
        "fingerprint": "질문 해시: {mark}",
        "versions": "버전",
        "repeat_it": "다시 실행하기",
        "repeat_text": "명세와 질문과 가중치가 같으면 점수도 같아요.",
        "specification": "명세",
        "gold_passage": "질문에 딸린 문단",
        "examples": "예시 {n}개 ({mark})",
        "adapter": "어댑터 {name}",
        "template": "템플릿 {name}, 버전 {version}",
        "ranks": "{collection}에서 {retriever} 방식으로 문단 {k}개",
        "yes_reason": "{metric}: {reason}",
    },
}


class Words:
    """One language's words: `words("title", name=…)`. Values are put in as they are."""

    def __init__(self, language: str) -> None:
        self.language = "ko" if language == "ko" else "en"

    def __call__(self, key: str, **values: object) -> str:
        """The text of that key, its gaps filled."""
        return WORDS[self.language][key].format(**values) if values else WORDS[self.language][key]

    def of(self, texts: dict[str, str] | None) -> str:
        """One of our texts {"en": …, "ko": …}; nothing where there is none."""
        return texts[self.language] if texts else ""
