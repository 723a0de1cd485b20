// Registers every listener at once and forwards raw details; what they mean is decided in Rust.
// Below 500, and with no case in the tab, nothing here wakes the WebAssembly.

import init, { Shell } from './wasm/faultline_shell.js';
import { askInPage, readPage, readStatus } from './page.js';
import { haveWords } from './words.js';
import './housekeeping.js';

const FIREFOX = chrome.runtime.getURL('').startsWith('moz-extension:');
const MAIN = { urls: ['http://*/*', 'https://*/*'], types: ['main_frame'] };

// A navigation that takes longer than this may outlive this worker: its start is written down.
const SLOW_MS = 15_000;
const HEARTBEAT_MS = 20_000;
// Responses were seen to be announced up to 130 ms after the document. One that comes later still finds its commit.
const LATE_MS = 500;
const SETTLED_MS = 500;

// All of this is a cache of what the browser told a moment ago. Losing it costs a look into the page, never a wrong word.
const starts = new Map(); // requestId → { tabId, url, at, timer, asked, movedFrom } of main-frame requests under way
const slow = new Set(); // requestId of those whose start is written down
const commits = new Map(); // tabId → last commit
const early = new Map(); // tabId → last commit, while its response is not announced
const answers = new Map(); // tabId → { url, at, status, requestId, drawn } of the response that the tab is about to show
const guesses = new Map(); // tabId → last response that may be a prefetch's
const failures = new Map(); // tabId → address of its last failure, until something else is asked for
const ports = new Set(); // open popups, cards and pages of our own
let popups = 0; // so many have opened
const ABOUT_A_TAB = new Set(['popup', 'card']); // With no case there is nothing to show, so nothing to load.
let failing = chrome.storage.session.get('tabs').then(({ tabs }) => new Set(tabs), () => new Set());

globalThis.faultline = { loaded: false, send };

let engine;
let giveUp;
let falls = 0; // one after the other, with nothing taken in between
let falling = false;
function shell() {
  engine ??= new Promise((done, fail) => {
    giveUp = fail;
    globalThis.faultline.loaded = true;
    const wasm = init({ module_or_path: chrome.runtime.getURL('extension/wasm/faultline_shell_bg.wasm') });
    Promise.all([chrome.runtime.getPlatformInfo(), wasm, haveWords()])
      .then(([{ os }]) => Shell.start(hands, FIREFOX, chrome.runtime.getManifest().version, navigator.userAgent, os))
      .then(done, (error) => {
        engine = undefined;
        fail(error);
      });
  });
  return engine;
}

// Events that are not saved yet, in their order, and how many of them the engine has.
const waiting = [];
let given = 0;
// Whether the tab shows a failed page, or is about to: what the engine has said, and what it has not taken in yet.
const concerns = async (tab) => waiting.some(({ details }) => details.tabId === tab) || (await failing).has(tab);
function send(kind, details) {
  waiting.push({ kind, details });
  return give();
}

async function give() {
  try {
    // One that fell while it started is started once more.
    const engine = await shell().catch(shell);
    while (given < waiting.length) {
      const { kind, details } = waiting[given];
      given += 1;
      engine.take(kind, details);
    }
  } catch (error) {
    fell(error);
    console.error('faultline: could not take an event', error);
  }
}

