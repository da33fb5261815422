// Lists whose entries can be changed in place: drafts, and the questions of a set.
(() => {
	const maru = window.maru;

	// What a form holds: a field that stands several times is a list, a checkbox true or false.
	const values = (form) => {
		const found = {};
		for (const field of form.elements) {
			if (!field.name) continue;
			if (field.type === "checkbox") found[field.name] = field.checked;
			else if (field.closest("[data-many]")) (found[field.name] ??= []).push(field.value);
			else found[field.name] = field.value;
		}
		return found;
	};

	const another = (many) => {
		const field = many.querySelector("textarea").cloneNode();
		field.value = "";
		many.append(field);
		field.focus();
	};

	const toggle = (button) => {
		const form = button.closest("[data-key]").querySelector("form");
		const hidden = form.closest("[hidden], [data-form]");
		hidden.hidden = !hidden.hidden;
		if (hidden.hidden) form.reset();
		else form.querySelector("textarea")?.focus();
	};

	// Entries that stay the same are left alone, so that what is being written in one is not lost while others
	// come and go; their order never changes.
	const update = (old, fresh) => {
		const wanted = new Map([...fresh.children].map((node) => [node.dataset.key, node]));
		for (const node of [...old.children]) {
			if (wanted.get(node.dataset.key)?.outerHTML !== node.source) node.remove();
		}
		let at = old.firstElementChild;
		for (const node of [...fresh.children]) {
			if (at && at.dataset.key === node.dataset.key) at = at.nextElementSibling;
			else {
				node.source = node.outerHTML;
				old.insertBefore(node, at);
			}
		}
	};

	// HTML from the server, as in maru.part; within [data-entries] every child has a data-key. Buttons:
	// data-toggle shows the entry's form, data-add another field; a form is told as "submit" with its id and
	// values, a box with data-keep as "select".
	maru.entries = (element, props, trigger, watch) => {
		const part = element.querySelector(".part");
		const shell = (node) => {
			const copy = node.cloneNode(true);
			copy.querySelector("[data-entries]")?.replaceChildren();
			return copy.innerHTML;
		};
		const around = (present, list) => {
			update(present, list);
			for (const node of [...part.children]) if (node !== present) node.remove();
			const others = [...list.parentElement.children];
			const at = others.indexOf(list);
			present.before(...others.slice(0, at));
			present.after(...others.slice(at + 1));
		};
		let drawn = null;
		const draw = () => {
			const fresh = document.createElement("div");
			fresh.innerHTML = props.value || "";
			const list = fresh.querySelector("[data-entries]");
			for (const node of list?.children ?? []) node.source = node.outerHTML;
			const frame = shell(fresh);
			const present = part.querySelector("[data-entries]");
			if (present && list && frame === drawn) return update(present, list);
			drawn = frame;
			if (present?.parentElement === part && list?.parentElement === fresh) return around(present, list);
			part.replaceChildren(...fresh.childNodes);
		};
		element.addEventListener("click", (event) => {
			const button = event.target.closest("button");
			if (!button) return;
			const { id, start, name, sure } = button.dataset;
			if ("toggle" in button.dataset) return toggle(button);
			if ("add" in button.dataset) return another(button.previousElementSibling);
			if (button.dataset.do === "open") trigger("select", { id, start: Number(start) || 0 });
			if (button.dataset.do === "delete" && (!sure || confirm(maru.say(sure, { name })))) trigger("delete", { id });
		});
		element.addEventListener("change", (event) => {
			if (event.target.matches("[data-keep]")) trigger("select", { id: event.target.dataset.keep, start: Number(event.target.checked) });
		});
		element.addEventListener("submit", (event) => {
			event.preventDefault();
			trigger("submit", { id: event.target.dataset.id, values: values(event.target) });
		});
		watch("value", draw);
		draw();
	};

	// A text as a file of the browser's own: nothing is published for it.
	maru.saveText = (name, text) => {
		const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([text], { type: "application/jsonl" })), download: name });
		link.click();
		setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
	};
})();
