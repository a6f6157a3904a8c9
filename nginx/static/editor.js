/* The editor: a preview that follows the writing, drafts, and sending without leaving before the article is safe. */

import { Draft, leads_to_login, say, send } from '/static/quire.js';

const PREVIEW_PAUSE_MS = 800; // in typing, until the preview follows
const PREVIEW_REST_MS = 3000; // between two previews: there is a limit of requests
const WEARY_MS = 60000; // without previews, when one failed: that limit may be reached
const LONG_MS = 60000; // #status says so long what must not be missed

const byId = (id) => document.getElementById(id);
const form = byId('editor'), preview_button = byId('preview-button');

// Drafts.

const draft = new Draft(form);
let offered;

draft.onkept = (kept) => {
	byId('draft-state').textContent = kept ? form.dataset.kept : '';
};

function offer() {
	offered = draft.found();
	byId('draft').hidden = offered === undefined;
}

byId('draft').addEventListener('click', (event) => {
	if (event.target.matches('[data-draft-restore]')) {
		draft.restore(offered);
		say(form.dataset.restored);
	} else if (event.target.matches('[data-draft-discard]')) {
		draft.drop(offered.id);
	} else {
		return;
	}
	offer();
	byId('title').focus();
});

// Preview.

let previewing, previewed_at = 0, pause;

/* A preview that is asked for anew makes the one before worthless. One that follows the writing is made quietly. */
async function show_preview(quietly) {
	clearTimeout(pause);
	previewing?.abort();
	previewing = new AbortController();
	previewed_at = Date.now();

	const result = await send(form, preview_button.formAction, { signal: previewing.signal, quietly });

	if (result.response.ok) {
		byId('preview').replaceChildren(...result.answer.getElementById('preview').childNodes);
	} else {
		previewed_at += WEARY_MS;
	}
	return result;
}

form.addEventListener('input', () => {
	const rested_at = previewed_at + PREVIEW_REST_MS;

	clearTimeout(pause);
	pause = setTimeout(() => show_preview(true).catch(() => {}), Math.max(PREVIEW_PAUSE_MS, rested_at - Date.now()));
});

// Sending.

/* Takes over what the server says of the form, but no text: what is here is at least as new. */
function show_errors(answer) {
	form.querySelectorAll('.notice').forEach((notice) => notice.remove());
	form.querySelector('h1').after(...answer.querySelectorAll('#editor .notice'));
	for (const field of draft.fields) {
		const theirs = answer.getElementById(field.id), errors = `${field.id}-error`;

		field.removeAttribute('aria-invalid');
		if (theirs.hasAttribute('aria-invalid')) {
			field.setAttribute('aria-invalid', true);
		}
		byId(errors).replaceChildren(...answer.getElementById(errors).childNodes);
	}
	form.querySelector('[aria-invalid], .notice a')?.focus();
}

async function send_form(for_preview) {
	const { response, answer } = for_preview ? await show_preview(false) : await send(form, form.action);

	if (response.redirected && !leads_to_login(response)) {
		draft.drop();
		location.assign(response.url);
	} else if (response.status < 500 && answer.getElementById('editor')) {
		show_errors(answer);
		say(for_preview && response.ok ? form.dataset.previewed : '');
	} else {
		throw response;
	}
}

let sending = false;

/* What would be typed while the article is on its way would be lost. */
function set_sending(now, for_preview) {
	sending = now;
	for (const field of draft.fields) {
		field.readOnly = now && !for_preview;
	}
}

form.addEventListener('submit', async (event) => {
	const for_preview = event.submitter === preview_button;

	event.preventDefault();
	if (sending) {
		return;
	}
	set_sending(true, for_preview);
	draft.keep();
	say(form.dataset.sending, LONG_MS);
	try {
		await send_form(for_preview);
	} catch (error) {
		say(error.name === 'AbortError' ? '' : form.dataset.failed, LONG_MS);
	}
	set_sending(false);
	if (for_preview) {
		byId('preview').scrollIntoView({ block: 'nearest' });
	}
});

offer();
if (byId('body').value !== '' && !byId('previewed')) {
	show_preview(true).catch(() => {});
}
