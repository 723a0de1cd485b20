// Chromium may find no words when one of our processes asks for the first time, and keeps to that for as long as the process lives:
// every message is empty then (extensions/renderer/shared_l10n_map.cc). It is rare, and on a busy computer at the browser's start.

const read = async (language) => (await fetch(chrome.runtime.getURL(`_locales/${language}/messages.json`))).json();

/** Resolves when `chrome.i18n.getMessage` has words: where the browser has none, those of the package, in the browser's language. */
export async function haveWords() {
  if (chrome.i18n.getMessage('language')) return;
  const language = chrome.i18n.getUILanguage().replace('-', '_');
  const likely = [language, language.split('_', 1)[0], chrome.runtime.getManifest().default_locale];
  let words;
  for (const one of likely) words ??= await read(one).catch(() => undefined);
  const filled = (message, args) => message.replace(/\$([1-9$])/g, (_, what) => (what === '$' ? what : (args[what - 1] ?? '')));
  if (words) chrome.i18n.getMessage = (key, args = []) => filled(words[key]?.message ?? '', args);
}
