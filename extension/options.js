// Every change is saved at once. Keys that this page does not know stay as they are.

import { sayWords } from './desk.js';

sayWords();
const form = document.getElementById('settings');
const note = form.querySelector('[data-note]');
const load = async () => (await chrome.storage.local.get('settings')).settings ?? {};

const settings = await load();
form.elements.show.value = settings.show ?? 'popup';
form.elements.never.value = (settings.never ?? []).join('\n');

form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('change', async () => {
  const never = form.elements.never.value
    .split(/\s+/)
    .map((host) => host.replace(/^[a-z]+:\/\//i, '').replace(/[/:].*$/, '').toLowerCase())
    .filter(Boolean);
  try {
    await chrome.storage.local.set({ settings: { ...(await load()), show: form.elements.show.value, never } });
    note.textContent = chrome.i18n.getMessage('options_saved');
  } catch {
    note.textContent = chrome.i18n.getMessage('options_not_saved');
  }
});
