// The card: the same face inside the failed page, where the popup may not open.
// A closed shadow root, so that the page can neither read nor style it.

(() => {
  if (globalThis.faultlineCard) return globalThis.faultlineCard();
  const XHTML = 'http://www.w3.org/1999/xhtml';
  const host = document.createElementNS(XHTML, 'div');
  host.style.cssText =
    'all:initial!important;position:fixed!important;display:block!important;inset:16px 16px auto auto!important;z-index:2147483647!important;color-scheme:light dark!important';
  const root = host.attachShadow({ mode: 'closed' });
  const close = document.createElementNS(XHTML, 'button');
  close.className = 'fl-close';
  close.textContent = '×';
  close.setAttribute('aria-label', chrome.i18n.getMessage('close'));
  const frame = document.createElementNS(XHTML, 'div');
  frame.className = 'fl-card';
  frame.lang = chrome.i18n.getMessage('language');
  frame.dir = chrome.i18n.getMessage('direction');
  frame.append(close);
  root.append(frame);

  let port;
  let later;
  let face;
  let over = false;
  let closed = false;
  const end = () => {
    over = true;
    host.remove();
    globalThis.faultlineCard = undefined;
    port?.disconnect();
  };
  const open = (ended) => {
    clearTimeout(later);
    try {
      port = chrome.runtime.connect({ name: 'card' });
      port.postMessage({ ended });
    } catch {
      // The extension was updated or taken away: nothing here would do anything.
      return end();
    }
    port.onMessage.addListener((message) => {
      if (message.gone || message.none) return end();
      if (closed) return;
      face = message;
      if (!root.adoptedStyleSheets.length && face.css) {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(face.css);
        root.adoptedStyleSheets = [sheet];
      }
      globalThis.faultlinePaint(frame, face.tree);
      if (!host.isConnected) document.documentElement?.append(host);
    });
    port.onDisconnect.addListener(() => {
      port = undefined;
      later = setTimeout(() => wake(Boolean(frame.querySelector('#faultline[data-ended]'))), 500);
    });
    // What was said to a background that was just being stopped is said again.
    if (closed) port.postMessage({ do: 'dismiss' });
  };
  // Nothing is woken where nobody looks.
  const wake = (ended) => over || port || document.hidden || open(ended);
  document.addEventListener('visibilitychange', () => wake());
  const tell = (message) => {
    try {
      port.postMessage(message);
    } catch {
      // The background was stopped a moment ago.
      open();
      port?.postMessage(message);
    }
  };

  // Without https a page has no clipboard; the old command works in the click itself.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const once = (event) => {
        event.clipboardData.setData('text/plain', text);
        event.preventDefault();
        event.stopImmediatePropagation();
      };
      document.addEventListener('copy', once, { capture: true, once: true });
      const done = document.execCommand('copy');
      document.removeEventListener('copy', once, { capture: true });
      return done;
    }
  };

  close.addEventListener('click', () => {
    host.remove();
    tell({ do: 'dismiss' });
    // The end is when it has been heard.
    closed = true;
  });
  frame.addEventListener('click', async (event) => {
    if (!event.isTrusted) return;
    const action = event.target.closest?.('[data-do]')?.dataset.do;
    if (!action) return;
    if (!action.startsWith('copy')) return tell({ do: action });
    const done = await copy(face.copy[action]);
    frame.querySelector('[data-note]').textContent = chrome.i18n.getMessage(done ? 'copied' : 'not_copied');
  });

  globalThis.faultlineCard = () => open();
  open();
})();
