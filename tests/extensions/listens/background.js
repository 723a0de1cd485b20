// The least that a listener can do: what is measured of it is the browser's own work.
chrome.webRequest.onSendHeaders.addListener(() => {}, { urls: ['http://*/*', 'https://*/*'], types: ['main_frame'] });
