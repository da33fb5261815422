"""What a converted model is compared on: texts and questions of ours, in English and in Korean."""

TEXTS = {
    "en": (
        "The harbour of the small town lies behind a long stone wall that was built in 1874 after two "
        "ships had been lost in a single winter. Every morning the fishermen meet at the north end, where"
        " the ice house used to stand, and talk about the weather before they go out. The museum on the "
        "hill keeps the old maps, a whale's jaw, and the diary of a keeper who lived alone on the "
        "lighthouse island for thirty-one years. In his diary he wrote about the birds that struck the "
        "glass at night, about the price of oil, and about a letter that never came. Visitors who come in"
        " autumn can see the whole coast from the top of the tower, and on clear days even the mountains "
        "beyond the bay. The ferry leaves twice a day, at nine and at four, except when the wind blows "
        "from the west.\n\n"
        "Bread is made from four things: flour, water, salt and time. Mix the flour and the water in the "
        "evening and leave them alone for an hour. Then add the salt and a little yeast, and fold the "
        "dough over itself until it is smooth. During the night the yeast turns sugar into gas, and the "
        "dough doubles in size. In the morning shape it into a loaf, let it rest while the oven gets hot,"
        " and cut the top with a sharp knife so that it can open as it rises. Bake it for forty minutes. "
        "A loaf is done when it sounds hollow if you knock on the bottom.\n\n"
        "When a computer stores a number with fewer bits, it keeps the large part and drops the small "
        "one. For a neural network this often does little harm, because the answer depends on the sum of "
        "many products, and small errors in different directions cancel each other out. Where they do not"
        " cancel, the model becomes a little less sure of its next word."
    ),
    "ko": (
        "작은 마을의 항구는 1874년에 쌓은 긴 돌담 뒤에 있습니다. 그해 겨울에 배 두 척을 "
        "잃은 뒤였습니다. 어부들은 아침마다 얼음 창고가 있던 북쪽 끝에 모여 바다로 나가기 전에 "
        "날씨 이야기를 나눕니다. 언덕 위의 박물관에는 오래된 지도와 고래의 턱뼈, 그리고 "
        "등대섬에서 서른한 해를 혼자 산 등대지기의 일기가 있습니다. 빵은 밀가루와 물, 소금, "
        "그리고 시간으로 만듭니다. 저녁에 밀가루와 물을 섞어 한 시간쯤 그대로 둡니다."
    ),
}

QUESTIONS = (
    "The capital of France is",
    "Bread is made from flour, water, salt and",
    "Once upon a time, a keeper lived alone on an island",
    "To learn a new language, you should",
    "물은 100도에서",
    "한국의 수도는",
)
"""Beginnings that the model goes on from, greedily."""