// Whatever is thrown through the WebAssembly, by itself or by the browser that it calls, leaves its instance half done: the next
// one goes on with what is saved. When that is what makes it fall, it begins anew.
async function fell(error) {
  const panicked = error instanceof WebAssembly.RuntimeError;
  // What is under way falls in several places at once, and is told of within one turn.
  if (falling || !(panicked || /wasm-function/.test(error?.stack))) return;
  falling = true;
  setTimeout(() => (falling = false));
  engine = undefined;
  giveUp?.(new Error('the core fell'));
  hands.busy(false);
  // Before anything is handed to the new instance: its arguments would be in the memory of the old one.
  Shell.retire();
  Shell.renew();
  // The event that it fell over is not tried a third time, and not even again when the fault is our own.
  if (given > 0 && (panicked || waiting[0].tried)) waiting.shift();
  else if (given > 0) waiting[0].tried = true;
  given = 0;
  falls += 1;
  // Checks that throw whenever they are asked are given up before that. What is written here is no snapshot: what is shown of the
  // saved cases is taken back, and nothing else of them used.
  if (falls % 12 === 0) await chrome.storage.session.set({ desk: '' }).catch(() => {});
  if (falls < 24 || waiting.length > 0) give();
  // What was being shown when it fell.
  if (falls < 24) hands.repaint();
}
addEventListener('error', (event) => fell(event.error));
addEventListener('unhandledrejection', (event) => fell(event.reason));

const samePage = (a, b) => a.split('#', 1)[0] === b.split('#', 1)[0];
// A request that began after the commit is of a later visit to the same page.
const cameFrom = (commit, answer) => commit && answer && samePage(commit.url, answer.url) && answer.at <= commit.timeStamp;
// Another request for the same page is under way that may be the commit's as well.
const isInDoubt = (commit, answer) =>
  [...starts.values()].some((s) => s.tabId === commit.tabId && s.at > answer.at && s.at <= commit.timeStamp && samePage(s.url, commit.url));
const target = (tabId, documentId) => (documentId ? { tabId, documentIds: [documentId] } : { tabId, frameIds: [0] });

async function inject(tab, documentId, func, args = []) {
  const [answer] = await chrome.scripting.executeScript({ target: target(tab, documentId), func, args, injectImmediately: true });
  return answer?.result;
}

const within = (ms, promise) => Promise.race([promise, new Promise((done) => setTimeout(done, ms))]);

// What Rust cannot do itself: functions that run in a page must be JavaScript, and ports live here.
let heart;
let css;
const hands = {
  // A document that broke off before its first element takes no script and never says so.
  read: (tab, documentId, whole) => within(whole ? 12_000 : 3_000, inject(tab, documentId, readPage, [whole])),
  ask: (tab, documentId, url, cookies, cap) => inject(tab, documentId, askInPage, [url, cookies, cap]),
  async card(tab, documentId) {
    css ??= await (await fetch(chrome.runtime.getURL('extension/face.css'))).text();
    const files = ['extension/paint.js', 'extension/card.js'];
    const put = chrome.scripting.executeScript({ target: target(tab, documentId), files, injectImmediately: true });
    if (!(await within(3_000, put))) throw new Error('the page takes no card');
  },
  busy(busy) {
    clearInterval(heart);
    // Neither browser counts a fetch under way as work: a call every 20 s does.
    heart = busy ? setInterval(() => chrome.runtime.getPlatformInfo(), HEARTBEAT_MS) : undefined;
  },
  tabs(tabs) {
    failing = Promise.resolve(new Set(tabs));
  },
  // The oldest event is in what is saved.
  taken() {
    waiting.shift();
    given -= 1;
    falls = 0;
  },
  repaint() {
    for (const port of ports) show(port);
  },
  popups: () => popups,
  watched: () => [...ports].some((port) => port.name === 'popup' || port.name === 'details'),
  withdraw(tab) {
    for (const port of ports) if (port.wants.tab === tab) port.postMessage({ gone: true });
  },
};

async function show(port) {
  const face = await (await shell()).face(port.name, port.wants);
  if (ports.has(port)) port.postMessage(face ? { ...face, css: port.name === 'card' ? css : undefined } : { none: true });
}

// --- navigation ---

chrome.webRequest.onSendHeaders.addListener((d) => {
  failures.delete(d.tabId);
  const start = starts.get(d.requestId);
  clearTimeout(start?.timer);
  const timer = setTimeout(() => slow.add(d.requestId) && chrome.storage.session.set({ [`start:${d.requestId}`]: d.timeStamp }), SLOW_MS);
  starts.set(d.requestId, { ...start, tabId: d.tabId, url: d.url, at: d.timeStamp, timer });
}, MAIN);

