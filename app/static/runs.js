// Runs of comparisons: lists and reports from the server whose buttons speak back.
(() => {
	const maru = window.maru;

	const act = (button, trigger) => {
		const { id, name, sure } = button.dataset;
		const wanted = button.dataset.do;
		if (wanted === "open" || wanted === "add" || wanted === "cancel") trigger("select", { id: id ?? "", do: wanted });
		if (wanted === "filter" || wanted === "page") trigger("select", { id, do: wanted });
		if (wanted === "filter") document.querySelector("#maru-run-questions")?.scrollIntoView({ block: "start" });
		if (wanted === "stop") trigger("stop", { id });
		if (wanted === "resume") trigger("retry", { id });
		if (wanted === "close") trigger("clear", { id });
		if (wanted === "download") trigger("download", { id });
		if (wanted === "add") document.querySelector("#maru-run-new")?.scrollIntoView({ block: "start" });
		if (wanted === "copy") maru.copy(button.parentElement.querySelector("pre").textContent, button);
		if (wanted === "delete" && confirm(maru.say(sure, { name }))) trigger("delete", { id });
		if (wanted === "rename") {
			const text = prompt(maru.say("runs.new_name"), name);
			if (text?.trim()) trigger("edit", { id, text });
		}
	};

	maru.runs = (element, props, trigger, watch) => {
		const part = element.querySelector(".part");
		let drawn = null;
		const draw = () => {
			const html = props.value || "";
			if (html === drawn) return;
			const open = [...part.querySelectorAll("details.fold[open], details.more[open]")].map((one) => one.querySelector("summary").textContent);
			const focused = part.contains(document.activeElement) ? document.activeElement.dataset : null;
			part.innerHTML = drawn = html;
			part.querySelectorAll("time").forEach((time) => {
				time.textContent = new Date(time.dateTime).toLocaleString(maru.language, { dateStyle: "medium", timeStyle: "short" });
			});
			part.querySelectorAll("details.fold, details.more").forEach((one) => {
				if (open.includes(one.querySelector("summary").textContent)) one.open = true;
			});
			if (focused?.do) part.querySelector(`[data-do="${focused.do}"][data-id="${CSS.escape(focused.id ?? "")}"]`)?.focus({ preventScroll: true });
		};
		part.addEventListener("click", (event) => {
			const asked = event.target.closest("details.question > summary");
			if (asked) {
				event.preventDefault(); // the server fills it
				trigger("select", { id: asked.parentElement.dataset.id, do: "question" });
				return;
			}
			const button = event.target.closest("button[data-do]");
			if (button && !button.disabled) act(button, trigger);
		});
		part.addEventListener("change", (event) => {
			if (event.target.matches("select[data-do=filter]")) trigger("select", { id: event.target.value, do: "filter" });
		});
		watch("value", draw);
		draw();
	};

	maru.toRun = () => document.querySelector("#maru-run")?.scrollIntoView({ block: "start" });

	// A file that an event has just written for a download.
	maru.saveFile = (file) => {
		if (!file?.url) return;
		const link = Object.assign(document.createElement("a"), { href: file.url, download: file.orig_name || "" });
		document.body.append(link);
		link.click();
		link.remove();
	};

	// A column becomes what the chat begins with: the page reads it from the browser's storage, as always.
	maru.adopt = (settings) => {
		if (!settings?.technique) return;
		maru.settingsRestored = false; // what the panel still says is not kept any more
		maru.remember("settings", JSON.stringify({ ...maru.loadSettings(), ...settings }));
		maru.remember("adopted", "yes");
		maru.toTab("maru-tabs", "chat"); // that is where it is used
		location.reload();
	};
	addEventListener("load", () => {
		if (maru.recall("adopted") !== "yes") return;
		maru.remember("adopted", "");
		setTimeout(() => maru.notify(maru.say("runs.adopted")), 1000);
	});
})();
