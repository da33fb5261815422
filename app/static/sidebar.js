// The list of conversations: new, choose, rename, delete, export, import. All of it from the browser's storage.
(() => {
	const maru = window.maru;
	const LARGEST = 5_000_000; // as app/conversation.py

	const make = (tag, properties = {}, ...children) => {
		const element = Object.assign(document.createElement(tag), properties);
		element.append(...children);
		return element;
	};
	const button = (key, act, className = "") => {
		const made = make("button", { type: "button", textContent: maru.say(key), className });
		made.addEventListener("click", act);
		return made;
	};

	const fileName = (conversation, suffix) =>
		`${maru.conversations.titleOf(conversation).replace(/[\\/:*?"<>|\x00-\x1f]+/g, " ").trim().slice(0, 60) || "maru"}.${suffix}`;

	const download = (maru.download = (name, type, text) => {
		const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
		link.click();
		setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
	});

	maru.sidebar = (element, trigger) => {
		const root = element.querySelector(".conversations");
		const list = make("ul", { className: "list" });
		const picker = make("input", { type: "file", accept: ".json,application/json", hidden: true });
		picker.setAttribute("aria-label", maru.say("conversations.import"));
		const fresh = button("conversations.new", () => (maru.open(maru.conversations.blank()), maru.drawer("")), "new");
		const load = button("conversations.import", () => picker.click(), "quiet");
		const close = make("button", { type: "button", className: "close", textContent: "×" });
		close.dataset.drawer = "";
		close.setAttribute("aria-label", maru.say("drawer.close"));
		const heading = make("h2", { textContent: maru.say("conversations.title") });
		const hint = make("p", { className: "hint", textContent: maru.say("conversations.hint") });
		root.replaceChildren(make("div", { className: "head" }, heading, fresh, close), list, make("div", { className: "foot" }, load, hint), picker);

		picker.addEventListener("change", async () => {
			const file = picker.files[0];
			picker.value = "";
			if (!file) return;
			if (file.size > LARGEST) return maru.notify(maru.say("error.conversation.too_large", { megabytes: LARGEST / 1e6 }));
			trigger("upload", { text: await file.text() });
			maru.drawer("");
		});

		// What the list shows. An answer that grows is saved about once a second: an open menu outlives that.
		let drawn = "";
		const state = (shown, entries) => JSON.stringify([shown, entries.map((entry) => [entry.id, entry.name])]);

		function follow() {
			if (state(maru.recall("current"), maru.conversations.list()) !== drawn) draw();
		}

		function draw() {
			const shown = maru.recall("current");
			const entries = maru.conversations.list();
			drawn = state(shown, entries);
			list.replaceChildren(...entries.map((entry) => row(entry, entry.id === shown)));
			if (!entries.length) list.append(make("li", { className: "none", textContent: maru.say("conversations.none") }));
		}

		function row(entry, isShown) {
			const name = make("button", { type: "button", className: "name", textContent: entry.name, title: entry.name });
			if (isShown) name.setAttribute("aria-current", "true");
			name.addEventListener("click", () => {
				const conversation = maru.conversations.get(entry.id);
				if (conversation) maru.open(conversation), maru.drawer("");
			});
			const item = make("li", { className: isShown ? "shown" : "" }, name);
			item.append(menu(entry, item));
			return item;
		}

		function menu(entry, item) {
			const summary = make("summary", { textContent: "⋯" });
			summary.setAttribute("aria-label", maru.say("conversations.more", { name: entry.name }));
			const with_ = (act) => () => {
				const conversation = maru.conversations.get(entry.id);
				folded.open = false;
				if (conversation) act(conversation);
			};
			const folded = make("details", { className: "menu" }, summary, make("div", {},
				button("conversations.rename", with_(() => renameIn(item, entry))),
				button("conversations.export_json", with_((one) => download(fileName(one, "json"), "application/json", JSON.stringify(one, null, 1)))),
				button("conversations.export_markdown", with_((one) => download(fileName(one, "md"), "text/markdown", maru.conversations.markdown(one)))),
				button("conversations.delete", with_(() => discard(entry)), "danger"),
			));
			return folded;
		}

		// An answer that grows is saved again and again, with the name it began with, and redraws this list.
		function refused() {
			const busy = document.body.dataset.maruBusy === "true";
			if (busy) maru.notify(maru.say("conversations.busy"));
			return busy;
		}

		function renameIn(item, entry) {
			if (refused()) return;
			const field = make("input", { value: entry.name, maxLength: 200 });
			field.setAttribute("aria-label", maru.say("conversations.rename"));
			let done = false;
			const finish = (keep) => {
				if (done) return;
				done = true;
				keep = keep && !refused();
				if (keep) maru.conversations.rename(entry.id, field.value);
				if (keep && maru.shownConversation()?.id === entry.id) maru.open(maru.conversations.get(entry.id));
				draw();
			};
			field.addEventListener("keydown", (event) => {
				if (maru.composing(event)) return;
				if (event.key === "Enter" || event.key === "Escape") finish(event.key === "Enter");
			});
			field.addEventListener("blur", () => finish(true));
			item.replaceChildren(field);
			field.select();
		}

		function discard(entry) {
			if (refused() || !confirm(maru.say("conversations.delete_sure", { name: entry.name }))) return;
			maru.conversations.remove(entry.id);
			if (maru.shownConversation()?.id === entry.id) maru.open(maru.conversations.blank());
		}

		document.addEventListener("click", (event) => {
			root.querySelectorAll("details.menu[open]").forEach((menu) => menu.contains(event.target) || (menu.open = false));
		});
		maru.conversations.onChange(follow);
		draw();
	};
})();