// A redirect that no server sent was made within the browser: by another extension, unless it only turns http into https.
chrome.webRequest.onBeforeRedirect.addListener((d) => {
  const inside = FIREFOX ? d.statusCode === 200 : d.statusCode === 307 && /Internal Redirect/.test(d.statusLine);
  const bare = (url) => url.replace(/^https?:/, '').replace(/:(80|443)(?=\/)/, '');
  const start = starts.get(d.requestId);
  if (d.tabId < 0 || bare(d.url) === bare(d.redirectUrl)) return;
  if (inside) starts.set(d.requestId, { ...start, asked: start?.asked ?? d.url });
  else if (fromCache(d)) starts.set(d.requestId, { ...start, movedFrom: start?.movedFrom ?? d.url });
}, MAIN);

// Firefox says so of a whole load when one of its redirects came from the cache; an address is there when somebody has answered.
const fromCache = (d) => d.fromCache && !(FIREFOX && d.ip);

function ended({ requestId, statusCode }) {
  const { timer, at: start, ...from } = starts.get(requestId) ?? {};
  clearTimeout(timer);
  starts.delete(requestId);
  // What an earlier worker has written down of a failure, the engine takes.
  if (slow.delete(requestId) || (!start && !(statusCode >= 500))) chrome.storage.session.remove(`start:${requestId}`);
  return { start, ...from };
}

chrome.webRequest.onResponseStarted.addListener((d) => {
  const more = { ...ended(d), fromCache: fromCache(d) };
  if (d.frameId !== 0 || d.tabId < 0 || (d.documentLifecycle ?? 'active') !== 'active') return;
  const commit = early.get(d.tabId);
  // A speculative prefetch looks like a load, but carries the id of the document that asked for it (Chromium). A load that is told of
  // after its commit, or just before the commit is told of, carries the id of its own.
  const late = commit && (commit.error || commit.documentId === d.documentId) && samePage(commit.url, d.url);
  if (d.documentId !== undefined && d.documentLifecycle !== undefined && !late) guesses.set(d.tabId, { ...d, ...more });
  else responded({ ...d, ...more }, commit);
}, MAIN, ['responseHeaders']);

function responded(d, commit) {
  const answer = { url: d.url, at: d.start ?? d.timeStamp, status: d.statusCode, requestId: d.requestId };
  answers.set(d.tabId, answer);
  if (d.statusCode >= 500) {
    failures.set(d.tabId, d.url);
    send('answered', d);
  }
  if (!commit && answer.status >= 500 && cameFrom(commits.get(d.tabId), answer)) return mistaken(commits.get(d.tabId), answer);
  // Firefox may tell of a load that was overtaken after the commit of the page that overtook it: that one waits on.
  if (!commit || !cameFrom(commit, answer)) return;
  early.delete(d.tabId);
  commit.error ? drawn(commit) : committed(commit);
}

// A page that loads itself again at once: a worker that is only starting may hear of its commit before it hears that there was a second
// request, and take the first one's answer for it.
async function mistaken(commit, answer) {
  early.set(commit.tabId, commit);
  const says = await inject(commit.tabId, commit.documentId, readStatus).catch(() => 0);
  if (early.get(commit.tabId) !== commit) return;
  early.delete(commit.tabId);
  if (says === answer.status) committed(commit);
}

chrome.webRequest.onErrorOccurred.addListener((d) => {
  ended(d);
  if (FIREFOX && d.frameId === 0 && d.tabId >= 0 && isBarred(d)) {
    failures.set(d.tabId, d.url);
    return send('barred', d);
  }
  if (answers.get(d.tabId)?.requestId !== d.requestId) return;
  // The answer of a load that was overtaken comes to nothing.
  if (/ABORT/.test(d.error)) answers.delete(d.tabId);
  // Firefox tells here, and only here, that it has drawn its own page over an answer.
  else if (FIREFOX) drawn(d);
}, MAIN);

