// The tabs a person is on stay through a reload and a switch of the language; a new window begins with the first.
(() => {
	const maru = window.maru;
	const GROUPS = ["maru-tabs", "maru-compare"]; // the outer ones first: inner ones are drawn when they are seen
	const KEY = "maru.tabs";
	const WAIT_MS = 10000;
	let restored = false;
	let chosen = false;

	const find = (group, rest) => document.querySelector(`#${group} > .tab-wrapper button[role="tab"]${rest}`);
	const recall = () => {
		try {
			return JSON.parse(sessionStorage.getItem(KEY)) || {};
		} catch {
			return {};
		}
	};

	addEventListener("pagehide", () => {
		if (!restored) return; // what is on the screen is not yet where the person was
		const selected = GROUPS.map((group) => [group, find(group, '[aria-selected="true"]')?.dataset.tabId]);
		try {
			sessionStorage.setItem(KEY, JSON.stringify(Object.fromEntries(selected.filter(([, id]) => id))));
		} catch {
			// a browser without storage begins with the first tab
		}
	});
	document.addEventListener("click", (event) => (chosen ||= event.isTrusted && Boolean(event.target.closest?.('[role="tab"]'))), true);

	maru.toTab = (group, id) => {
		const button = find(group, `[data-tab-id="${CSS.escape(id)}"]`);
		if (button && button.getAttribute("aria-selected") !== "true") button.click();
		return Boolean(button);
	};

	// Called when the language is known to the server's parts. Whoever chose a tab meanwhile stays there.
	maru.backToTabs = () => {
		const wanted = Object.entries(recall()).filter(([group]) => GROUPS.includes(group));
		const go = () => {
			while (!chosen && wanted.length && maru.toTab(...wanted[0])) wanted.shift();
			restored = chosen || !wanted.length;
			return restored;
		};
		if (go()) return;
		const watching = new MutationObserver(() => go() && watching.disconnect());
		watching.observe(document.body, { childList: true, subtree: true });
		setTimeout(() => (watching.disconnect(), (restored = true)), WAIT_MS);
	};
})();
