// The sheet on which prompt templates are written (app/templates): opening and closing it, its list, the
// variables, and what is not saved yet, which stays in this browser.
(() => {
	const maru = window.maru;
	const LARGEST = 1_000_000; // bytes, as chains/templates/yaml_format.py
	const FIELDS = ["name", "language", "system", "user"];
	const FRESH = { name: "", system: "", user: "{question}" };
	let opener = null;
	let unsaved = false;

	const sheet = () => document.querySelector("#maru-templates");
	const behind = () => document.querySelectorAll("#maru-header, #maru-tabs > .tab-wrapper, #maru-chat");
	const draft = () => {
		try {
			return JSON.parse(maru.recall("template"));
		} catch {
			return null;
		}
	};

	function show(open) {
		document.body.dataset.maruSheet = String(open);
		behind().forEach((part) => (part.inert = open));
		if (open) sheet().querySelector(".sheet-close").focus();
		else opener?.focus();
	}

	maru.sheet = (element) => {
		maru.texts(element);
		const close = element.querySelector(".sheet-close");
		close.addEventListener("click", () => show(false));
		requestAnimationFrame(() => {
			sheet().setAttribute("role", "dialog");
			sheet().setAttribute("aria-modal", "true");
			sheet().setAttribute("aria-label", maru.say("templates.title"));
		});
		document.addEventListener("keydown", (event) => {
			if (event.key !== "Escape" || document.body.dataset.maruSheet !== "true" || maru.composing(event)) return;
			if (event.target.getAttribute?.("aria-expanded") !== "true") show(false); // an open choice closes first
		});
	};

	// Templates are edited beside where they are chosen.
	maru.templateOpener = (element) => {
		maru.texts(element);
		const button = element.querySelector("button");
		button.addEventListener("click", () => ((opener = button), maru.openTemplates?.()));
	};

	// What is written and not saved outlives the sheet and the page.
	maru.keepTemplate = ([name, language, system, user, listed]) => {
		if (!listed?.html) return; // the sheet was never opened
		const now = { name, language, system, user };
		const before = listed.opened ?? { ...FRESH, language };
		unsaved = FIELDS.some((field) => (now[field] ?? "") !== (before[field] ?? ""));
		document.body.dataset.maruUnsaved = String(unsaved);
		maru.remember("template", JSON.stringify(unsaved ? { ...now, opened: listed.opened?.name ?? "" } : null));
	};
	const leave = () => !unsaved || confirm(maru.say("templates.leave_sure"));

	maru.sureOfTemplate = (given) => {
		if (!confirm(maru.say("templates.delete_sure", { name: given[0]?.opened?.name ?? "" }))) throw new Error("not confirmed");
		return given;
	};

	// The list: value is {html, opened}. Leaving what is not saved is asked about.
	maru.templateList = (element, props, trigger, watch) => {
		const part = element.querySelector(".part");
		const picker = Object.assign(document.createElement("input"), { type: "file", accept: ".yaml,.yml", hidden: true });
		picker.setAttribute("aria-label", maru.say("templates.import"));
		element.append(picker);
		const acts = {
			open: (button) => leave() && trigger("select", { id: button.dataset.id }),
			new: () => leave() && trigger("clear"),
			import: () => leave() && picker.click(),
			export: () => trigger("download"),
		};
		element.addEventListener("click", (event) => {
			const button = event.target.closest("[data-do]");
			if (button) acts[button.dataset.do](button);
		});
		picker.addEventListener("change", async () => {
			const file = picker.files[0];
			picker.value = "";
			if (!file) return;
			if (file.size > LARGEST) return maru.notify(maru.say("templates.too_large", { kilobytes: LARGEST / 1000 }));
			try {
				const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
				trigger("upload", { text });
			} catch {
				maru.notify(maru.say("templates.not_text"));
			}
		});
		maru.openTemplates = () => {
			const asked = document.querySelector("#maru-composer textarea")?.value.trim();
			const last = maru.shownConversation?.()?.turns?.at(-1)?.text;
			show(true);
			trigger("expand", { draft: draft(), asked: asked || last || maru.say("example.1") });
		};
		const draw = () => (part.innerHTML = props.value?.html || "");
		watch("value", draw);
		draw();
	};

	maru.templateVersions = (element, props, trigger, watch) => {
		const part = element.querySelector(".part");
		element.addEventListener("click", (event) => {
			const button = event.target.closest("[data-do=restore]");
			if (button && leave()) trigger("select", { id: button.dataset.id });
		});
		const draw = () => (part.innerHTML = props.value || "");
		watch("value", draw);
		draw();
	};

	// A press puts the variable where the cursor is, or was.
	maru.templateVariables = (element) => {
		maru.texts(element);
		const list = element.querySelector("[data-names]");
		const texts = () => [...sheet().querySelectorAll("#maru-template-user textarea, #maru-template-system textarea")];
		let written = null;
		document.addEventListener("focusin", (event) => texts().includes(event.target) && (written = event.target));
		for (const name of list.dataset.names.split(" ")) {
			const chip = Object.assign(document.createElement("button"), { type: "button", textContent: `{${name}}`, className: "chip" });
			chip.addEventListener("click", () => {
				const field = texts().includes(written) ? written : sheet().querySelector("#maru-template-user textarea");
				field.setRangeText(chip.textContent, field.selectionStart, field.selectionEnd, "end");
				field.dispatchEvent(new Event("input", { bubbles: true }));
				field.focus();
			});
			const item = document.createElement("li");
			item.append(chip, Object.assign(document.createElement("span"), { textContent: maru.say(`templates.variable.${name}`) }));
			list.append(item);
		}
	};

	maru.downloadTemplates = (name, text) => {
		const plain = name.replace(/[\\/:*?"<>|\x00-\x1f]+/g, " ").trim().slice(0, 60) || "templates";
		maru.download(`${plain}.yaml`, "application/yaml", text);
	};
})();