chrome.webNavigation.onErrorOccurred.addListener((d) => {
  if (FIREFOX || d.frameId !== 0) return;
  if (isBarred(d)) send('barred', d);
  else drawn(d);
  if (!/ABORT/.test(d.error)) concerns(d.tabId).then((so) => so && send('broken', d));
});

// A proxy that let nothing through: there is no response, and only the name of the error tells. Firefox calls a tunnel that was
// refused with 503 a refused connection, and one refused with 400, 404 or 500 an unknown host, although it has looked none up: it
// says that a proxy was in between.
function isBarred({ error, proxyInfo, url }) {
  const refused = /(CONNECTION_REFUSED|UNKNOWN_HOST)$/.test(error) && /^https?$/.test(proxyInfo?.type) && url.startsWith('https:');
  return refused || /PROXY|TUNNEL_CONNECTION|SOCKS_CONNECTION/.test(error);
}

function drawn(d) {
  if (/ABORT/.test(d.error)) return;
  const guess = guesses.get(d.tabId);
  const known = answers.get(d.tabId);
  // One without a body is HTTP_RESPONSE_CODE_FAILURE, a file INVALID_RESPONSE. Other errors have no response that could be to come.
  if (!FIREFOX && !(known?.status >= 500 && samePage(known.url, d.url))) {
    if (!/_RESPONSE/.test(d.error)) return;
    if (!(guess?.statusCode >= 500 && samePage(guess.url, d.url))) return early.set(d.tabId, d);
    guesses.delete(d.tabId);
    responded(guess);
  }
  const answer = answers.get(d.tabId);
  if (!answer || answer.drawn || answer.status < 500 || !samePage(answer.url, d.url)) return;
  early.delete(d.tabId);
  // Firefox tells of its page's commit as well.
  if (FIREFOX) answer.drawn = true;
  else answers.delete(d.tabId);
  send('error-page', d);
}

chrome.webNavigation.onCommitted.addListener((d) => {
  if (d.frameId !== 0 || (d.documentLifecycle ?? 'active') !== 'active') return;
  commits.set(d.tabId, d);
  const guess = guesses.get(d.tabId);
  guesses.delete(d.tabId);
  if (guess?.documentId === d.documentId && d.documentId && samePage(guess.url, d.url)) responded(guess);
  early.delete(d.tabId);
  if (!/^https?:/.test(d.url) || cameFrom(d, answers.get(d.tabId))) return committed(d);
  // A document may be told of before the response that it came from: often in Firefox, on a busy machine in Chromium.
  early.set(d.tabId, d);
  if (FIREFOX) setTimeout(() => early.get(d.tabId) === d && committed(d), LATE_MS);
  else committed(d);
});

async function committed(d) {
  const last = answers.get(d.tabId);
  let answer = cameFrom(d, last) ? last : undefined;
  // A failure of another page may be of the next one: a load that came to nothing is told of as such. To forget any other answer costs
  // a look into the page.
  if (answer || last?.status < 500 || last?.drawn) answers.delete(d.tabId);
  if (answer && isInDoubt(d, answer)) {
    early.set(d.tabId, d);
    const says = await inject(d.tabId, d.documentId, readStatus).catch(() => 0);
    if (early.get(d.tabId) !== d) return;
    if (says && says !== answer.status) answer = undefined;
    else early.delete(d.tabId);
  }
  let { status } = answer ?? {};
  if (answer) {
    if (answer.drawn) return;
    if (answer.status >= 500) return send('shown', d);
  } else if (/^https?:/.test(d.url)) {
    // No response was announced: a service worker's answer, or a page from the past. Ask the page itself.
    status = await inject(d.tabId, d.documentId, readStatus).catch(() => -1);
    // Announced in the meantime, or another document is there.
    if (early.get(d.tabId) !== d) return;
    // No script may enter the browser's own page over a failure that is a case already: Firefox takes away what broke off.
    if (status < 0 && samePage(failures.get(d.tabId) ?? '', d.url)) return;
    if (status >= 500) {
      failures.set(d.tabId, d.url);
      return send('unannounced', { ...d, status });
    }
  }
  // Another page may have come meanwhile, or another answer to this one: what is told of those is told of the tab.
  const concerned = await concerns(d.tabId);
  if (concerned && commits.get(d.tabId) === d && !cameFrom(d, answers.get(d.tabId))) send('shown', { ...d, status });
}

