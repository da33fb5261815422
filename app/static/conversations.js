// The person's conversations, in this browser's storage and nowhere else.
//
//   maru.conversations        [{id, name, updated}, …], newest first
//   maru.conversation.<id>    {"maru": 1, id, name, created, turns: […]}
//   maru.current              the id on the screen
(() => {
	const maru = window.maru;
	const INDEX = "maru.conversations";
	const one = (id) => `maru.conversation.${id}`;
	const listeners = new Set();

	const read = (key, otherwise) => {
		try {
			return JSON.parse(localStorage.getItem(key)) ?? otherwise;
		} catch {
			return otherwise;
		}
	};
	const write = (key, value) => {
		try {
			localStorage.setItem(key, JSON.stringify(value));
			return true;
		} catch {
			maru.notify(maru.say("conversations.full"));
			return false;
		}
	};
	const changed = () => listeners.forEach((listener) => listener());

	const freshId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

	const titleOf = (conversation) =>
		conversation.name || conversation.turns?.[0]?.text?.trim().slice(0, 80) || maru.say("conversations.untitled");

	const list = () => read(INDEX, []).filter((entry) => entry && typeof entry.id === "string");

	const blank = () => ({ maru: 1, id: freshId(), name: "", created: new Date().toISOString(), turns: [] });

	function save(conversation) {
		const known = list().some((entry) => entry.id === conversation.id);
		if (!known && !conversation.turns.length) return; // an untouched new one is no entry
		if (known && localStorage.getItem(one(conversation.id)) === JSON.stringify(conversation)) return; // only opened
		if (!write(one(conversation.id), conversation)) return;
		const entry = { id: conversation.id, name: titleOf(conversation), updated: Date.now() };
		write(INDEX, [entry, ...list().filter((other) => other.id !== entry.id)]);
		changed();
	}

	function remove(id) {
		localStorage.removeItem(one(id));
		write(INDEX, list().filter((entry) => entry.id !== id));
		changed();
	}

	function rename(id, name) {
		const conversation = get(id);
		if (!conversation) return;
		conversation.name = name.trim().slice(0, 200);
		write(one(id), conversation);
		write(INDEX, list().map((entry) => (entry.id === id ? { ...entry, name: titleOf(conversation) } : entry)));
		changed();
	}

	const stored = (id) => {
		try {
			return localStorage.getItem(one(id));
		} catch {
			return null;
		}
	};
	const get = (id) => read(one(id), null);

	function current() {
		const id = maru.recall("current");
		return (id && get(id)) || null;
	}

	function markdown(conversation) {
		const lines = [`# ${titleOf(conversation)}`, ""];
		for (const turn of conversation.turns) {
			lines.push(`## ${turn.text.trim()}`, "");
			const problem = turn.problem && (turn.problem[maru.language] ?? Object.values(turn.problem)[0]);
			if (problem) lines.push(`**${problem}**`, "");
			if (!turn.answer) continue;
			lines.push(maru.citedText(turn.answer).trim(), "");
			for (const source of turn.answer.citations || []) {
				const page = source.page == null ? "" : ` · ${maru.say("source.page", { page: source.page })}`;
				lines.push(`> [${source.n}] ${source.source}${page}: ${source.text.trim().replace(/\s*\n\s*/g, " ")}`, "");
			}
			const model = turn.answer.model || {};
			lines.push(`*${[turn.answer.question?.technique, model.id, model.precision].filter(Boolean).join(" · ")}*`, "");
		}
		return lines.join("\n");
	}

	// The answer with [n] behind each supported sentence, as the server's Answer.cited_text writes it.
	maru.citedText = (answer) => {
		const letters = Array.from(answer.text); // offsets count code points, as in Python
		let at = 0;
		let text = "";
		for (const sentence of answer.sentences || []) {
			const marks = sentence.citations.map((n) => `[${n}]`).join("");
			text += letters.slice(at, sentence.end).join("") + (marks ? ` ${marks}` : "");
			at = sentence.end;
		}
		return text + letters.slice(at).join("");
	};

	maru.conversations = {
		list, get, stored, save, remove, rename, current, blank, freshId, titleOf, markdown,
		choose: (id) => maru.remember("current", id),
		onChange: (listener) => listeners.add(listener),
	};

	// What the page begins with.
	maru.first = () => ({ conversation: current() || blank(), html: [], busy: false });

	// Another tab of this browser changed them.
	window.addEventListener("storage", (event) => event.key === INDEX && changed());
})();
