// The turns of the conversation on the screen. The server sends each turn's HTML, made by app/show.py; this
// file puts it in place, keeps opened folds open while an answer grows, and acts on the buttons in it.
//
// value: {conversation: {…}, html: ["<article…>", …], busy: true while an answer grows}
(() => {
	const maru = window.maru;
	const EXAMPLES = ["example.1", "example.2", "example.3"];

	maru.transcript = (element, props, trigger, watch) => {
		const list = element.querySelector(".turns");
		const scroller = list.closest("#maru-transcript") || list;
		let shown = [];
		let saved = "";
		let savedAt = 0;
		let kept = null; // what this tab last saw of the conversation in the browser's storage
		let opening = true; // what is merely opened is not written back
		let moved = {}; // the id under which this tab goes on where another tab took the first
		let following = true;

		scroller.addEventListener("scroll", () => {
			following = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
		});

		const value = () => props.value || {};
		const set = (changes) => {
			props.value = { ...value(), ...changes };
			render();
		};

		function render() {
			const { html = [], busy = false, conversation } = value();
			if (!shown.length) list.replaceChildren(); // the greeting, or another conversation
			html.forEach((turn, number) => {
				if (shown[number] !== turn) place(turn, number);
			});
			while (list.children.length > html.length) list.lastElementChild.remove();
			if (!html.length && !conversation?.turns?.length) list.replaceChildren(greeting());
			shown = [...html];
			document.body.dataset.maruBusy = String(busy);
			list.setAttribute("aria-busy", String(busy));
			if (following) scroller.scrollTop = scroller.scrollHeight;
			if (conversation) keep(conversation, busy);
			maru.titleChanged?.(conversation);
		}

		function place(turn, number) {
			const old = number < shown.length ? list.children[number] : null;
			const holder = document.createElement("template");
			holder.innerHTML = turn;
			const fresh = holder.content.firstElementChild;
			if (!old) return void list.append(fresh);
			old.querySelectorAll("details[data-fold]").forEach((fold) => {
				const same = fresh.querySelector(`details[data-fold="${CSS.escape(fold.dataset.fold)}"]`);
				if (same) same.open = fold.open;
			});
			const focused = old.contains(document.activeElement);
			old.replaceWith(fresh);
			if (focused) fresh.setAttribute("tabindex", "-1"), fresh.focus({ preventScroll: true });
		}

		function keep(conversation, busy) {
			if (!conversation.id) conversation.id = maru.conversations.freshId();
			if (conversation.id === moved.from) conversation.id = moved.to;
			const opened = opening;
			opening = opening && !value().html?.length; // until the server has drawn it
			const now = JSON.stringify(conversation);
			if (now === saved || (busy && Date.now() - savedAt < 1000)) return;
			saved = now;
			const stored = maru.conversations.stored(conversation.id);
			if (opened && stored !== null) return void (kept = stored);
			if (stored !== null && stored !== now && stored !== kept) {
				moved = { from: conversation.id, to: maru.conversations.freshId() }; // another tab wrote it: keep both
				conversation.id = moved.to;
				saved = JSON.stringify(conversation);
			}
			savedAt = Date.now();
			maru.conversations.save(conversation);
			kept = maru.conversations.stored(conversation.id);
			maru.conversations.choose(conversation.id);
		}

		// Another tab of this browser wrote the conversation: shown here as well, once its answers are whole.
		window.addEventListener("storage", () => {
			const { conversation, busy } = value();
			const stored = conversation?.id && maru.conversations.stored(conversation.id);
			if (!stored || stored === kept || busy || list.querySelector(".editing")) return;
			const newer = JSON.parse(stored);
			if (newer.turns.every((turn) => turn.answer?.done || turn.problem)) maru.open(newer);
		});

		function greeting() {
			const box = document.createElement("div");
			box.className = "greeting";
			const title = Object.assign(document.createElement("h2"), { textContent: maru.say("greeting.title") });
			const words = Object.assign(document.createElement("p"), { textContent: maru.say("greeting.words") });
			const examples = document.createElement("ul");
			const language = spokenByTheModel();
			for (const key of EXAMPLES) {
				const button = Object.assign(document.createElement("button"), { type: "button", textContent: maru.say(key, {}, language), lang: language });
				button.dataset.do = "example";
				examples.append(document.createElement("li"));
				examples.lastElementChild.append(button);
			}
			box.append(title, words, examples);
			if (language !== maru.language) words.after(Object.assign(document.createElement("p"), { className: "limits", textContent: limits() }));
			return box;
		}

		// A model that does not know the person's language is offered questions in one that it knows.
		function spokenByTheModel() {
			const spoken = maru.modelLanguages ?? [];
			if (!spoken.length || spoken.includes(maru.language)) return maru.language;
			return spoken.find((code) => maru.languages.includes(code)) ?? maru.language;
		}

		function limits() {
			const name = new Intl.DisplayNames([maru.language], { type: "language" });
			return maru.say("greeting.languages", { names: maru.modelLanguages.map((code) => name.of(code)).join(", ") });
		}

		maru.greetAgain = () => list.querySelector(".greeting")?.replaceWith(greeting());

		// What the buttons in a turn do ----------------------------------------------------------------

		const ask = (turn, text) => {
			following = true;
			trigger("submit", { turn, text });
		};
		const turnOf = (target) => Number(target.closest("[data-turn]").dataset.turn);

		const actions = {
			copy: (target) => maru.copy(maru.citedText(value().conversation.turns[turnOf(target)].answer), target),
			retry: (target) => ask(turnOf(target), value().conversation.turns[turnOf(target)].text),
			edit: (target) => edit(target.closest("[data-turn]")),
			undo: () => {
				const { conversation, html } = value();
				const last = conversation.turns.at(-1);
				shown = [];
				set({ conversation: { ...conversation, turns: conversation.turns.slice(0, -1) }, html: html.slice(0, -1) });
				maru.compose(last.text);
			},
			example: (target) => ask(0, target.textContent),
		};

		element.addEventListener("click", (event) => {
			const cite = event.target.closest("[data-cite]");
			if (cite) return openSource(cite);
			const target = event.target.closest("[data-do]");
			if (target && !value().busy) actions[target.dataset.do]?.(target);
		});

		function openSource(cite) {
			const turn = cite.closest("[data-turn]");
			const source = turn.querySelector(`details[data-source="${Number(cite.dataset.cite)}"]`);
			if (!source) return;
			source.parentElement.closest("details").open = true;
			source.open = true;
			source.scrollIntoView({ block: "nearest", behavior: "smooth" });
			source.querySelector("summary").focus({ preventScroll: true });
		}

		function edit(turn) {
			const number = Number(turn.dataset.turn);
			const question = turn.querySelector(".question");
			const before = [...question.childNodes];
			const field = Object.assign(document.createElement("textarea"), { value: value().conversation.turns[number].text });
			field.setAttribute("aria-label", maru.say("turn.edit"));
			const button = (key, act, kind) => {
				const made = Object.assign(document.createElement("button"), { type: "button", textContent: maru.say(key), className: kind });
				made.addEventListener("click", act);
				return made;
			};
			const cancel = () => (question.classList.remove("editing"), question.replaceChildren(...before));
			const send = () => {
				if (value().busy) return maru.notify(maru.say("conversations.busy"));
				if (field.value.trim()) cancel(), ask(number, field.value);
			};
			field.addEventListener("keydown", (event) => {
				if (maru.composing(event)) return;
				if (event.key === "Escape") cancel();
				if (event.key === "Enter" && !event.shiftKey) event.preventDefault(), send();
			});
			const buttons = Object.assign(document.createElement("div"), { className: "tools" });
			buttons.append(button("turn.cancel", cancel, ""), button("turn.ask_again", send, "primary"));
			question.classList.add("editing");
			question.replaceChildren(field, buttons);
			field.style.height = `${Math.min(field.scrollHeight + 4, 300)}px`;
			field.focus();
		}

		// What the rest of the page may do with the conversation ----------------------------------------

		maru.open = (conversation) => {
			if (value().busy) return maru.notify(maru.say("conversations.busy"));
			shown = [];
			list.replaceChildren();
			following = opening = true;
			moved = {};
			set({ conversation, html: [], busy: false });
			maru.conversations.choose(conversation.id);
			if (conversation.turns.length) trigger("select");
		};
		maru.clear = () => {
			const { conversation, busy } = value();
			if (busy || !conversation?.turns.length || !confirm(maru.say("chat.clear_sure"))) return;
			shown = [];
			set({ conversation: { ...conversation, turns: [] }, html: [] });
		};
		maru.shownConversation = () => value().conversation;

		watch("value", render);
		render();
	};
})();
