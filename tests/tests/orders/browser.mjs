// A browser that exists only as the order in which it tells of things: plays orders of raw events to background.js, and prints what
// that hands on to the core. In: { source, firefox, pace, orders: [[{ event, details, status }]] }. Out: [[[kind, details]]].
// `pace` is who is slow: `Nobody`; the `Core`, which starts after everything has been told; the `Browser`, so that timers run out first;
// or a `Page`, which answers after the next event.
// `status` is what the page on screen says of itself from that event on; null where no script may enter it.

const { source, firefox, pace, orders } = JSON.parse(await text(process.stdin));
// Its imports are the WebAssembly and functions that run in pages: neither is there.
const NAMES = ['chrome', 'navigator', 'addEventListener', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'globalThis'];
const IMPORTED = ['init', 'Shell', 'askInPage', 'readPage', 'readStatus', 'haveWords'];
const begin = new Function(...NAMES, ...IMPORTED, source.replace(/^import .*$/gm, ''));
const OPENS = new Set(['shown', 'error-page', 'unannounced']);

async function text(stream) {
  let all = '';
  for await (const part of stream) all += part;
  return all;
}

// Promises that are under way come to their end.
const rest = () => new Promise(setImmediate);

// Whatever is asked for is there: an event to listen to, or a function that answers with nothing.
function api(listeners, known, path = 'chrome') {
  return new Proxy(() => Promise.resolve({}), {
    get(_, name) {
      if (typeof name !== 'string' || name === 'then') return undefined;
      const whole = `${path}.${name}`;
      if (/^on[A-Z]/.test(name)) return { addListener: (heard) => (listeners[whole] ??= []).push(heard) };
      return known[whole] ?? api(listeners, known, whole);
    },
  });
}

async function play(order) {
  const [listeners, timers, sent] = [{}, [], []];
  let [status, documentId] = [null];
  let answer = () => {};
  let hands;
  let start;
  const started = new Promise((done) => (start = done));
  const known = {
    'chrome.runtime.id': 'id',
    'chrome.runtime.getURL': (path) => `${firefox ? 'moz' : 'chrome'}-extension://id/${path}`,
    'chrome.runtime.getManifest': () => ({ version: '1' }),
    'chrome.scripting.executeScript': async ({ target }) => {
      const [result, there] = [status, (target.documentIds ?? [documentId])[0] === documentId];
      if (pace === 'Page') await new Promise((done) => (answer = done));
      if (result === null || !there) throw new Error('no script may enter this page');
      return [{ result }];
    },
  };
  const engine = {
    take(kind, details) {
      sent.push([kind, details]);
      hands.taken();
      if (OPENS.has(kind)) hands.tabs([details.tabId]);
    },
  };
  const nothing = () => {};
  const shell = { start: (its) => ((hands = its), started) };
  const later = (then) => timers.push(then);
  // A request that takes very long is none of this.
  const runOut = async () => {
    for (const then of timers.splice(0)) then();
    await rest();
  };
  if (pace !== 'Core') start(engine);
  begin(api(listeners, known), { userAgent: '' }, nothing, later, nothing, nothing, nothing, {}, nothing, shell, nothing, nothing, nothing, nothing);
  for (const { event, details, status: now } of order) {
    if (now !== undefined) [status, documentId] = [now, details.documentId];
    const before = answer;
    for (const heard of listeners[`chrome.${event}`] ?? []) heard(details);
    await rest();
    if (pace === 'Browser') await runOut();
    if (pace !== 'Page') continue;
    before();
    await rest();
  }
  await runOut();
  answer();
  await rest();
  start(engine);
  await rest();
  return sent;
}

const all = [];
for (const order of orders) all.push(await play(order));
process.stdout.write(JSON.stringify(all));
