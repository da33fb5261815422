// The page reads without this: it only filters the questions, and opens the one a link leads to.
const filter = document.querySelector("#filter");
const questions = [...document.querySelectorAll(".question")];

function show() {
	const mark = filter.querySelector("select").value;
	const words = filter.querySelector("input").value.trim().toLowerCase();
	let shown = 0;
	for (const one of questions) {
		const fits = (!mark || one.dataset.marks.split(" ").includes(mark)) &&
			(!words || one.textContent.toLowerCase().includes(words));
		one.hidden = !fits;
		shown += fits;
	}
	const count = filter.querySelector("output");
	count.textContent = count.dataset.text.replace("#", shown);
}

function open() {
	const target = location.hash.startsWith("#question-") && document.getElementById(location.hash.slice(1));
	if (!target) return;
	target.hidden = false;
	target.open = true;
	target.scrollIntoView();
}

if (filter) {
	filter.hidden = false;
	filter.addEventListener("input", show);
	filter.addEventListener("submit", (event) => event.preventDefault());
	show();
}
addEventListener("hashchange", open);
open();
