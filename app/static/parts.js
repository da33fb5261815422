// Smaller parts that the server fills: texts, lists with buttons, the embedders, the few-shot rows.
(() => {
	const maru = window.maru;

	maru.texts = (element) => {
		element.querySelectorAll("[data-text]").forEach((part) => (part.textContent = maru.say(part.dataset.text)));
		element.querySelectorAll("[data-label]").forEach((part) => part.setAttribute("aria-label", maru.say(part.dataset.label)));
	};

	const act = (button, trigger) => {
		const { id, start, name, sure, files } = button.dataset;
		const wanted = button.dataset.do;
		if (wanted === "open") trigger("select", { id, start: Number(start) || 0 });
		if (wanted === "delete" && confirm(maru.say(sure || "documents.delete_one_sure", { name }))) {
			trigger("delete", { id, files: Boolean(files) && confirm(maru.say("models.files_sure", { files })) });
		}
		if (wanted === "stop" || wanted === "retry") trigger(wanted);
		if (wanted === "dismiss") trigger("clear");
	};

	// HTML from the server whose buttons speak back: data-do="open" | "delete" | "stop" | "retry" |
	// "dismiss", with data-id.
	maru.part = (element, props, trigger, watch) => {
		const part = element.querySelector(".part");
		const draw = () => {
			part.innerHTML = props.value || "";
			part.querySelectorAll("time").forEach((time) => {
				time.textContent = new Date(time.dateTime).toLocaleString(maru.language, { dateStyle: "medium", timeStyle: "short" });
			});
		};
		element.addEventListener("click", (event) => {
			const button = event.target.closest("[data-do]");
			if (!button) return;
			act(button, trigger);
		});
		watch("value", draw);
		draw();
	};

	maru.modelState = (element, props, trigger, watch) => {
		const line = element.querySelector(".model");
		const draw = () => {
			line.innerHTML = props.value || "";
			const spoken = line.querySelector("[data-languages]")?.dataset.languages ?? "";
			if (spoken !== (maru.modelLanguages ?? []).join(" ")) {
				maru.modelLanguages = spoken.split(" ").filter(Boolean);
				maru.greetAgain?.();
			}
		};
		line.addEventListener("click", (event) => event.target.closest("[data-do=retry]") && trigger("retry"));
		watch("value", draw);
		draw();
	};

	maru.embedders = (element, props, watch) => {
		const field = element.querySelector("fieldset");
		const draw = () => (field.innerHTML = props.value?.html || "");
		field.addEventListener("change", (event) => (props.value = { ...props.value, chosen: event.target.value }));
		watch("value", () => props.value?.html !== undefined && !field.contains(document.activeElement) && draw());
		draw();
	};

	// Radio buttons from the server: value is {html, chosen}. A choice is told at once; buttons speak as above.
	// What the person chose stays chosen while it can be, whatever was on its way from the server meanwhile.
	maru.choosing = (element, props, trigger, watch) => {
		const field = element.querySelector("fieldset");
		let drawn = null;
		let mine = null;
		const keep = () => {
			const input = mine !== null && field.querySelector(`input[value="${CSS.escape(mine)}"]:not(:disabled)`);
			if (!input) return;
			input.checked = true;
			if (props.value.chosen !== mine) props.value = { ...props.value, chosen: mine };
		};
		const draw = () => {
			const html = props.value?.html || "";
			if (html === drawn) return keep();
			const focused = field.contains(document.activeElement) ? document.activeElement.value : null;
			field.innerHTML = drawn = html;
			if (focused !== null) field.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
			keep();
		};
		field.addEventListener("change", (event) => {
			mine = event.target.value;
			props.value = { ...props.value, chosen: event.target.value };
			trigger("select", { id: event.target.value });
		});
		field.addEventListener("click", (event) => {
			const button = event.target.closest("[data-do]");
			if (button) act(button, trigger);
		});
		watch("value", draw);
		draw();
	};

	maru.koreanNote = (element, field) => {
		maru.texts(element);
		const note = element.querySelector("[data-text]");
		document.addEventListener("input", (event) => {
			if (event.target.closest?.(field)) note.hidden = !/[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]/.test(event.target.value);
		});
	};

	// Asking "are you sure?" inside an event: an error ends it there.
	maru.sure = (key, given) => {
		if (!confirm(maru.say(key, { name: given[0] ?? "" }))) throw new Error("not confirmed");
		return given;
	};

	maru.techniqueHelp = (element) => {
		const [words, unfit] = element.querySelectorAll(".help");
		maru.techniqueChanged = (key) => {
			words.textContent = key ? maru.say(`technique.${key}.help`) : "";
			// said only where the choice of a collection does not suit the technique
			const collection = document.body.dataset.maruGrounded === "true" ? "with" : "without";
			const note = `technique.${key}.${collection}_collection`;
			const known = maru.say(note);
			unfit.textContent = known === note ? "" : known;
		};
		maru.techniqueChanged(document.body.dataset.maruTechnique || "zero_shot");
	};

	// Few-shot rows: value is [[question, answer], …].
	maru.examples = (element, props, watch) => {
		const list = element.querySelector(".rows");
		let mine = "";
		const rows = () => (Array.isArray(props.value) ? props.value : []);
		const keep = (value) => {
			mine = JSON.stringify(value);
			props.value = value;
		};
		const field = (number, column, key) => {
			const made = Object.assign(document.createElement("textarea"), { value: rows()[number][column], rows: 2, placeholder: maru.say(key) });
			made.setAttribute("aria-label", maru.say(key));
			made.addEventListener("input", () => {
				keep(rows().map((row, at) => (at === number ? row.with(column, made.value) : row)));
			});
			return made;
		};
		function draw() {
			mine = JSON.stringify(rows());
			list.replaceChildren();
			rows().forEach((_, number) => {
				const item = document.createElement("div");
				item.className = "example";
				const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×", className: "danger" });
				remove.setAttribute("aria-label", maru.say("examples.remove", { number: number + 1 }));
				remove.addEventListener("click", () => (keep(rows().filter((_, other) => other !== number)), draw()));
				item.append(field(number, 0, "examples.question"), field(number, 1, "examples.answer"), remove);
				list.append(item);
			});
			if (!rows().length) list.append(Object.assign(document.createElement("p"), { className: "hint", textContent: maru.say("examples.none") }));
			const add = Object.assign(document.createElement("button"), { type: "button", textContent: maru.say("examples.add"), className: "quiet" });
			add.addEventListener("click", () => {
				keep([...rows(), ["", ""]]);
				draw();
				list.querySelector(".example:last-of-type textarea")?.focus();
			});
			list.append(add);
		}
		watch("value", () => JSON.stringify(props.value) !== mine && draw());
		draw();
	};
})();
