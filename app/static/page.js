// Small things of the whole page: header, drawers, messages, copying, and Enter in the composer.
(() => {
	const maru = window.maru;

	// While Hangul (or any other script) is being composed, Enter belongs to the composition.
	maru.composing = (event) => event.isComposing || event.keyCode === 229;

	const inComposer = (target) => target instanceof HTMLTextAreaElement && target.closest("#maru-composer, #maru-compare-ask");
	const isBusy = (target) => document.body.dataset[target.closest("#maru-composer") ? "maruBusy" : "maruComparing"] === "true";
	for (const kind of ["keydown", "keypress"]) {
		document.addEventListener(
			kind,
			(event) => {
				if (event.key !== "Enter" || event.shiftKey || !inComposer(event.target)) return;
				if (maru.composing(event)) event.stopImmediatePropagation();
				else if (isBusy(event.target) || !event.target.value.trim()) {
					event.preventDefault();
					event.stopImmediatePropagation();
				}
			},
			true,
		);
	}

	maru.compose = (text) => {
		const field = document.querySelector("#maru-composer textarea");
		if (!field) return;
		field.value = text;
		field.dispatchEvent(new Event("input", { bubbles: true }));
		field.focus();
	};

	maru.notify = (text) => {
		let box = document.querySelector(".maru-notice");
		if (!box) {
			box = document.createElement("div");
			box.className = "maru-notice";
			box.setAttribute("role", "alert");
			document.body.append(box);
		}
		box.textContent = text;
		clearTimeout(maru.notify.timer);
		maru.notify.timer = setTimeout(() => box.remove(), 8000);
	};

	// Gradio keeps every message for ten seconds: the newest says what came of the last thing that was done.
	// (Those of one kind share a frame; the styles show the last of them.)
	new MutationObserver((changes) => {
		const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node instanceof Element);
		const fresh = added.map((node) => node.closest(".toast-body") ?? node.querySelector(".toast-body")).findLast(Boolean);
		if (!fresh) return;
		for (const toast of document.querySelectorAll(".toast-body")) if (toast !== fresh) toast.querySelector(".toast-close")?.click();
	}).observe(document.documentElement, { childList: true, subtree: true });

	maru.copy = async (text, button) => {
		try {
			await navigator.clipboard.writeText(text);
		} catch {
			const field = document.createElement("textarea"); // pages served over plain http have no clipboard
			field.value = text;
			document.body.append(field);
			field.select();
			document.execCommand("copy");
			field.remove();
		}
		const label = button.textContent;
		button.textContent = maru.say("turn.copied");
		setTimeout(() => (button.textContent = label), 1500);
	};

	maru.drawer = (name) => {
		document.body.dataset.maruDrawer = name;
		document.querySelectorAll("[data-drawer]").forEach((button) => {
			if (button.dataset.drawer) button.setAttribute("aria-expanded", String(button.dataset.drawer === name));
		});
	};

	document.addEventListener("click", (event) => {
		const target = event.target instanceof Element ? event.target : null;
		const opener = target?.closest("[data-drawer]");
		if (opener) return maru.drawer(document.body.dataset.maruDrawer === opener.dataset.drawer ? "" : opener.dataset.drawer);
		const open = document.body.dataset.maruDrawer;
		if (open && target && document.contains(target) && !target.closest(`#maru-${open}`)) maru.drawer("");
	});
	document.addEventListener("keydown", (event) => event.key === "Escape" && maru.drawer(""));

	maru.header = (element) => {
		document.body.style.setProperty("--maru-toast-title", JSON.stringify(maru.say("error.title")));
		const languages = element.querySelector(".languages");
		languages.setAttribute("aria-label", maru.say("header.language"));
		for (const [code, name] of [["ko", "한국어"], ["en", "English"]]) {
			const button = Object.assign(document.createElement("button"), { type: "button", textContent: name, lang: code });
			button.setAttribute("aria-pressed", String(code === maru.language));
			button.addEventListener("click", () => code !== maru.language && maru.setLanguage(code));
			languages.append(button);
		}
		const theme = element.querySelector(".theme");
		const name = () => {
			theme.textContent = maru.say(maru.isDark() ? "header.light" : "header.dark");
		};
		theme.addEventListener("click", () => (maru.toggleTheme(), name()));
		name();
	};

	maru.toolbar = (element) => {
		const title = element.querySelector(".title");
		maru.texts(element);
		element.querySelector("[data-clear]").addEventListener("click", () => maru.clear());
		maru.titleChanged = (conversation) => {
			title.textContent = conversation?.turns?.length ? maru.conversations.titleOf(conversation) : "";
			element.querySelector("[data-clear]").disabled = !conversation?.turns?.length;
		};
		maru.titleChanged(maru.shownConversation?.());
	};

	// What the person set stays in this browser.
	maru.saveSettings = (names, values) => {
		const settings = Object.fromEntries(names.map((name, i) => [name, values[i]]));
		document.body.dataset.maruTechnique = settings.technique || "";
		document.body.dataset.maruGrounded = String(Boolean(settings.collection));
		document.body.dataset.maruAdapter = String(Boolean(settings.adapter));
		document.body.dataset.maruMixed = String(Boolean(settings.adapter && settings.second_adapter));
		maru.techniqueChanged?.(settings.technique);
		// parts tell of their first values before the remembered ones are there: these are not to be kept
		if (maru.settingsRestored) maru.remember("settings", JSON.stringify(settings));
	};
	maru.loadSettings = () => {
		try {
			return JSON.parse(maru.recall("settings")) || {};
		} catch {
			return {};
		}
	};
})();
