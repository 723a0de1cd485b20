// Which proxy, and for which host, stands in choice.js: the lab writes it.
import choice from './choice.js';

const READY = 'ready.example';
const { host, port, only } = choice;

async function start() {
  // Firefox asks a listener; Chromium takes a setting.
  if (globalThis.browser?.proxy.onRequest) {
    const chosen = ({ hostname }) => hostname !== READY && (!only || hostname === only);
    browser.proxy.onRequest.addListener(
      ({ url }) => (chosen(new URL(url)) ? { type: 'http', host, port } : { type: 'direct' }),
      { urls: ['<all_urls>'] },
    );
  } else {
    const test = only ? `host !== ${JSON.stringify(only)}` : `host === ${JSON.stringify(READY)}`;
    const data = `function FindProxyForURL(url, host) { return ${test} ? 'DIRECT' : 'PROXY ${host}:${port}' }`;
    await chrome.proxy.settings.set({ value: { mode: 'pac_script', pacScript: { data } } });
  }

  await fetch(`http://${READY}/`, { cache: 'no-store', credentials: 'omit' });
}

start();