// --- tabs, windows, time ---

const tellOf = async (kind, tabId) => (await concerns(tabId)) && send(kind, { tabId });
chrome.tabs.onActivated.addListener(({ tabId }) => tellOf('visited', tabId));
chrome.tabs.onRemoved.addListener((tabId) => {
  for (const known of [answers, commits, early, failures, guesses]) known.delete(tabId);
  tellOf('closed', tabId);
});

// Firefox for Android has no windows.
chrome.windows?.onFocusChanged.addListener(async (windowId) => {
  if (windowId === chrome.windows.WINDOW_ID_NONE || (waiting.length === 0 && (await failing).size === 0)) return;
  const [tab] = await chrome.tabs.query({ active: true, windowId }).catch(() => []);
  if (!tab || !(await concerns(tab.id))) return;
  send('visited', { tabId: tab.id });
  // The event may come before the window counts as focused; a case that is announced by now stays as it is.
  setTimeout(() => send('visited', { tabId: tab.id }), SETTLED_MS);
});

// The popup that asked for it is closed by then, in Firefox: its case is written down.
const has = (name, { permissions }) => permissions?.includes(name);
chrome.permissions.onAdded.addListener((p) => has('proxy', p) && send('do', { action: 'past-proxy-allowed' }));

chrome.alarms.onAlarm.addListener(({ name }) => send(name, {}));

// --- sites that are watched until they are back ---

// Alarms may not outlive the browser, nor an update, nor that we are turned off for a while; the list does.
const recall = async () => (await chrome.storage.local.get('watches')).watches?.length && send('watches', {});
chrome.runtime.onStartup.addListener(recall);
chrome.runtime.onInstalled.addListener(recall);
chrome.alarms.get('watches').then((alarm) => alarm || recall());

// --- the test without other extensions ---

chrome.permissions.onAdded.addListener((p) => has('management', p) && send('granted', {}));
chrome.permissions.onRemoved.addListener((p) => has('management', p) && send('withdrawn', {}));

const watched = () => engine && send('watched', { on: hands.watched() });

// --- popup, card, details ---

chrome.runtime.onConnect.addListener(async (port) => {
  const own = port.sender?.url?.startsWith(chrome.runtime.getURL(''));
  if (port.sender?.id !== chrome.runtime.id || (!own && port.name !== 'card')) return port.disconnect();
  // A card speaks for its own tab and nothing else; our own pages say what they want.
  port.wants = own ? undefined : { tab: port.sender.tab.id };
  popups += port.name === 'popup';
  port.onDisconnect.addListener(() => {
    ports.delete(port);
    watched();
  });
  port.onMessage.addListener((message) => {
    if (own && message.want) port.wants = { ...port.wants, ...message.want };
    if (!port.wants) return;
    ports.add(port);
    if (message.do) send('do', { action: message.do, card: !own, ...port.wants });
    // What has ended is on screen. Only what comes next wakes the engine.
    else if (engine || !message.ended) open(port);
    if (own) watched();
  });
});

async function open(port) {
  const { desk } = await chrome.storage.session.get('desk').catch(() => ({}));
  if (engine || desk || !ABOUT_A_TAB.has(port.name)) show(port);
  else port.postMessage({ none: true });
}

// What a crash has left off is put back: the listeners of onStartup start this worker together with the browser.
chrome.storage.local.get('off').then(({ off }) => off && shell(), () => {});
chrome.storage.session.get('busy').then(({ busy }) => busy && shell(), () => {});
