/* Makes the pages better where scripts run. Forms are posted and links followed without it, so whatever fails here is
 * left to the browser. What this holds on to in a page stands in handlers/views/README. */

const STATUS_MS = 8000; // #status says a thing so long
const PATIENCE_MS = 30000; // until an answer is given up
const PAUSE_MS = 500; // in typing, until a draft is kept
const AGAIN_MS = 5000; // until a form that the browser sends may be sent again
const CHORD_MS = 1500; // between the two keys of "g h"
const YEAR_SECONDS = 365 * 24 * 60 * 60;
const DRAFTS_MAX = 5; // of one form

const user = document.body.dataset.user;

const byId = (id) => document.getElementById(id);

/* Has those who do not see what changed hear of it. */
let silence;
export function say(text, for_ms = STATUS_MS) {
	byId('status').textContent = text;
	clearTimeout(silence);
	silence = setTimeout(() => say(''), for_ms);
}

// Drafts: what is typed stays on the device until it was sent.

/* The draft of a form in localStorage, which has the newest few of each user and form. Each page that is open keeps its
 * own: it never takes the place of what is typed in another tab, or of one that is offered while something else is
 * typed. onkept(whether), if set, hears when it was kept. */
export class Draft {
	constructor(form) {
		this.form = form;
		this.key = `draft:${user}:${new URL(form.action).pathname}`;
		this.id = `${Date.now()}-${Math.random()}`;
		form.addEventListener('input', () => {
			this.typed = true;
			clearTimeout(this.pause);
			this.pause = setTimeout(() => this.keep(), PAUSE_MS);
		});
		addEventListener('pagehide', () => this.keep());
	}

	get fields() {
		return [...this.form.querySelectorAll('textarea, input:not([type=hidden])')];
	}

	get texts() {
		return this.fields.map((field) => field.value);
	}

	/* All that are kept, newest first. */
	get all() {
		try {
			return JSON.parse(localStorage.getItem(this.key)) ?? [];
		} catch {
			return [];
		}
	}

	/* Whether they could be kept: storage may be full, or refused. */
	store(drafts) {
		try {
			if (drafts.length > 0) {
				localStorage.setItem(this.key, JSON.stringify(drafts.slice(0, DRAFTS_MAX)));
			} else {
				localStorage.removeItem(this.key);
			}
			return true;
		} catch {
			return false;
		}
	}

	keep() {
		const { id, texts } = this;
		const ours = texts.some((text) => text !== '') ? [{ id, texts }] : [];

		clearTimeout(this.pause);
		if (this.typed) {
			this.typed = false;
			const stored = this.store([...ours, ...this.all.filter((draft) => draft.id !== id)]);
			this.onkept?.(stored && ours.length > 0);
		}
	}

	drop(id = this.id) {
		clearTimeout(this.pause);
		this.typed = this.typed && id !== this.id;
		this.store(this.all.filter((draft) => draft.id !== id));
	}

	/* The newest that is not in the form. One that is, after a reload say, becomes ours. */
	found() {
		const now = JSON.stringify(this.texts);

		this.id = this.all.find(({ texts }) => JSON.stringify(texts) === now)?.id ?? this.id;
		return this.all.find(({ id }) => id !== this.id);
	}

	restore({ id, texts }) {
		this.keep();
		this.id = id;
		this.fields.forEach((field, i) => {
			field.value = texts[i] ?? '';
		});
		this.form.dispatchEvent(new Event('input'));
	}
}

/* A comment's draft needs no question: it is put where nothing is yet. */
let comment;
function keep_comment() {
	const form = byId('comment-form');

	if (!form || !user || comment?.form === form) {
		return;
	}
	comment = new Draft(form);
	const found = comment.found();
	if (found && form.elements.body.value === '') {
		comment.restore(found);
	}
}

// Forms that are sent without leaving the page.

/* After a sign-in in another tab the tokens of this page are out of date. Whatever page of ours comes (nginx has some that
 * know nobody) has a good one, for all forms, and its head says in whose name they are sent. */
