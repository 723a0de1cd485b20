// Functions that are sent into a page. Each must stand alone: nothing outside of it goes along.

/** Status of the document's own response; 0 where the browser does not say. */
export function readStatus() {
  return performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0;
}

/** Head and tail of the document, bounded whatever its size, and what the page knows of its response. */
export async function readPage(whole) {
  const HEAD = 48 * 1024;
  const TAIL = 16 * 1024;
  if (whole && document.readyState === 'loading') {
    await new Promise((done) => {
      document.addEventListener('DOMContentLoaded', done, { once: true });
      setTimeout(done, 10_000);
    });
  }

  const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const VOID = /^(area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/;
  const RAW = /^(script|style|noscript|iframe|xmp)$/;
  const start = (e) => {
    let tag = `<${e.localName}`;
    for (const a of Array.from(e.attributes).slice(0, 30)) tag += ` ${a.name}="${a.value.slice(0, 300).replace(/"/g, '&quot;')}"`;
    return `${tag}>`;
  };
  const text = (n, room) => {
    const data = n.data.slice(0, room);
    return n.nodeType === Node.COMMENT_NODE ? `<!--${data}-->` : RAW.test(n.parentNode?.localName) ? data : escape(data);
  };

  let left = HEAD;
  const out = [];
  const put = (s) => {
    out.push(s);
    left -= s.length;
  };
  const walk = (node) => {
    for (let n = node.firstChild; n && left > 0; n = n.nextSibling) {
      if (n.nodeType === Node.DOCUMENT_TYPE_NODE) put(`<!DOCTYPE ${n.name}${n.publicId ? ` PUBLIC "${n.publicId}"` : ''}>`);
      else if (n.nodeType === Node.ELEMENT_NODE) {
        put(start(n));
        if (!VOID.test(n.localName)) {
          walk(n);
          put(`</${n.localName}>`);
        }
      } else if (n.data !== undefined) put(text(n, left));
    }
  };
  walk(document);

  let body = out.join('');
  if (left <= 0) {
    // More than the head: the last words of the document too, gathered from its end.
    const last = [];
    let room = TAIL;
    for (let n = document, deep = n; room > 0 && deep; ) {
      while (deep.lastChild) deep = deep.lastChild;
      n = deep;
      if (n.data !== undefined) last.push(n.nodeType === Node.COMMENT_NODE ? `<!--${n.data.slice(-room)}-->` : escape(n.data.slice(-room)));
      else if (n.nodeType === Node.ELEMENT_NODE) last.push(start(n));
      room -= last.at(-1)?.length ?? 1;
      while (n && !n.previousSibling) n = n.parentNode;
      deep = n?.previousSibling;
      if (!n) break;
    }
    body = `${body.slice(0, HEAD)}\n${last.reverse().join('').slice(-TAIL)}`;
  }

  const timing = performance.getEntriesByType('navigation')[0];
  const first = timing ? Math.round(timing.responseStart - timing.requestStart) : 0;
  let controlled = false;
  let jar = '';
  try {
    controlled = Boolean(navigator.serviceWorker?.controller) || (timing?.workerStart ?? 0) > 0;
    jar = document.cookie;
  } catch {
    // A sandboxed document has neither.
  }
  return {
    status: timing?.responseStatus ?? 0,
    title: document.title.slice(0, 300),
    body,
    loading: document.readyState === 'loading',
    firstByteMs: first > 0 && timing.requestStart > 0 ? first : null,
    protocol: timing?.nextHopProtocol ?? '',
    controlled,
    // What a service worker makes up, or has kept, is never transferred.
    transferred: (timing?.transferSize ?? 0) > 0,
    // How many and how large, never which.
    cookies: jar ? jar.split(';').length : 0,
    cookieBytes: jar.length,
  };
}

/** One GET from within the page, where other extensions and the site's service worker are in the way. */
export async function askInPage(url, cookies, cap) {
  const started = performance.now();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), cap);
  const ms = () => Math.round(performance.now() - started);
  try {
    const credentials = cookies ? 'include' : 'omit';
    const answer = await fetch(url, { cache: 'no-store', credentials, redirect: 'manual', signal: stop.signal });
    const took = ms();
    answer.body?.cancel().catch(() => {});
    return answer.type === 'opaqueredirect' ? { end: 'Redirect', ms: took } : { end: 'Answer', status: answer.status, ms: took };
  } catch {
    return stop.signal.aborted ? { end: 'Silent', ms: ms() } : { end: 'Error', ms: ms() };
  } finally {
    clearTimeout(timer);
  }
}
