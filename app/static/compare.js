// The Compare tab: the columns that a grid comes to, and answers side by side.
(() => {
	const maru = window.maru;

	// The list of columns: value is {ways, kept, dropped, html}; × takes one out.
	maru.ways = (element, props, trigger, watch) => {
		const box = element.querySelector(".columns");
		const draw = () => (box.innerHTML = props.value?.html || "");
		box.addEventListener("click", (event) => {
			const button = event.target.closest("[data-do=take]");
			if (button) trigger("delete", { id: button.dataset.id });
		});
		watch("value", draw);
		draw();
	};

	// What was chosen for the columns stays in this browser; it comes back once, when a form is first filled.
	// given: the list of columns, the language, and the axes, as the form's events have them.
	const recalled = new Set();
	maru.keepColumns = (name, [{ ways, kept, dropped }, , ...axes]) => {
		maru.remember(`columns.${name}`, JSON.stringify({ listed: { ways, kept, dropped }, axes }));
		return [];
	};
	maru.recallColumns = (name, given) => {
		if (recalled.has(name)) return given;
		recalled.add(name);
		try {
			const { listed, axes } = JSON.parse(maru.recall(`columns.${name}`));
			return axes.length === given.length - 2 ? [listed, given[1], ...axes] : given;
		} catch {
			return given; // nothing was kept, or it cannot be read
		}
	};

	// The last comparison stays in this browser until another one takes its place, or it is cleared.
	maru.recallCompared = () => {
		try {
			return JSON.parse(maru.recall("compared"));
		} catch {
			return null;
		}
	};

	// Answers side by side, made by app/compare/show_side_by_side.py. value: {bar, cards, foot: HTML, busy,
	// patches: [[text, differences], …], kept: what comes back with a vote}. What is not told stays as it is.
	maru.sideBySide = (element, props, trigger, watch) => {
		const part = (name) => element.querySelector(`.${name}`);
		const list = part("cards");
		let shown = [];

		// Before anything was compared: what to do, and an example.
		const empty = () => {
			const words = Object.assign(document.createElement("p"), { textContent: maru.say("compare.empty") });
			const button = Object.assign(document.createElement("button"), { type: "button", textContent: maru.say("compare.example") });
			button.dataset.do = "example";
			part("empty").replaceChildren(words, button);
		};

		const place = (html, at) => {
			if (shown[at] === html) return;
			const holder = document.createElement("template");
			holder.innerHTML = html;
			const fresh = holder.content.firstElementChild;
			const old = list.children[at];
			old?.querySelectorAll("details[data-fold]").forEach((fold) => {
				const same = fresh.querySelector(`details[data-fold="${CSS.escape(fold.dataset.fold)}"]`);
				if (same) same.open = fold.open;
			});
			old ? old.replaceWith(fresh) : list.append(fresh);
		};
		const patch = ([text, differences], at) => {
			const card = list.children[at];
			const fold = card?.querySelector(".differences details");
			const open = fold?.open;
			const shownText = card?.querySelector(".answer > .text");
			if (text !== null && shownText) shownText.innerHTML = text;
			if (card?.querySelector(".differences")) card.querySelector(".differences").innerHTML = differences;
			if (open) card.querySelector(".differences details")?.setAttribute("open", "");
		};
		const draw = () => {
			const { bar, cards, foot, patches, kept, busy = false } = props.value || {};
			if (kept) maru.remember("compared", JSON.stringify(kept));
			if (cards?.length || list.children.length) part("empty").replaceChildren();
			else if (!part("empty").children.length) empty();
			if (cards) {
				cards.forEach(place);
				while (list.children.length > cards.length) list.lastElementChild.remove();
				shown = [...cards];
			}
			if (patches) patches.forEach(patch), (shown = []);
			for (const [name, html] of Object.entries({ bar, foot })) if (html !== undefined && html !== null) part(name).innerHTML = html;
			// A comparison that begins is brought into view: below a long form it would not be seen.
			if (busy && list.getAttribute("aria-busy") !== "true" && list.getBoundingClientRect().top > innerHeight / 2)
				element.scrollIntoView({ block: "start", behavior: "smooth" });
			list.setAttribute("aria-busy", String(busy));
			document.body.dataset.maruComparing = String(busy);
		};

		element.addEventListener("click", (event) => {
			const cite = event.target.closest("[data-cite]");
			if (cite) return openSource(cite);
			const button = event.target.closest("[data-do]");
			if (button?.dataset.do === "example") trigger("apply");
			if (button?.dataset.do === "clear") clear();
			if (button?.dataset.do === "vote") trigger("like", { id: button.dataset.id });
			if (button?.dataset.do === "copy") maru.copy(button.closest(".card").querySelector(".answer > .text").innerText, button);
		});
		element.addEventListener("change", (event) => {
			if (event.target.matches("[data-do=against]")) trigger("select", { id: event.target.value });
		});

		function clear() {
			maru.forget("compared");
			props.value = {};
			shown = [];
			list.replaceChildren();
			part("bar").replaceChildren();
			part("foot").replaceChildren();
			draw();
		}

		function openSource(cite) {
			const source = cite.closest(".card").querySelector(`details[data-source="${Number(cite.dataset.cite)}"]`);
			if (!source) return;
			source.parentElement.closest("details").open = true;
			source.open = true;
			source.scrollIntoView({ block: "nearest", behavior: "smooth" });
			source.querySelector("summary").focus({ preventScroll: true });
		}

		watch("value", draw);
		draw();
	};
})();
