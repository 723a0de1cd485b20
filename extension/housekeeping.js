// What the browser tells that is about no page: a click on a notification, settings from another browser, the first start. None of it
// wakes the WebAssembly.

// A notification is read over any other window: the one with the page comes to the front.
const inFront = ({ windowId }) => chrome.windows?.update(windowId, { focused: true });
function opened(id) {
  if (/^https?:/.test(id)) chrome.tabs.create({ url: id }).then(inFront);
  // That tab may be closed by now.
  if (id.startsWith('tab:')) chrome.tabs.update(Number(id.slice(4)), { active: true }).then(inFront, () => {});
  chrome.notifications.clear(id);
}

const listen = () => chrome.notifications?.onClicked.addListener(opened);
listen();
chrome.permissions.onAdded.addListener(listen);

// Another browser of the same account: what may travel is taken over where the visitor wants it.
chrome.storage.sync?.onChanged.addListener(async ({ settings: change }) => {
  const { settings } = await chrome.storage.local.get('settings');
  if (settings?.sync && change?.newValue) await chrome.storage.local.set({ settings: { ...settings, ...change.newValue } });
});

// The first page, once. A developer who loads the extension has something else in front.
chrome.runtime.onInstalled.addListener(({ reason, temporary }) => {
  if (reason !== 'install') return;
  // Firefox says so. Chromium gives what comes from its store an address for updates. To ask `chrome.management` would leave this worker without
  // the rest of it, even after the visitor has given that permission.
  const loaded = temporary ?? !chrome.runtime.getManifest().update_url;
  chrome.tabs.create({ url: chrome.runtime.getURL('extension/welcome.html'), active: !loaded });
});
