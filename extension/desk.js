// What our own pages share: the words, a port to the background, repainting, the buttons.

import { haveWords } from './words.js';

await haveWords();

/** Says the words of the page that carry `data-say`. */
export function sayWords() {
  for (const element of document.querySelectorAll('[data-say]')) element.textContent = chrome.i18n.getMessage(element.dataset.say);
  for (const element of document.querySelectorAll('[data-label]')) element.setAttribute('aria-label', chrome.i18n.getMessage(element.dataset.label));
  // What is spoken, which is English where the browser's own language is not translated.
  document.documentElement.lang = chrome.i18n.getMessage('language');
  document.documentElement.dir = chrome.i18n.getMessage('direction');
}

/** Keeps a port open and calls `show` with every message that comes over it. */
export function connect(name, want, show) {
  let port;
  let later;
  const open = (ended) => {
    clearTimeout(later);
    port = chrome.runtime.connect({ name });
    port.onMessage.addListener(show);
    // The background was stopped or the port was lost: the next one wakes it, where somebody looks.
    port.onDisconnect.addListener(() => {
      port = undefined;
      later = setTimeout(() => document.hidden || open(Boolean(document.querySelector('#faultline[data-ended]'))), 500);
    });
    port.postMessage({ want, ended });
  };
  open();
  document.addEventListener('visibilitychange', () => port || document.hidden || open());
  // Resolves when the page may close: a background that is only starting hears nothing of a page that is gone by then.
  const tell = async (message) => {
    try {
      port.postMessage(message);
    } catch {
      open();
      port.postMessage(message);
      await new Promise((done) => port.onMessage.addListener(done));
    }
  };
  return {
    do: (action) => tell({ do: action }),
    want(more) {
      want = { ...want, ...more };
      return tell({ want });
    },
  };
}

/** One listener for all buttons: copying and saving need the click itself, the rest is the background's. */
export function press(root, texts, act) {
  root.addEventListener('click', async (event) => {
    const button = event.target.closest?.('[data-do]');
    const action = button?.dataset.do;
    if (!action) return;
    if (action.startsWith('save-')) return save(action.slice(5), texts()[action]);
    // A permission can be asked for within the click alone. Firefox closes the popup when it asks: the background hears the answer.
    const needs = event.target.closest('[data-needs]')?.dataset.needs;
    if (needs) act(`${action}-wanted`);
    if (needs && !(await chrome.permissions.request({ permissions: [needs] }).catch(() => false))) return;
    if (!action.startsWith('copy')) {
      act(action, button);
      // After the wish, which holds either way: Firefox closes the popup when it asks. Without it the button tells.
      if (action === 'watch') chrome.permissions.request({ permissions: ['notifications'] }).catch(() => {});
      const { ask } = button.dataset;
      // The browser's question may close this page: a yes reaches the background by itself, and a no only from here.
      if (ask && !(await chrome.permissions.request({ permissions: [ask] }).catch(() => false))) act(`${action}-refused`);
      else if (ask) act(action);
      return;
    }
    // What is not the report is for nobody at the site.
    const [yes, no] = button.dataset.kind === 'text' ? ['copied_text', 'not_copied_text'] : ['copied', 'not_copied'];
    const done = await navigator.clipboard.writeText(texts()[action]).then(() => true, () => false);
    root.querySelector('[data-note]').textContent = chrome.i18n.getMessage(done ? yes : no);
  });
}

function save(kind, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: kind === 'csv' ? 'text/csv' : 'application/json' }));
  link.download = `faultline.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
