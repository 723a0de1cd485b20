// Every change is saved at once. Keys that this page does not know stay as they are.

import { sayWords } from './desk.js';

// An entry of the never list that stands for every host of this computer and this network.
const PRIVATE = 'private-hosts';
// What may travel with the browser's account: nothing that names a site or an address of somebody's network.
const SYNCED = ['show', 'report', 'keep_history'];

sayWords();
const $ = (id) => document.getElementById(id);
const form = $('settings');
const note = document.querySelector('[data-note]');
const load = async (area) => (await chrome.storage[area].get('settings')).settings ?? {};
const synced = (settings) => Object.fromEntries(SYNCED.filter((key) => key in settings).map((key) => [key, settings[key]]));

function fill(settings) {
  const never = settings.never ?? [];
  const control = settings.control?.[0] ?? {};
  form.elements.show.value = settings.show ?? 'popup';
  $('never').value = never.filter((host) => host !== PRIVATE).join('\n');
  $('private').checked = never.includes(PRIVATE);
  $('path').checked = settings.report?.path ?? false;
  $('query').checked = settings.report?.query ?? false;
  $('keep').checked = settings.keep_history ?? true;
  $('sync').checked = settings.sync ?? false;
  $('control-url').value = control.url ?? '';
  $('control-status').value = control.status ?? '';
  $('control-body').value = control.body ?? '';
}

function host(line) {
  try {
    return new URL(line.includes('://') ? line : `http://${line}`).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return '';
  }
}

function control([first, ...others]) {
  const url = $('control-url').value.trim();
  const status = Number($('control-status').value) || 204;
  const body = $('control-body').value;
  // What nobody has touched stays as it was written, an empty body that is compared included.
  if (first && first.url === url && first.status === status && (first.body ?? '') === body) return [first, ...others];
  return /^https?:\/\/./.test(url) ? [{ url, status, body: body || null }, ...others] : [];
}

function read(before) {
  const never = $('never').value.split(/\s+/).filter(Boolean).map(host).filter(Boolean);
  return {
    ...before,
    show: form.elements.show.value,
    never: $('private').checked ? [...never, PRIVATE] : never,
    control: control(before.control ?? []),
    report: { ...before.report, path: $('path').checked, query: $('query').checked },
    keep_history: $('keep').checked,
    sync: $('sync').checked,
  };
}

async function tell(work, key) {
  note.textContent = '';
  try {
    await work();
    note.textContent = chrome.i18n.getMessage(key);
  } catch {
    note.textContent = chrome.i18n.getMessage('options_not_saved');
  }
}

fill(await load('local'));

form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('change', (event) => tell(async () => {
  const before = await load('local');
  // Another browser's choices come first when this one joins.
  const joined = event.target === $('sync') && $('sync').checked ? synced(await load('sync')) : {};
  const settings = { ...read(before), ...joined };
  await chrome.storage.local.set({ settings });
  if (settings.sync) await chrome.storage.sync.set({ settings: synced(settings) });
  else if (event.target === $('sync')) await chrome.storage.sync.remove('settings');
  if (['sync', 'never'].includes(event.target.id)) fill(settings);
}, 'options_saved'));

$('delete').addEventListener('click', () => tell(async () => {
  const { settings } = await chrome.storage.local.get('settings');
  if (settings?.sync) await chrome.storage.sync.clear();
  chrome.runtime.connect({ name: 'options' }).postMessage({ want: {}, do: 'forget-everything' });
  fill({});
}, 'options_deleted'));
