import { connect, press, sayWords } from './desk.js';

sayWords();
const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
let face;

// News of a site that is back, where there was no permission to notify: seen now.
async function news() {
  const [news, usual] = [await chrome.action.getTitle({}), chrome.i18n.getMessage('action_title')];
  if (news === usual) return;
  document.querySelector('#nothing h1').textContent = news;
  chrome.action.setTitle({ title: usual });
  chrome.action.setBadgeText({ text: '' });
}

// Whether the browser keeps this page from us: without access there is neither a failure nor the tab's address to be told of.
const everywhere = { origins: ['<all_urls>'] };
const allowed = (wanted) => chrome.permissions.contains(wanted).catch(() => true);
const isBlind = async () => !(await allowed(everywhere)) && !(tab.url && (await allowed({ origins: [tab.url] })));

// Firefox closes the popup when it asks.
document.getElementById('access').onclick = () => chrome.permissions.request(everywhere).then((given) => given && window.close(), () => {});

async function nothing() {
  const blind = await isBlind();
  // A case may have come meanwhile.
  if (!document.getElementById('faultline').hidden) return;
  document.getElementById('blind').hidden = !blind;
  document.getElementById('nothing').hidden = blind;
  if (!blind) news();
}

const background = connect('popup', { tab: tab.id }, (message) => {
  // A case that is no more went while the background was stopped: the page was left, or its tab.
  if (message.gone || (message.none && document.querySelector('[data-case]'))) return window.close();
  document.getElementById('faultline').hidden = Boolean(message.none);
  if (message.none) return nothing();
  document.getElementById('nothing').hidden = document.getElementById('blind').hidden = true;
  face = message;
  globalThis.faultlinePaint(document.body, face.tree);
});

// By itself: the background may be stopped when another tab is turned to. Its own may be told of as turned to after it has opened.
chrome.tabs.onActivated.addListener(({ tabId, windowId }) => tabId !== tab.id && windowId === tab.windowId && window.close());

press(document.body, () => face.copy, async (action) => {
  await background.do(action);
  // These open a page, or leave nothing to show.
  if (!/^(again|past-proxy-wanted|watch|unwatch|off(-(begin|cancel|again|refused))?|private(-(yes|no))?)$/.test(action)) window.close();
});
