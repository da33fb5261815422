// Runs before Gradio: the language and the colours the person chose last time, before anything is drawn.
(() => {
	const maru = (window.maru = {});

	maru.remember = (key, value) => {
		try {
			localStorage.setItem(`maru.${key}`, value);
			return true;
		} catch {
			return false; // private mode or a full disk: the page works, it only forgets
		}
	};
	maru.recall = (key) => {
		try {
			return localStorage.getItem(`maru.${key}`);
		} catch {
			return null;
		}
	};

	maru.forget = (key) => {
		try {
			localStorage.removeItem(`maru.${key}`);
		} catch {} // nothing was kept either
	};

	const known = ["en", "ko"];
	const wanted = [maru.recall("language"), ...(navigator.languages || []), navigator.language];
	const codes = wanted.filter(Boolean).map((code) => code.split("-")[0].toLowerCase());
	maru.language = codes.find((code) => known.includes(code)) || "en";
	// Gradio's own words follow navigator.language.
	Object.defineProperty(navigator, "language", { get: () => maru.language, configurable: true });
	Object.defineProperty(navigator, "languages", { get: () => [maru.language], configurable: true });
	document.documentElement.lang = maru.language;

	maru.setLanguage = (code) => {
		maru.remember("language", code);
		location.reload();
	};

	const system = matchMedia("(prefers-color-scheme: dark)");
	const dark = () => (maru.recall("theme") || (system.matches ? "dark" : "light")) === "dark";
	const paint = () => {
		document.documentElement.style.colorScheme = dark() ? "dark" : "light";
		document.body?.classList.toggle("dark", dark());
	};
	maru.isDark = dark;
	maru.toggleTheme = () => {
		maru.remember("theme", dark() ? "light" : "dark");
		paint();
	};
	// Gradio sets its own class once, from the system: ours stays.
	document.addEventListener("DOMContentLoaded", () => {
		paint();
		new MutationObserver(() => {
			if (document.body.classList.contains("dark") !== dark()) paint();
		}).observe(document.body, { attributes: true, attributeFilter: ["class"] });
		system.addEventListener("change", paint);
	});

	maru.languages = known;
	maru.say = (key, values = {}, language = maru.language) => {
		const texts = window.gradio_config?.i18n_translations?.[language] || {};
		const text = texts[key] ?? key;
		return text.replace(/\{(\w+)\}/g, (gap, name) => (name in values ? String(values[name]) : gap));
	};
})();