let shown = user;
function take_token(answer, quietly) {
	const token = answer.querySelector('[name=csrf]')?.value;

	if (!token || (quietly && answer.body.dataset.user !== shown)) {
		return;
	}
	for (const input of document.querySelectorAll('[name=csrf]')) {
		input.value = token;
	}
	if (answer.body.dataset.user !== shown) {
		shown = answer.body.dataset.user;
		document.querySelector('.top').replaceWith(answer.querySelector('.top'));
	}
}

/* Sends a form as the browser would, and gives the response and the page that it brought. A 403 may be due to the token:
 * with that of the answer it is tried again, unless that is somebody else's. Quietly, nobody else's is taken at all: what
 * is sent next would be theirs before anyone was told. */
export async function send(form, address, { signal = AbortSignal.timeout(PATIENCE_MS), quietly = false } = {}) {
	for (let again = false; ; again = true) {
		const body = new URLSearchParams(new FormData(form));
		const response = await fetch(address, { method: 'POST', body, signal });
		const answer = new DOMParser().parseFromString(await response.text(), 'text/html');

		take_token(answer, quietly);
		if (response.status !== 403 || again || answer.body.dataset.user !== user) {
			return { response, answer };
		}
	}
}

/* Whether the answer is that one has to sign in, which no part of a page can say. */
export function leads_to_login(response) {
	return response.redirected && new URL(response.url).pathname === '/login';
}

/* What was in focus may be gone: its counterpart gets it. */
function focus_again(form, focused, ids) {
	const place = byId(form.id) ?? byId(ids[0]);
	const counterpart = focused.id ? byId(focused.id) : place.querySelector('button, a');

	if (!focused.isConnected) {
		counterpart?.focus({ preventScroll: true });
	}
}

/* Puts the answer's parts in the places of ours; false if they are not all there. */
function swap(form, answer) {
	const ids = form.dataset.swap.split(' ');
	const theirs = ids.map((id) => answer.getElementById(id));
	const focused = document.activeElement;

	if (theirs.includes(null)) {
		return false;
	}
	ids.forEach((id, i) => byId(id).replaceWith(theirs[i]));
	focus_again(form, focused, ids);
	return true;
}

const sending = new WeakSet();

/* What would be typed while a form is on its way would be lost. */
function set_sending(form, now) {
	sending[now ? 'add' : 'delete'](form);
	for (const field of form.querySelectorAll('textarea')) {
		field.readOnly = now;
	}
}

async function send_and_swap(form) {
	const draft = comment?.form === form ? comment : undefined;

	if (sending.has(form)) {
		return;
	}
	set_sending(form, true);
	draft?.keep();
	try {
		const { response, answer } = await send(form, form.action);
		const notice = answer.querySelector('.notice');

		if (response.status >= 500 || leads_to_login(response) || !swap(form, answer)) {
			throw response;
		}
		if (response.ok) {
			draft?.drop();
			say(form.dataset.done ?? '');
		} else if (notice?.ownerDocument === answer) {
			say(notice.textContent.trim());
			byId(form.id)?.querySelector('[aria-invalid]')?.focus();
		}
		keep_comment();
	} catch {
		form.submit();
	}
	set_sending(form, false);
}

// Colours, at once and in all pages to come.

function set_theme(theme) {
	const chosen = theme === 'auto' ? '' : theme;
	const secure = location.protocol === 'https:' ? '; Secure' : '';

	document.cookie = `theme=${chosen}; Path=/; Max-Age=${chosen ? YEAR_SECONDS : 0}; SameSite=Lax${secure}`;
	if (chosen) {
		document.documentElement.dataset.theme = chosen;
	} else {
		delete document.documentElement.dataset.theme;
	}
	for (const button of document.querySelectorAll('button[name=theme]')) {
		button.setAttribute('aria-pressed', button.value === theme);
	}
	document.querySelector('meta[name=color-scheme]').content = chosen || 'light dark';
	for (const meta of document.querySelectorAll('meta[name=theme-color]')) {
		meta.removeAttribute('media');
		meta.content = getComputedStyle(document.body).backgroundColor;
	}
}

/* Who clicks twice means once. */
let sent;
function send_once(event) {
	if (event.target === sent) {
		event.preventDefault();
	} else {
		sent = event.target;
		setTimeout(() => {
			sent = undefined;
		}, AGAIN_MS);
	}
}
addEventListener('pageshow', () => {
	sent = undefined;
});

document.addEventListener('submit', (event) => {
	const form = event.target;

	if (event.submitter?.name === 'theme') {
		event.preventDefault();
		set_theme(event.submitter.value);
	} else if (form.dataset.swap) {
		event.preventDefault();
		send_and_swap(form);
	} else if (form.method === 'post' && !event.defaultPrevented) {
		send_once(event);
	}
});

// Pictures that cannot be had give way to the initials behind them.

for (const picture of document.querySelectorAll('.avatar img')) {
	if (picture.complete) {
		picture.decode().catch(() => picture.remove());
	}
}
document.addEventListener('error', ({ target }) => {
	if (target.matches('.avatar img')) {
		target.remove();
	}
}, true);

// Times, in the words of handlers/messages.def.

const ago = new Intl.RelativeTimeFormat(document.documentElement.lang);

function tell_times() {
	for (const time of document.querySelectorAll('time.ago')) {
		const minutes = Math.floor((Date.now() - Date.parse(time.dateTime)) / 60000);
		const hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);

		if (days >= 7) {
			time.textContent = time.title;
		} else if (minutes > 0) {
			time.textContent = days > 0 ? ago.format(-days, 'day')
				: hours > 0 ? ago.format(-hours, 'hour')
				: ago.format(-minutes, 'minute');
		}
	}
}

// Keys.

/* Goes to the next article of a list (or the one before, for -1). */
function step(by) {
	const links = [...document.querySelectorAll('.card h2 a')];
	const at = links.findIndex((link) => link.closest('.card').contains(document.activeElement));

	(links[at < 0 && by < 0 ? -1 : at + by] ?? links[at])?.focus();
}

const keys = {
	'g h': () => location.assign('/'),
	'g f': () => user && location.assign('/feed'),
	n: () => user && location.assign('/editor'),
	j: () => step(1),
	k: () => step(-1),
	'?': () => byId('shortcuts').showModal(),
};

/* Keys of one letter must be possible to turn off (WCAG 2.1.4): who speaks to the machine presses them by chance. */
const keys_on = document.querySelector('#shortcuts [name=keys]');
if (keys_on) {
	try {
		keys_on.checked = localStorage.getItem('keys') !== 'off';
		keys_on.addEventListener('change', () => localStorage.setItem('keys', keys_on.checked ? 'on' : 'off'));
	} catch {
		// storage is refused: they are on
	}
}

let pressed = '', pressed_at = 0;
document.addEventListener('keydown', (event) => {
	const elsewhere = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;

	if (elsewhere || keys_on?.checked === false || event.target.closest('input, textarea, select, dialog')) {
		return;
	}

	const chord = event.timeStamp - pressed_at < CHORD_MS ? `${pressed} ${event.key}` : event.key;
	const does = keys[chord] ?? keys[event.key];

	pressed = event.key;
	pressed_at = event.timeStamp;
	if (does) {
		event.preventDefault();
		does();
	}
});

for (const button of document.querySelectorAll('[data-open]')) {
	button.hidden = false;
	button.addEventListener('click', () => byId(button.dataset.open).showModal());
}

/* The menu closes like one. */
document.addEventListener('click', (event) => {
	for (const menu of document.querySelectorAll('details.menu[open]')) {
		menu.open = menu.contains(event.target);
	}
});
document.addEventListener('keyup', (event) => {
	const menu = event.key === 'Escape' && document.querySelector('details.menu[open]');

	if (menu) {
		menu.open = false;
		menu.querySelector('summary').focus();
	}
});

keep_comment();
tell_times();
setInterval(tell_times, 60000);
addEventListener('pageshow', tell_times);
